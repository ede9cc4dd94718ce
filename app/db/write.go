package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
)

var (
	errNested = errors.New("db: Write inside a Write or an After hook: use the tx at hand")
	// errGone: the transaction was rolled back under its requests.
	errGone = errors.New("db: the transaction was rolled back by the database")
	// errNotYours: a request tried to end the transaction that it shares.
	errNotYours = errors.New("db: only Write ends its transaction")
)

// Write runs fn in a transaction and returns when the commit is durable, or with fn's error and nothing changed. fn may
// run more than once: it assigns to outer variables and never adds to them. ctx counts until fn's turn comes; on SQLite
// no statement of fn is ever cut short.
func (d *DB) Write(ctx context.Context, fn func(tx *gorm.DB) error) error {
	if insideWrite() {
		return errNested
	}
	if d.ctx.Err() != nil {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return d.write(ctx, fn)
}

// PanicError is what Write returns when its function panicked.
type PanicError struct {
	Value any
	Stack []byte
}

// Error names what was panicked with.
func (e *PanicError) Error() string { return fmt.Sprintf("db: panic in a write: %v", e.Value) }

// runFn runs a Write's function.
func runFn(tx *gorm.DB, fn func(tx *gorm.DB) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{Value: p, Stack: debug.Stack()}
		}
	}()
	guarded(func() { err = fn(tx) })
	return err
}

// runHook runs an After hook. The write is durable by now, so a panic is only logged.
func runHook(fn func(), log *slog.Logger) {
	defer func() {
		if p := recover(); p != nil {
			log.Error("a hook after a commit panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	guarded(fn)
}

// After registers fn to run right after tx has been committed: on SQLite on the committer's goroutine in the order of the
// commits, on PostgreSQL on the goroutine that called Write; in both before Write returns. fn must not block or write.
// It panics when tx is not one of Write.
func After(tx *gorm.DB, fn func()) {
	s := mustScope(tx)
	s.hooks = append(s.hooks, fn)
}

// SQLTx is the transaction under tx, for a library that wants one (River on SQLite). The library never ends it and is
// given tx.Statement.Context. It panics when tx is not one of Write.
func SQLTx(tx *gorm.DB) *sql.Tx { return mustScope(tx).tx }

// PgxTx is the transaction under tx as pgx knows it, for River on PostgreSQL. Only Write ends it.
func PgxTx(tx *gorm.DB) (pgx.Tx, error) {
	s := mustScope(tx)
	if s.conn == nil {
		return nil, errors.New("db: PgxTx on SQLite")
	}
	var conn *pgx.Conn
	err := s.conn.Raw(func(c any) error {
		conn = c.(*stdlib.Conn).Conn()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &borrowedTx{conn: conn}, nil
}

func mustScope(tx *gorm.DB) *scope {
	s, ok := tx.Statement.ConnPool.(*scope)
	if !ok {
		panic("db: this tx is not one of Write")
	}
	return s
}
