package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
)

const (
	maxTries    = 4                     // the first and three more
	retryPause  = 10 * time.Millisecond // grows with the tries, with chance in it
	endDeadline = 30 * time.Second      // for COMMIT and ROLLBACK, which the caller's context does not cut short
)

// write runs fn in a transaction, again after a failure that says nothing about fn, and then its hooks.
func (p *postgresDB) write(ctx context.Context, fn func(tx *gorm.DB) error) error {
	p.writes.RLock()
	defer p.writes.RUnlock()
	if p.closed {
		return ErrClosed
	}
	for try := 1; ; try++ {
		hooks, err := p.once(ctx, fn)
		if err == nil {
			for _, hook := range hooks {
				runHook(hook, p.log)
			}
			return nil
		}
		if try == maxTries || !worthAgain(err) || ctx.Err() != nil {
			return err
		}
		if errors.Is(err, errBegin) {
			p.pool.Reset() // the server has gone and come back: the other connections are as dead
		}
		pause := time.Duration(try)*retryPause + rand.N(time.Duration(try)*retryPause)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
}

// errBegin: nothing has happened yet.
var errBegin = errors.New("db: begin")

// worthAgain tells serialization failures, deadlocks and connections that were dead before they did anything.
func worthAgain(err error) bool {
	var e *pgconn.PgError
	switch {
	case errors.Is(err, errBegin), errors.Is(err, driver.ErrBadConn):
		return true
	case errors.As(err, &e):
		return e.Code == "40001" || e.Code == "40P01"
	}
	return pgconn.SafeToRetry(err)
}

// once runs fn in one transaction.
func (p *postgresDB) once(ctx context.Context, fn func(tx *gorm.DB) error) (hooks []func(), err error) {
	conn, err := p.sql.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	// Statements end with the caller's context, COMMIT does not: a commit cut short may have happened or not.
	end, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	tx, err := conn.BeginTx(end, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBegin, err)
	}
	defer func() { _ = tx.Rollback() }() // nothing to undo after Commit
	s := &scope{tx: tx, conn: conn}
	err = runFn(s.open(ctx, p.base), fn)
	s.ended.Store(true)
	if err != nil {
		return nil, err
	}
	defer time.AfterFunc(endDeadline, cancel).Stop()
	if err = tx.Commit(); errors.Is(err, pgx.ErrTxCommitRollback) {
		return nil, fmt.Errorf("db: a statement failed and the write went on: %w", err)
	}
	return s.hooks, err
}
