package db_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

func postgres(t *testing.T) *db.DB {
	t.Helper()
	d := dbtest.Open(t, db.Postgres)
	withItems(t, d)
	return d
}

func TestPgxTxIsTheSameTransaction(t *testing.T) {
	t.Parallel()
	d := postgres(t)
	for _, fail := range []error{errOwn, nil} {
		err := d.Write(t.Context(), func(tx *gorm.DB) error {
			p, err := db.PgxTx(tx)
			must(t, err)
			ctx := tx.Statement.Context
			_, err = p.Exec(ctx, "INSERT INTO items VALUES (1, 1, NULL)")
			must(t, err)
			_, err = p.CopyFrom(ctx, pgx.Identifier{"items"}, []string{"id", "part"}, pgx.CopyFromRows([][]any{{2, 1}}))
			must(t, err)
			var n int64 // gorm sees what pgx wrote
			must(t, tx.Model(&item{}).Count(&n).Error)
			if n != 2 {
				t.Errorf("%d rows, want 2", n)
			}
			return errors.Join(add(tx, 3, 1), fail)
		})
		wantErr(t, err, fail)
		if fail != nil {
			wantIDs(t, d)
		}
	}
	wantIDs(t, d, 1, 2, 3)
}

func TestPgxTxNestsBySavepoints(t *testing.T) {
	t.Parallel()
	d := postgres(t)
	must(t, d.Write(t.Context(), func(tx *gorm.DB) error {
		p, err := db.PgxTx(tx)
		must(t, err)
		ctx := tx.Statement.Context
		for id, keep := range []bool{true, false, true} {
			inner, err := p.Begin(ctx)
			must(t, err)
			_, err = inner.Exec(ctx, "INSERT INTO items VALUES ($1, 1, NULL)", id)
			must(t, err)
			if keep {
				must(t, inner.Commit(ctx))
			} else {
				_, err = inner.Exec(ctx, "INSERT INTO items VALUES ($1, 1, NULL)", id) // fails, and is undone
				if err == nil {
					t.Error("no error")
				}
				must(t, inner.Rollback(ctx))
			}
			wantErr(t, inner.Rollback(ctx), pgx.ErrTxClosed) // as a deferred one would be
		}
		if p.Commit(ctx) == nil || p.Rollback(ctx) == nil {
			t.Error("it ended the transaction of Write")
		}
		return nil
	}))
	wantIDs(t, d, 0, 2)
}

func TestPgxTxNeedsPostgres(t *testing.T) {
	t.Parallel()
	must(t, sqlite(t).Write(t.Context(), func(tx *gorm.DB) error {
		if _, err := db.PgxTx(tx); err == nil {
			t.Error("no error")
		}
		return nil
	}))
}

func TestDeadlockIsRunAgain(t *testing.T) {
	t.Parallel()
	d := postgres(t)
	must(t, d.Write(t.Context(), func(tx *gorm.DB) error { return errors.Join(add(tx, 1, 1), add(tx, 2, 1)) }))
	var wg, both sync.WaitGroup
	both.Add(2)
	for _, order := range [][2]int64{{1, 2}, {2, 1}} {
		wg.Go(func() {
			runs, hooks := 0, 0
			err := d.Write(context.Background(), func(tx *gorm.DB) error {
				runs++
				db.After(tx, func() { hooks++ })
				if err := tx.Exec("UPDATE items SET name = NULL WHERE id = ?", order[0]).Error; err != nil {
					return err
				}
				if runs == 1 { // each holds its first row
					both.Done()
					both.Wait()
				}
				return tx.Exec("UPDATE items SET name = NULL WHERE id = ?", order[1]).Error
			})
			if err != nil || hooks != 1 {
				t.Errorf("error = %v, %d hooks", err, hooks)
			}
		})
	}
	soon(t, wg.Wait)
}

func TestLostConnectionsAreReplaced(t *testing.T) {
	t.Parallel()
	d := postgres(t)
	kill := func(tx *gorm.DB, which string) error {
		return tx.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid " +
			which + " pg_backend_pid()").Error
	}
	var wg sync.WaitGroup
	for id := range int64(6) { // several connections lie in the pool
		wg.Go(func() {
			if err := d.Write(context.Background(), adds(id)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	must(t, d.Write(t.Context(), func(tx *gorm.DB) error { return kill(tx, "<>") }))
	if err := d.Write(t.Context(), func(tx *gorm.DB) error { return errors.Join(add(tx, 90, 1), kill(tx, "=")) }); err == nil {
		t.Error("a write whose connection died said yes")
	}
	for id := range int64(6) {
		must(t, d.Write(t.Context(), adds(10+id)))
	}
	wantIDs(t, d, 0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15)
}

func TestCloseWaitsForWritesOnPostgres(t *testing.T) {
	t.Parallel()
	dsn := dbtest.Postgres(t)
	d, err := db.Open(t.Context(), db.Options{DSN: dsn})
	must(t, err)
	withItems(t, d)
	started, closed, written := make(chan struct{}), make(chan error, 1), make(chan error, 1)
	go func() {
		written <- d.Write(context.Background(), func(tx *gorm.DB) error {
			close(started)
			time.Sleep(100 * time.Millisecond)
			return add(tx, 1, 1)
		})
	}()
	<-started
	go func() { closed <- d.Close() }()
	must(t, <-written)
	must(t, <-closed)
	wantErr(t, d.Write(context.Background(), adds(2)), db.ErrClosed)
	again, err := db.Open(t.Context(), db.Options{DSN: dsn})
	must(t, err)
	wantIDs(t, again, 1)
	must(t, again.Close())
}

func TestLogHoldsNoValues(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	d, err := db.Open(t.Context(), db.Options{DSN: dbtest.Postgres(t), Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	var rows []string
	must(t, d.Read(t.Context()).Raw("SELECT pg_sleep(1.1)::text || ?", "lin@shop.example").Scan(&rows).Error)
	_ = d.Read(t.Context()).Raw("SELECT ?::int", "lin@shop.example").Scan(&rows).Error
	if got := log.String(); !strings.Contains(got, "slow statement") || !strings.Contains(got, "pg_sleep") {
		t.Errorf("the slow statement is not told of: %s", got)
	}
	if strings.Contains(log.String(), "lin@") {
		t.Errorf("a value was logged: %s", log.String())
	}
}

func TestStatementsAreNotCompiledUnlessTheAddressSaysSo(t *testing.T) {
	t.Parallel()
	dsn := dbtest.Postgres(t)
	for address, want := range map[string]string{dsn: "off", dsn + "&jit=on": "on"} {
		d, err := db.Open(t.Context(), db.Options{DSN: address})
		must(t, err)
		var jit string
		must(t, d.Read(t.Context()).Raw("SHOW jit").Scan(&jit).Error)
		must(t, d.Close())
		if jit != want {
			t.Errorf("jit is %s, want %s", jit, want)
		}
	}
}
