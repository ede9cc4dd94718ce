package db_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/db"
)

var errOwn = errors.New("the function's own error")

func TestWriteIsSeenByReadWhenItReturns(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		must(t, d.Write(t.Context(), func(tx *gorm.DB) error { return add(tx, 1, 1) }))
		wantIDs(t, d, 1)
	})
}

func TestWriteThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		hook := false
		err := d.Write(t.Context(), func(tx *gorm.DB) error {
			db.After(tx, func() { hook = true })
			return errors.Join(add(tx, 1, 1), errOwn)
		})
		wantErr(t, err, errOwn)
		wantIDs(t, d)
		if hook {
			t.Error("the hook of a failed write ran")
		}
	})
}

func TestWriteThatPanicsFailsAloneAndTellsWhere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		err := d.Write(t.Context(), func(tx *gorm.DB) error {
			if err := add(tx, 1, 1); err != nil {
				return err
			}
			panic("boom")
		})
		var p *db.PanicError
		if !errors.As(err, &p) || !strings.Contains(string(p.Stack), "TestWriteThatPanics") {
			t.Fatalf("error = %v", err)
		}
		must(t, d.Write(t.Context(), func(tx *gorm.DB) error { return add(tx, 2, 1) }))
		wantIDs(t, d, 2)
	})
}

func TestWriteInsideWriteIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		inner := func(*gorm.DB) error { return errors.New("ran") }
		var inFn, inHook error
		soon(t, func() {
			must(t, d.Write(t.Context(), func(tx *gorm.DB) error {
				db.After(tx, func() { inHook = d.Write(t.Context(), inner) })
				inFn = d.Write(t.Context(), inner) // the outer context, as a service would pass it
				return nil
			}))
		})
		for _, err := range []error{inFn, inHook} {
			if err == nil || !strings.Contains(err.Error(), "Write inside a Write") {
				t.Errorf("error = %v", err)
			}
		}
	})
}

func TestTxIsDeadAfterItsWrite(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		var kept *gorm.DB
		must(t, d.Write(t.Context(), func(tx *gorm.DB) error { kept = tx; return nil }))
		var late error
		var row struct{ ID int64 }
		must(t, d.Write(t.Context(), func(*gorm.DB) error {
			late = errors.Join(add(kept, 1, 1), kept.Raw("SELECT 1 AS id").Scan(&row).Error)
			var n int64
			late = errors.Join(late, kept.Raw("SELECT 1").Row().Scan(&n))
			return nil
		}))
		if n := strings.Count(late.Error(), "Write has ended"); n != 3 {
			t.Fatalf("error = %v", late)
		}
		wantIDs(t, d)
	})
}

func TestFailedStatementFailsTheWriteEvenWhenItsErrorIsDropped(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		err := d.Write(t.Context(), func(tx *gorm.DB) error {
			if err := add(tx, 1, 1); err != nil {
				return err
			}
			_ = add(tx, 1, 1) // breaks the primary key
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), "a statement failed and the write went on") {
			t.Fatalf("error = %v", err)
		}
		wantIDs(t, d)
	})
}

func TestNestedTransactionUndoesItsFailedStatementAlone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		must(t, d.Write(t.Context(), func(tx *gorm.DB) error {
			if err := add(tx, 1, 1); err != nil {
				return err
			}
			err := tx.Transaction(func(tx *gorm.DB) error {
				return errors.Join(add(tx, 2, 1), add(tx, 1, 1))
			})
			wantErr(t, err, gorm.ErrDuplicatedKey)
			return add(tx, 3, 1)
		}))
		wantIDs(t, d, 1, 3)
	})
}

func TestOnlyWriteEndsItsTransaction(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		must(t, d.Write(t.Context(), func(tx *gorm.DB) error {
			for _, err := range []error{tx.Commit().Error, tx.Rollback().Error} {
				if err == nil || !strings.Contains(err.Error(), "only Write ends") {
					t.Errorf("error = %v", err)
				}
			}
			return nil
		}))
	})
}

func TestErrorsAreTranslatedAlike(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		must(t, d.Write(t.Context(), func(tx *gorm.DB) error {
			return errors.Join(
				tx.Exec("CREATE TABLE parents (id BIGINT PRIMARY KEY)").Error,
				tx.Exec("CREATE TABLE children (id BIGINT PRIMARY KEY, parent BIGINT REFERENCES parents (id), age BIGINT CHECK (age > 0))").Error,
				tx.Exec("INSERT INTO parents VALUES (1)").Error, tx.Exec("INSERT INTO items VALUES (1, 1, 'x')").Error)
		}))
		for query, want := range map[string]error{
			"INSERT INTO parents VALUES (1)":           gorm.ErrDuplicatedKey,
			"INSERT INTO items VALUES (2, 1, 'x')":     gorm.ErrDuplicatedKey,
			"INSERT INTO children VALUES (1, 2, NULL)": gorm.ErrForeignKeyViolated,
			"INSERT INTO children VALUES (1, 1, 0)":    gorm.ErrCheckConstraintViolated,
		} {
			err := d.Write(t.Context(), func(tx *gorm.DB) error { return tx.Exec(query).Error })
			if !errors.Is(err, want) {
				t.Errorf("%s: error = %v, want %v", query, err, want)
			}
		}
	})
}

func TestContextThatEndedBeforeItsTurnRunsNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := d.Write(ctx, func(*gorm.DB) error { t.Error("ran"); return nil })
		wantErr(t, err, context.Canceled)
	})
}

// What a write changes is kept so that it alone can be undone, however much it is.
func TestAWriteMayChangeManyMegabytesAndBeUndoneAlone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		blob := "BLOB"
		if d.Dialect() == db.Postgres {
			blob = "BYTEA"
		}
		run := func(text string, args ...any) {
			t.Helper()
			must(t, d.Write(t.Context(), func(tx *gorm.DB) error { return tx.Exec(text, args...).Error }))
		}
		run(`CREATE TABLE large (id BIGINT PRIMARY KEY, content ` + blob + `)`)
		for i := range 12 {
			run(`INSERT INTO large (id, content) VALUES (?, ?)`, i, make([]byte, 1<<20))
		}
		left := func() (n int) {
			must(t, d.Read(t.Context()).Raw(`SELECT COUNT(*) FROM large`).Row().Scan(&n))
			return n
		}
		err := d.Write(t.Context(), func(tx *gorm.DB) error {
			return errors.Join(tx.Exec(`DELETE FROM large WHERE id < 10`).Error, errOwn)
		})
		if wantErr(t, err, errOwn); left() != 12 {
			t.Errorf("%d rows are left of 12", left())
		}
		if run(`DELETE FROM large WHERE id < 10`); left() != 2 {
			t.Errorf("%d rows are left, want 2", left())
		}
	})
}
