package db_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
)

// TestRandomCancellationsUnderLoad: whatever a request's context or function does, it is there whole when Write said
// yes, and not at all when it said no.
func TestRandomCancellationsUnderLoad(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		const writers = 40
		requests := int64(4000)
		if d.Dialect() == db.Postgres {
			requests = 1000 // each cancelled statement costs a connection there
		}
		var next, said atomic.Int64
		var mu sync.Mutex
		acked := map[int64]bool{}
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				for id := next.Add(1); id <= requests; id = next.Add(1) {
					if misbehave(t, d, id) {
						said.Add(1)
						mu.Lock()
						acked[id] = true
						mu.Unlock()
					}
				}
			})
		}
		wg.Wait()
		parts := map[int64]int{}
		for _, id := range ids(t, d) {
			parts[id]++
		}
		for id := int64(1); id <= requests; id++ {
			if want := map[bool]int{true: 2}[acked[id]]; parts[id] != want {
				t.Errorf("request %d: acked %v, %d parts of 2", id, acked[id], parts[id])
			}
		}
		if n := said.Load(); n < requests/10 || n > requests*9/10 {
			t.Errorf("%d of %d requests succeeded: the test does not test", n, requests)
		}
		must(t, d.Write(t.Context(), adds(-1)))
	})
}

// misbehave writes two rows in one of several ways and tells whether Write said yes.
func misbehave(t *testing.T, d *db.DB, id int64) (acked bool) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if rand.N(2) == 0 {
		defer time.AfterFunc(rand.N(4*time.Millisecond), cancel).Stop()
	}
	way := rand.N(8)
	err := d.Write(ctx, func(tx *gorm.DB) error {
		if way == 0 {
			tx = tx.WithContext(ctx)
		}
		if err := add(tx, id, 1); err != nil {
			return err
		}
		switch way {
		case 1:
			return errOwn
		case 2:
			panic("on purpose")
		case 3:
			if err := add(tx, id, 1); err != nil { // breaks the primary key
				return err
			}
		case 4: // undone alone
			_ = tx.Transaction(func(tx *gorm.DB) error { return errors.Join(add(tx, id, 3), add(tx, id, 3)) })
		case 5:
			if d.Dialect() == db.SQLite && rand.N(20) == 0 {
				return tx.Exec("INSERT OR ROLLBACK INTO items VALUES (?, 1, NULL)", id).Error
			}
		}
		return add(tx, id, 2)
	})
	return err == nil
}
