package db_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/db"
)

// together runs functions as one batch: a first write holds the committer until the others wait in its queue.
func together(t *testing.T, d *db.DB, fns ...func(tx *gorm.DB) error) []error {
	t.Helper()
	errs := make([]error, len(fns))
	started, free := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = d.Write(t.Context(), func(*gorm.DB) error {
			once.Do(func() { close(started) })
			<-free
			return nil
		})
	})
	<-started
	for i, fn := range fns {
		wg.Go(func() { errs[i] = d.Write(t.Context(), fn) })
		soon(t, func() {
			for db.Queued(d) <= i {
				runtime.Gosched()
			}
		})
	}
	close(free)
	soon(t, wg.Wait)
	return errs
}

func adds(id int64) func(tx *gorm.DB) error {
	return func(tx *gorm.DB) error { return add(tx, id, 1) }
}

func TestStatementErrorInOneRequestLeavesTheOthersOfItsBatch(t *testing.T) {
	t.Parallel()
	d := sqlite(t)
	errs := together(t, d, adds(1), func(tx *gorm.DB) error { return errors.Join(add(tx, 2, 1), add(tx, 2, 1)) }, adds(3))
	if errs[0] != nil || !errors.Is(errs[1], gorm.ErrDuplicatedKey) || errs[2] != nil {
		t.Errorf("errors = %v", errs)
	}
	wantIDs(t, d, 1, 3)
}

func TestBrokenTransactionIsRunAgainOneByOne(t *testing.T) {
	t.Parallel()
	for name, breaker := range map[string]func(t *testing.T, tx *gorm.DB) error{
		// SQLite itself rolls the whole transaction back
		"or rollback": func(_ *testing.T, tx *gorm.DB) error {
			return errors.Join(add(tx, 2, 1), tx.Exec("INSERT OR ROLLBACK INTO items VALUES (2, 1, NULL)").Error)
		},
		"or rollback, error dropped": func(t *testing.T, tx *gorm.DB) error {
			_ = add(tx, 2, 1)
			_ = tx.Exec("INSERT OR ROLLBACK INTO items VALUES (2, 1, NULL)").Error
			if err := add(tx, 9, 1); err == nil { // would have been committed alone
				t.Error("a statement ran after the transaction was gone")
			}
			return nil
		},
		"commits the shared transaction": func(_ *testing.T, tx *gorm.DB) error {
			return errors.Join(add(tx, 2, 1), db.SQLTx(tx).Commit())
		},
		"commits it and says nothing": func(_ *testing.T, tx *gorm.DB) error {
			_, _ = add(tx, 2, 1), db.SQLTx(tx).Commit()
			return nil
		},
		"rolls it back": func(_ *testing.T, tx *gorm.DB) error {
			return errors.Join(add(tx, 2, 1), db.SQLTx(tx).Rollback())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := sqlite(t)
			runs := 0
			errs := together(t, d,
				func(tx *gorm.DB) error { runs++; return add(tx, 1, 1) },
				func(tx *gorm.DB) error { return breaker(t, tx) },
				adds(3))
			if errs[0] != nil || errs[1] == nil || errs[2] != nil {
				t.Errorf("errors = %v", errs)
			}
			if runs != 2 {
				t.Errorf("the first ran %d times, want 2: in the batch and alone", runs)
			}
			wantIDs(t, d, 1, 3)
		})
	}
}

func TestStatementsThatEndTransactionsAreRefused(t *testing.T) {
	t.Parallel()
	d := sqlite(t)
	for _, q := range []string{"ROLLBACK", "rollback;", "-- note\n COMMIT", "/* x */ End Transaction", "BEGIN IMMEDIATE"} {
		err := d.Write(t.Context(), func(tx *gorm.DB) error { return errors.Join(add(tx, 1, 1), tx.Exec(q).Error) })
		if err == nil || !strings.Contains(err.Error(), "only Write ends") {
			t.Errorf("%s: error = %v", q, err)
		}
	}
	wantIDs(t, d)
}

func TestFullDiskFailsTheRequestThatDoesNotFit(t *testing.T) {
	t.Parallel()
	d := sqlite(t)
	var pages int
	must(t, d.SQL().QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages))
	must(t, d.SQL().QueryRowContext(t.Context(), "PRAGMA max_page_count = 200").Scan(&pages))
	errs := together(t, d, adds(1), func(tx *gorm.DB) error {
		return tx.Exec("INSERT INTO items VALUES (2, 1, ?)", strings.Repeat("x", 2<<20)).Error
	}, adds(3))
	if errs[0] != nil || errs[1] == nil || errs[2] != nil {
		t.Errorf("errors = %v", errs)
	}
	wantIDs(t, d, 1, 3)
}

func TestCancelledContextInsideAFunctionCutsNoStatement(t *testing.T) {
	t.Parallel()
	d := sqlite(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	errs := together(t, d, adds(1),
		func(tx *gorm.DB) error { return add(tx.WithContext(ended), 2, 1) },
		func(tx *gorm.DB) error { // a library's statement: not run, and no harm done
			_, err := db.SQLTx(tx).ExecContext(ended, "INSERT INTO items VALUES (3, 1, NULL)")
			wantErr(t, err, context.Canceled)
			return add(tx, 4, 1)
		})
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	wantIDs(t, d, 1, 2, 4)
}

func TestFunctionThatEndsItsGoroutineFailsAlone(t *testing.T) {
	t.Parallel()
	d := sqlite(t)
	errs := together(t, d, adds(1), func(tx *gorm.DB) error { _ = add(tx, 2, 1); runtime.Goexit(); return nil }, adds(3))
	if errs[0] != nil || errs[1] == nil || errs[2] != nil {
		t.Errorf("errors = %v", errs)
	}
	must(t, d.Write(t.Context(), adds(4)))
	wantIDs(t, d, 1, 3, 4)
}

func TestForgottenRowsDoNotHoldTheCommitUp(t *testing.T) {
	t.Parallel()
	d := sqlite(t)
	soon(t, func() {
		must(t, d.Write(t.Context(), func(tx *gorm.DB) error {
			rows, err := tx.Raw("SELECT 1 UNION SELECT 2").Rows() //nolint:sqlclosecheck // forgetting to is the test
			if err == nil {
				rows.Next()
			}
			return err
		}))
	})
	must(t, d.Write(t.Context(), adds(1)))
}
