package db

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"

	"gorm.io/gorm"
)

var errEnded = errors.New("db: this tx's Write has ended")

// scope is gorm's connection pool for one run of a Write's function.
type scope struct {
	tx     *sql.Tx
	conn   *sql.Conn       // the connection under tx, on PostgreSQL only
	server context.Context // takes the place of every statement's context, on SQLite only
	hooks  []func()
	ended  atomic.Bool
}

// open makes the tx that the function is given.
func (s *scope) open(ctx context.Context, base *gorm.DB) *gorm.DB {
	// a Session without a Context would share base's Statement, and with it this pool
	tx := base.Session(&gorm.Session{Context: ctx, NewDB: true})
	tx.Statement.ConnPool = s
	return tx
}

// context is the one for the next statement, or one that has ended when the function has.
func (s *scope) context(ctx context.Context) context.Context {
	switch {
	case s.ended.Load():
		return endedContext{ctx}
	case s.server != nil:
		return s.server
	}
	return ctx
}

// PrepareContext is part of gorm.ConnPool.
func (s *scope) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return s.tx.PrepareContext(s.context(ctx), query)
}

// ExecContext is part of gorm.ConnPool.
func (s *scope) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return s.tx.ExecContext(s.context(ctx), query, args...)
}

// QueryContext is part of gorm.ConnPool.
func (s *scope) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.tx.QueryContext(s.context(ctx), query, args...)
}

// QueryRowContext is part of gorm.ConnPool.
func (s *scope) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return s.tx.QueryRowContext(s.context(ctx), query, args...)
}

// Commit makes the scope a gorm.TxCommitter, so that gorm's nested transactions are savepoints.
func (s *scope) Commit() error { return errNotYours }

// Rollback is the other half of gorm.TxCommitter.
func (s *scope) Rollback() error { return errNotYours }

// endedContext fails every statement with errEnded; database/sql looks at the context first.
type endedContext struct{ context.Context }

// Done is closed.
func (endedContext) Done() <-chan struct{} { return closedChan }

// Err is errEnded.
func (endedContext) Err() error { return errEnded }

var closedChan = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()
