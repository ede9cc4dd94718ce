package db_test

import (
	"slices"
	"sync"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

func TestHooksRunInOrderBeforeWriteReturnsAndSeeTheCommit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		var got []string
		must(t, d.Write(t.Context(), func(tx *gorm.DB) error {
			db.After(tx, func() { got = append(got, "first"); wantIDs(t, d, 1) })
			db.After(tx, func() { got = append(got, "second") })
			return add(tx, 1, 1)
		}))
		if want := []string{"first", "second"}; !slices.Equal(got, want) {
			t.Errorf("hooks = %v, want %v", got, want)
		}
	})
}

func TestPanicInAHookHarmsNobody(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		after := false
		must(t, d.Write(t.Context(), func(tx *gorm.DB) error {
			db.After(tx, func() { panic("in a hook; this log line belongs to the test") })
			db.After(tx, func() { after = true })
			return nil
		}))
		if !after {
			t.Error("the next hook did not run")
		}
		must(t, d.Write(t.Context(), func(*gorm.DB) error { return nil }))
	})
}

func TestHooksRunInTheOrderOfTheCommitsOnSQLite(t *testing.T) {
	t.Parallel()
	d := sqlite(t)
	const writers, each = 20, 50
	var order []int64 // of the committer's goroutine
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				err := d.Write(t.Context(), func(tx *gorm.DB) error {
					var n int64
					err := tx.Raw("UPDATE counters SET n = n + 1 WHERE name = 'ticket' RETURNING n").Scan(&n).Error
					db.After(tx, func() { order = append(order, n) })
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if len(order) != writers*each || !slices.IsSorted(order) {
		t.Errorf("%d hooks, sorted: %v", len(order), slices.IsSorted(order))
	}
}

func TestAfterOutsideAWritePanics(t *testing.T) {
	t.Parallel()
	d := sqlite(t)
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	db.After(d.Read(t.Context()), func() {})
}
