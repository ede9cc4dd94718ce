package seal_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"gorm.io/gorm"

	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

func TestFirstStartMakesTheKeys(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		s := d.open(t)
		if !s.MadeRing() || s.RingPath() != d.ring || s.DeskKey() == 0 {
			t.Errorf("MadeRing %t, RingPath %s, DeskKey %d", s.MadeRing(), s.RingPath(), s.DeskKey())
		}
		keys, err := s.Keys(context.Background())
		if err != nil || len(keys) != 1 {
			t.Fatalf("Keys = %v, %v, want one", keys, err)
		}
		ring, err := seal.LoadRing(d.ring)
		if err != nil {
			t.Fatal(err)
		}
		if p, _ := ring.Fingerprint(1); keys[0].Fingerprint != p || !keys[0].InRing || keys[0].DataKeys != 2 || keys[0].RetiredAt != nil {
			t.Errorf("Keys = %+v, want the ring's key with two data keys", keys[0])
		}
		v := d.newValue(t, s, 7, "你好")
		hash := s.Hash("email", "a@shop.example")

		again := d.open(t)
		if again.MadeRing() || again.DeskKey() != s.DeskKey() || string(again.Hash("email", "a@shop.example")) != string(hash) {
			t.Error("the second start does not go on with the keys of the first")
		}
		d.opens(t, again, v)
	})
}

// A process was killed after the ring was written and before the database was: the next one takes the ring.
func TestFirstStartTakesARingThatIsThere(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ring, err := seal.CreateRing(d.ring, made)
		if err != nil {
			t.Fatal(err)
		}
		if s := d.open(t); s.MadeRing() {
			t.Error("it made a ring although there was one")
		}
		if got, err := seal.LoadRing(d.ring); err != nil || got.Text() != ring.Text() {
			t.Errorf("the ring changed, %v", err)
		}
	})
}

func TestFirstStartRefusesADamagedRing(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		put(t, d.ring, "huiyin-keyring 1\nkey 1 2026")
		if _, err := seal.Open(context.Background(), d.options()); !errors.Is(err, seal.ErrRingDamaged) {
			t.Errorf("Open: %v, want ErrRingDamaged", err)
		}
		if n := d.count(t, "master_keys"); n != 0 {
			t.Errorf("%d master keys in the database, want none", n)
		}
	})
}

// FILE was restored without FILE.keys: new desk keys would hide that the old ones are lost.
func TestStartWithoutTheDesksDataKeysIsRefused(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(t)
		d.write(t, func(tx *gorm.DB) error {
			return tx.Exec("DELETE FROM "+d.keysTable()+" WHERE purpose = ?", "index").Error
		})
		if _, err := seal.Open(context.Background(), d.options()); !errors.Is(err, seal.ErrKeysMissing) {
			t.Errorf("Open: %v, want ErrKeysMissing", err)
		}
	})
}

func TestStartWithDataKeysButNoMasterKeyIsRefused(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.open(t)
		d.write(t, func(tx *gorm.DB) error { return tx.Exec("DELETE FROM master_keys").Error })
		if _, err := seal.Open(context.Background(), d.options()); err == nil {
			t.Error("Open: no error")
		}
	})
}

func TestProcessesThatStartAtOnceShareTheFirstKeys(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		var wg sync.WaitGroup
		sealers := make([]*seal.Sealer, 6)
		for i := range sealers {
			wg.Go(func() {
				var err error
				if sealers[i], err = seal.Open(context.Background(), d.options()); err != nil {
					t.Errorf("Open: %v", err)
				}
			})
		}
		wg.Wait()
		if t.Failed() {
			return
		}
		if n := d.count(t, "master_keys"); n != 1 {
			t.Errorf("%d master keys, want 1", n)
		}
		made := 0
		for i, s := range sealers {
			if s.MadeRing() {
				made++
			}
			if s.DeskKey() != sealers[0].DeskKey() {
				t.Error("two desk keys")
			}
			v := d.newValue(t, s, id.ID(i+1), "hello")
			d.opens(t, sealers[(i+1)%len(sealers)], v)
		}
		if made != 1 {
			t.Errorf("%d of them made the ring, want 1", made)
		}
	})
}
