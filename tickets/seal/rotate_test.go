package seal_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"huiyin/tickets/seal"
)

func (d *desk) rotate(t testing.TB, s *seal.Sealer) {
	t.Helper()
	if err := s.Rotate(context.Background(), nil); err != nil {
		t.Fatalf("Rotate: %v", err)
	}
}

// masters lists the master keys and checks that those that are retired wrap nothing and that the ring holds all.
func (d *desk) masters(t testing.TB, s *seal.Sealer) (keys []seal.MasterKey, inUse int) {
	t.Helper()
	keys, err := s.Keys(context.Background())
	if err != nil {
		t.Fatalf("Keys: %v", err)
	}
	for _, k := range keys {
		if k.RetiredAt == nil {
			inUse++
		} else if k.DataKeys > 0 {
			t.Errorf("master key %d is retired and wraps %d data keys", k.Version, k.DataKeys)
		}
		if !k.InRing {
			t.Errorf("the ring lacks master key %d", k.Version)
		}
	}
	return keys, inUse
}

func TestRotateRewrapsKeysAndTouchesNoValue(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s := d.open(t)
		old, err := os.ReadFile(d.ring)
		if err != nil {
			t.Fatal(err)
		}
		values := d.newValues(t, s, 250)
		hash := s.Hash("email", "a@shop.example")
		var reports []int
		err = s.Rotate(context.Background(), func(done, total int) {
			if total != 252 {
				t.Errorf("of %d data keys, want 252", total)
			}
			reports = append(reports, done)
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(reports) != 4 || reports[0] != 0 || reports[3] != 252 {
			t.Errorf("progress %v, want 0 to 252 in four steps", reports)
		}
		keys, inUse := d.masters(t, s)
		if len(keys) != 2 || inUse != 1 || keys[0].RetiredAt == nil || keys[1].DataKeys != 252 {
			t.Errorf("Keys = %+v, want the first retired", keys)
		}
		again := d.open(t)
		for _, v := range values {
			d.opens(t, s, v)
			d.opens(t, again, v)
		}
		if !bytes.Equal(again.Hash("email", "a@shop.example"), hash) || again.DeskKey() != s.DeskKey() {
			t.Error("the desk's own keys changed")
		}
		// the ring of before opens nothing any more
		put(t, d.ring, string(old))
		if _, err := seal.Open(context.Background(), d.options()); !errors.Is(err, seal.ErrRingWrong) || !strings.Contains(err.Error(), keys[1].Fingerprint.String()) {
			t.Errorf("Open with the old ring: %v, want ErrRingWrong with the wanted fingerprint", err)
		}
	})
}

func TestAServingProcessTakesTheNewMasterKeyByItself(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		serving, command := d.open(t), d.open(t)
		v := d.newValue(t, command, 7, "made before")
		d.rotate(t, command)
		d.opens(t, serving, v) // the row names a master key that this process has never seen
		w := d.newValue(t, serving, 8, "made after")
		if n := d.count(t, d.keysTable()+" WHERE master = 1"); n != 0 {
			t.Errorf("%d data keys under the old master key, want none", n)
		}
		d.rotate(t, serving)
		d.rotate(t, command)
		other := d.open(t)
		for _, s := range []*seal.Sealer{serving, command, other} {
			d.opens(t, s, v)
			d.opens(t, s, w)
			d.opens(t, s, d.newValue(t, s, 9, "made by each"))
		}
		if keys, inUse := d.masters(t, other); len(keys) != 4 || inUse != 1 || keys[3].DataKeys != 7 {
			t.Errorf("Keys = %+v, want all under the fourth", keys)
		}
	})
}

// Each state in which a killed rotation can leave things behind: everything opens, and the next call finishes it.
func TestAnInterruptedRotationGoesOn(t *testing.T) {
	for name, stopAt := range map[string]int{"nothing rewrapped": 0, "some rewrapped": 100, "all rewrapped, not retired": 222} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, d *desk) {
				serving, command := d.open(t), d.open(t)
				values := d.newValues(t, command, 220)
				ctx, cancel := context.WithCancel(context.Background())
				err := command.Rotate(ctx, func(done, _ int) {
					if done >= stopAt {
						cancel()
					}
				})
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("Rotate: %v, want it interrupted", err)
				}
				later := d.open(t)
				if keys, inUse := d.masters(t, later); len(keys) != 2 || inUse != 2 || keys[1].DataKeys != int64(stopAt) {
					t.Errorf("Keys = %+v, want both in use", keys)
				}
				for _, s := range []*seal.Sealer{serving, command, later} {
					values = append(values, d.newValue(t, s, 999, "made meanwhile"))
				}
				if n := d.count(t, d.keysTable()+" WHERE contact_id = 999 AND master = 2"); n != 3 {
					t.Errorf("%d of 3 new data keys are under the new master key", n)
				}
				for _, v := range values {
					d.opens(t, serving, v)
					d.opens(t, later, v)
				}
				d.rotate(t, later)
				if keys, inUse := d.masters(t, later); len(keys) != 2 || inUse != 1 {
					t.Errorf("Keys = %+v, want the rotation finished and no other begun", keys)
				}
				for _, v := range values {
					d.opens(t, d.open(t), v)
				}
			})
		})
	}
}

// Killed after the ring was written and before the database named the key: the next rotation takes that key.
func TestARingThatIsAheadIsTakenUp(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		v := d.newValue(t, d.open(t), 7, "你好")
		ring, err := seal.LoadRing(d.ring)
		if err == nil {
			ring, err = ring.With(made)
		}
		if err == nil {
			err = ring.Replace(d.ring)
		}
		if err != nil {
			t.Fatal(err)
		}
		put(t, d.ring+".new", "a stray copy")
		s := d.open(t)
		d.newValue(t, s, 8, "under a key that the database knows")
		if n := d.count(t, d.keysTable()+" WHERE master = 1"); n != 4 {
			t.Errorf("%d data keys under the first master key, want all 4", n)
		}
		d.rotate(t, s)
		if got, err := seal.LoadRing(d.ring); err != nil || got.Text() != ring.Text() {
			t.Errorf("another key was made; %v", err)
		}
		if _, err := os.Stat(d.ring + ".new"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the stray copy of the ring is still there: %v", err)
		}
		d.opens(t, d.open(t), v)
	})
}
