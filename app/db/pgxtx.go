package db

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// borrowedTx is a pgx.Tx over a connection whose transaction database/sql began. It nests by savepoints as pgx does, and
// it never ends the transaction.
type borrowedTx struct {
	conn  *pgx.Conn
	depth int // 0: the transaction of Write; else a savepoint
	done  bool
}

func (b *borrowedTx) name() string { return "huiyin_" + strconv.Itoa(b.depth) }

// Begin sets a savepoint.
func (b *borrowedTx) Begin(ctx context.Context) (pgx.Tx, error) {
	if b.done {
		return nil, pgx.ErrTxClosed
	}
	inner := &borrowedTx{conn: b.conn, depth: b.depth + 1}
	if _, err := b.conn.Exec(ctx, "savepoint "+inner.name()); err != nil {
		return nil, err
	}
	return inner, nil
}

// Commit releases the savepoint.
func (b *borrowedTx) Commit(ctx context.Context) error { return b.end(ctx, "release savepoint ") }

// Rollback goes back to the savepoint.
func (b *borrowedTx) Rollback(ctx context.Context) error { return b.end(ctx, "rollback to savepoint ") }

func (b *borrowedTx) end(ctx context.Context, how string) error {
	switch {
	case b.depth == 0:
		return errNotYours
	case b.done:
		return pgx.ErrTxClosed
	}
	b.done = true
	_, err := b.conn.Exec(ctx, how+b.name())
	return err
}

// CopyFrom is part of pgx.Tx.
func (b *borrowedTx) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	if b.done {
		return 0, pgx.ErrTxClosed
	}
	return b.conn.CopyFrom(ctx, table, columns, rows)
}

// SendBatch is part of pgx.Tx.
func (b *borrowedTx) SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults {
	return b.conn.SendBatch(ctx, batch)
}

// LargeObjects is part of pgx.Tx; nothing here uses them.
func (b *borrowedTx) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }

// Prepare is part of pgx.Tx.
func (b *borrowedTx) Prepare(ctx context.Context, name, query string) (*pgconn.StatementDescription, error) {
	if b.done {
		return nil, pgx.ErrTxClosed
	}
	return b.conn.Prepare(ctx, name, query)
}

// Exec is part of pgx.Tx.
func (b *borrowedTx) Exec(ctx context.Context, query string, args ...any) (pgconn.CommandTag, error) {
	if b.done {
		return pgconn.CommandTag{}, pgx.ErrTxClosed
	}
	return b.conn.Exec(ctx, query, args...)
}

// Query is part of pgx.Tx.
func (b *borrowedTx) Query(ctx context.Context, query string, args ...any) (pgx.Rows, error) {
	return b.conn.Query(ctx, query, args...)
}

// QueryRow is part of pgx.Tx.
func (b *borrowedTx) QueryRow(ctx context.Context, query string, args ...any) pgx.Row {
	return b.conn.QueryRow(ctx, query, args...)
}

// Conn is part of pgx.Tx.
func (b *borrowedTx) Conn() *pgx.Conn { return b.conn }
