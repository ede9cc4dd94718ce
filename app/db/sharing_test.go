package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
)

// sqlitePath asks the database for its file.
func sqlitePath(t testing.TB, d *db.DB) (path string) {
	t.Helper()
	must(t, d.Read(context.Background()).Raw("SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path).Error)
	return path
}

func reopen(t testing.TB, path string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), db.Options{Path: path})
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	return d
}

func TestWriterPoolIsSharedFairlyWithALibrary(t *testing.T) {
	t.Parallel()
	d := sqlite(t)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for g := range int64(20) {
		wg.Go(func() {
			for n := int64(0); ctx.Err() == nil; n++ {
				if err := d.Write(context.Background(), adds(g<<32|n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	soon(t, func() {
		for n := range 50 {
			start := time.Now()
			tx, err := d.SQL().BeginTx(t.Context(), &sql.TxOptions{})
			must(t, err)
			_, err = tx.ExecContext(t.Context(), "INSERT INTO items VALUES (?, 2, NULL)", n)
			must(t, err)
			must(t, tx.Commit())
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("a library waited %v for the writer", took)
			}
		}
	})
	cancel()
	wg.Wait()
}

func TestReadersCannotWriteAndDoNotWait(t *testing.T) {
	t.Parallel()
	d := sqlite(t)
	if err := add(d.Read(t.Context()), 1, 1); err == nil {
		t.Error("a reader wrote")
	}
	must(t, d.Write(t.Context(), func(tx *gorm.DB) error {
		if err := add(tx, 1, 1); err != nil {
			return err
		}
		wantIDs(t, d) // not committed, and not held up
		return nil
	}))
	wantIDs(t, d, 1)
}

func TestSameQueryRunsInsideItself(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		must(t, d.Write(t.Context(), func(tx *gorm.DB) error {
			for id := range int64(3) {
				if err := add(tx, id, 1); err != nil {
					return err
				}
			}
			return nil
		}))
		const q = "SELECT id FROM items WHERE part = ? ORDER BY id"
		outer, err := d.Read(t.Context()).Raw(q, 1).Rows()
		must(t, err)
		defer func() { must(t, outer.Close()) }()
		n := 0
		for outer.Next() {
			var inner []int64
			must(t, d.Read(t.Context()).Raw(q, 1).Scan(&inner).Error)
			n += len(inner)
		}
		must(t, outer.Err())
		if n != 9 {
			t.Errorf("%d rows, want 9", n)
		}
	})
}

func TestOneConnectionRunsAQueryInsideItself(t *testing.T) {
	t.Parallel()
	d := sqlite(t)
	must(t, d.Write(t.Context(), adds(1)))
	must(t, d.Read(t.Context()).Connection(func(conn *gorm.DB) error {
		for range 3 { // from the cache, then beside it while the cached statement is in use
			inside(t, conn, func() {
				var n int64
				must(t, conn.Raw("SELECT id FROM items WHERE part = ?", 1).Scan(&n).Error)
				if n != 1 {
					t.Errorf("inner = %d", n)
				}
			})
		}
		inside(t, conn, func() { // more statements than are kept: the one in use is let go last
			for n := range 600 {
				must(t, conn.Raw(fmt.Sprintf("SELECT %d", n)).Scan(new(int)).Error)
			}
		})
		return nil
	}))
}

// inside runs fn while rows of a query are open.
func inside(t *testing.T, conn *gorm.DB, fn func()) {
	t.Helper()
	rows, err := conn.Raw("SELECT id FROM items WHERE part = ?", 1).Rows()
	must(t, err)
	defer func() { must(t, rows.Close()) }()
	fn()
	if !rows.Next() || rows.Next() {
		t.Error("the outer query lost its row")
	}
	must(t, rows.Err())
}

func TestCancelledReadEnds(t *testing.T) {
	t.Parallel()
	d := sqlite(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	soon(t, func() {
		var n int64
		err := d.Read(ctx).Raw("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c) SELECT count(*) FROM c").Scan(&n).Error
		if err == nil {
			t.Error("no error")
		}
	})
	must(t, d.Ping(t.Context()))
}

func TestPathMayHoldAnyCharacter(t *testing.T) {
	t.Parallel()
	d := reopen(t, filepath.Join(t.TempDir(), "回音 desk?x=1#a%20b&c.db"))
	withItems(t, d)
	if got := filepath.Base(sqlitePath(t, d)); got != "回音 desk?x=1#a%20b&c.db" {
		t.Errorf("file = %s", got)
	}
}

func TestCloseFinishesWhatWaitsAndRefusesTheRest(t *testing.T) {
	t.Parallel()
	d := sqlite(t)
	var mu sync.Mutex
	var acked []int64
	var wg sync.WaitGroup
	for id := range int64(200) {
		wg.Go(func() {
			switch err := d.Write(context.Background(), adds(id)); {
			case err == nil:
				mu.Lock()
				acked = append(acked, id)
				mu.Unlock()
			case !errors.Is(err, db.ErrClosed):
				t.Error(err)
			}
		})
	}
	must(t, d.Write(t.Context(), adds(1000)))
	path := sqlitePath(t, d)
	soon(t, func() { must(t, d.Close()); wg.Wait() })
	wantErr(t, d.Write(context.Background(), adds(2000)), db.ErrClosed)
	wantErr(t, d.Ping(context.Background()), db.ErrClosed)
	slices.Sort(acked)
	wantIDs(t, reopen(t, path), append(acked, 1000)...)
}
