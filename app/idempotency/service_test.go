package idempotency_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/idempotency"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

var bg = context.Background()

type rig struct {
	*idempotency.Service
	db     *db.DB
	sealer *seal.Sealer
	ids    *id.Maker
	now    time.Time
}

// other is the service of another node. On SQLite there is one node, so it is the same.
func (r *rig) other() *idempotency.Service {
	if r.db.Dialect() == db.SQLite {
		return r.Service
	}
	return r.service()
}

func (r *rig) service() *idempotency.Service {
	store := tickets.Store{Write: r.db.Write, Read: r.db.Read, After: db.After}
	return idempotency.New(store, r.sealer, r.ids, func() time.Time { return r.now })
}

func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		t.Parallel()
		ids := id.NewMaker(1, time.Now)
		r := &rig{db: database, ids: ids, now: time.Now()}
		var err error
		r.sealer, err = seal.Open(bg, seal.Options{
			DB: seal.Store{Write: database.Write, Read: database.Read}, RingPath: filepath.Join(t.TempDir(), "ring"), Now: time.Now, NewID: ids.Next,
		})
		ok(t, err)
		r.Service = r.service()
		fn(t, r)
	})
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// counted is work that writes a row each time it is done.
func (r *rig) counted(body string, who, key id.ID) func(tx *gorm.DB) (idempotency.Answer, error) {
	return func(tx *gorm.DB) (idempotency.Answer, error) {
		err := tx.Exec("UPDATE leases SET fence = fence + 1 WHERE name = 'test'").Error
		return idempotency.Answer{Status: 201, Body: []byte(body), Contact: who, KeyID: key}, err
	}
}

func (r *rig) count(t *testing.T) (n int64) {
	t.Helper()
	ok(t, r.db.Write(bg, func(tx *gorm.DB) error {
		return tx.Raw("SELECT fence FROM leases WHERE name = 'test'").Scan(&n).Error
	}))
	return n
}

func TestACallIsDoneOnceHoweverOftenItComes(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		ok(t, r.db.Write(bg, func(tx *gorm.DB) error {
			return tx.Exec("INSERT INTO leases (name, holder, until, fence) VALUES ('test', '', 0, 0)").Error
		}))
		call := idempotency.Call{Token: 1, Key: "k", Request: []byte("a")}
		nodes := []*idempotency.Service{r.Service, r.other()}
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				got, err := nodes[i%2].Do(bg, call, r.counted("one", 0, 0))
				for fault.Is(err, fault.Conflict) { // it is at work
					got, err = nodes[i%2].Do(bg, call, r.counted("one", 0, 0))
				}
				if err != nil || string(got.Body) != "one" || got.Status != 201 {
					t.Errorf("%v %v", got, err)
				}
			})
		}
		wg.Wait()
		if n := r.count(t); n != 1 {
			t.Errorf("done %d times", n)
		}
		other := call
		other.Request = []byte("b")
		if _, err := r.Do(bg, other, r.counted("two", 0, 0)); !fault.Is(err, fault.Invalid) {
			t.Errorf("another request: %v", err)
		}
		r.now = r.now.Add(idempotency.Kept)
		got, err := r.Do(bg, other, r.counted("two", 0, 0))
		ok(t, err)
		if string(got.Body) != "two" || r.count(t) != 2 {
			t.Errorf("after a day: %v", got)
		}
	})
}

func TestACallThatFailsLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		call := idempotency.Call{Token: 1, Key: "k", Request: []byte("a")}
		bad := errors.New("bad")
		if _, err := r.Do(bg, call, func(*gorm.DB) (idempotency.Answer, error) { return idempotency.Answer{}, bad }); !errors.Is(err, bad) {
			t.Errorf("%v", err)
		}
		got, err := r.Do(bg, call, r.counted("one", 0, 0))
		ok(t, err)
		if got.Again {
			t.Error("a call that failed was kept")
		}
	})
}

func TestTheAnswerOfAnErasedPersonIsGone(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		var key id.ID
		ok(t, r.db.Write(bg, func(tx *gorm.DB) (err error) {
			key, err = r.sealer.NewContactKey(tx, 7)
			return err
		}))
		call := idempotency.Call{Token: 1, Key: "k", Request: []byte("a")}
		_, err := r.Do(bg, call, r.counted("hers", 7, key))
		ok(t, err)
		ok(t, r.db.Write(bg, func(tx *gorm.DB) error { return r.sealer.DropContactKeys(tx, 7) }))
		if _, err := r.Do(bg, call, r.counted("hers", 7, key)); !fault.Is(err, fault.Conflict) {
			t.Errorf("%v", err)
		}
		ok(t, r.db.Write(bg, func(tx *gorm.DB) error { return idempotency.Forget(tx, []id.ID{7}) }))
		var n int64
		ok(t, r.db.Read(bg).Table("idempotency_keys").Count(&n).Error)
		if n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

func TestOldAnswersAreSweptAway(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		for _, key := range []string{"a", "b", "c"} {
			_, err := r.Do(bg, idempotency.Call{Token: 1, Key: key}, r.counted("x", 0, 0))
			ok(t, err)
		}
		r.now = r.now.Add(idempotency.Kept + time.Millisecond)
		_, err := r.Do(bg, idempotency.Call{Token: 1, Key: "new"}, r.counted("x", 0, 0))
		ok(t, err)
		ok(t, r.Sweep(bg))
		var n int64
		ok(t, r.db.Read(bg).Table("idempotency_keys").Count(&n).Error)
		if n != 1 {
			t.Errorf("%d rows are left, want the new one", n)
		}
	})
}
