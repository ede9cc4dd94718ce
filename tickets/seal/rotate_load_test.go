package seal_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// A transaction that has written a data key under the old master key is still open when the rotation ends its round.
func TestRotateWaitsForTransactionsUnderTheOldKey(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		serving, command := d.open(t), d.open(t)
		written, release := make(chan struct{}), make(chan struct{})
		var key id.ID
		var wg sync.WaitGroup
		wg.Go(func() {
			var once sync.Once
			d.write(t, func(tx *gorm.DB) (err error) {
				key, err = serving.NewContactKey(tx, 7)
				once.Do(func() { close(written) })
				<-release
				return err
			})
		})
		<-written
		wg.Go(func() { d.rotate(t, command) })
		hold := 100 * time.Millisecond
		if d.db.Dialect() == db.Postgres {
			hold = 2500 * time.Millisecond // longer than the rotation waits for a lock
		}
		time.Sleep(hold)
		close(release)
		wg.Wait()
		if n := d.count(t, d.keysTable()+" WHERE master < 2"); n != 0 {
			t.Errorf("%d data keys are left under the old master key", n)
		}
		if _, inUse := d.masters(t, command); inUse != 1 {
			t.Errorf("%d master keys in use, want 1", inUse)
		}
		if _, err := d.open(t).SealText(d.read(), key, "messages", "body", 1, "x"); err != nil {
			t.Errorf("SealText: %v", err)
		}
	})
}

func TestTwoRotationsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		a, b := d.open(t), d.open(t)
		values := d.newValues(t, a, 250)
		var wg sync.WaitGroup
		wg.Go(func() { d.rotate(t, a) })
		wg.Go(func() { d.rotate(t, b) })
		wg.Wait()
		last := d.open(t)
		if keys, inUse := d.masters(t, last); inUse != 1 || len(keys) > 3 || keys[len(keys)-1].DataKeys != 252 {
			t.Errorf("Keys = %+v, want all under the newest", keys)
		}
		for _, v := range values {
			d.opens(t, last, v)
		}
	})
}

// Contacts come, write, are read and erased in two processes while a third rotates again and again.
func TestEveryValueOpensWhileKeysRotate(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		first := d.open(t)
		work := &workload{d: d, values: d.newValues(t, first, 200)}
		var wg sync.WaitGroup
		for n := range 4 {
			s := first
			if n%2 == 1 {
				s = d.open(t)
			}
			wg.Go(func() {
				for ctx.Err() == nil {
					work.step(t, s)
				}
			})
		}
		rotations := 0
		for command := d.open(t); ctx.Err() == nil; rotations++ {
			d.rotate(t, command)
		}
		wg.Wait()
		last := d.open(t)
		for _, v := range work.values {
			d.opens(t, last, v)
		}
		if keys, inUse := d.masters(t, last); inUse != 1 || len(keys) != rotations+1 {
			t.Errorf("%d master keys, %d in use, after %d rotations", len(keys), inUse, rotations)
		}
		t.Logf("%d rotations, %d values", rotations, len(work.values))
	})
}

// workload is what people do to a desk.
type workload struct {
	d      *desk
	mu     sync.Mutex
	values []value
}

func (w *workload) add(v value) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.values = append(w.values, v)
}

func (w *workload) step(t *testing.T, s *seal.Sealer) {
	contact := id.ID(1_000_000 + rand.Int64N(1<<40))
	v := w.d.newValue(t, s, contact, "hello")
	switch rand.IntN(4) {
	case 0: // erased again
		w.d.write(t, func(tx *gorm.DB) error { return s.DropContactKeys(tx, contact) })
		if _, err := s.OpenText(w.d.read(), "messages", "body", v.row, v.sealed); !errors.Is(err, seal.ErrErased) {
			t.Errorf("OpenText: %v, want ErrErased", err)
		}
	case 1: // merged
		w.d.write(t, func(tx *gorm.DB) error { return s.GiveKeys(tx, contact, contact+1) })
		w.add(v)
	default:
		w.add(v)
	}
	w.d.clock.advance(time.Second) // keys leave the caches
	for range 5 {
		w.mu.Lock()
		v := w.values[rand.IntN(len(w.values))]
		w.mu.Unlock()
		w.d.opens(t, s, v)
	}
}
