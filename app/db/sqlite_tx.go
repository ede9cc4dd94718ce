package db

import (
	"context"
	"database/sql/driver"
)

// connTx is a transaction on a SQLite connection.
type connTx struct {
	driver.Tx
	c     *conn
	state *txState
}

// BeginTx is part of driver.ConnBeginTx. On the writer it takes the write lock at once.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	state, _ := ctx.Value(txKey{}).(*txState)
	if state == nil {
		state = &txState{}
	}
	ctx, err := c.enter(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := c.Conn.(driver.ConnBeginTx).BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	if c.writer {
		c.tx = state
	}
	return &connTx{Tx: tx, c: c, state: state}, nil
}

// Commit is part of driver.Tx. A commit by anyone but the committer, of what she shares with others, undoes it all.
func (t *connTx) Commit() error {
	t.c.tx = nil
	switch {
	case t.state.gone:
		return errGone
	case t.state.shared && !t.state.ending:
		_ = t.rollback() // the error to tell is the other
		return errNotYours
	}
	err := t.Tx.Commit() // which rolls back when it fails
	t.c.bad = err != nil && t.c.inTransaction()
	return err
}

// Rollback is part of driver.Tx.
func (t *connTx) Rollback() error {
	t.c.tx = nil
	if t.state.gone {
		return nil
	}
	return t.rollback()
}

func (t *connTx) rollback() error {
	t.state.gone = true
	err := t.Tx.Rollback()
	t.c.bad = err != nil && t.c.inTransaction()
	return err
}

// judge looks at the end of a statement: after a failure it finds out whether SQLite has rolled the transaction back.
func (c *conn) judge(query string, err error) error {
	switch {
	case c.tx == nil:
	case err != nil:
		c.tx.failed = err
		c.tx.gone = !c.inTransaction()
	case c.tx.failed != nil && isRollbackTo(query):
		c.tx.failed = nil
	}
	return err
}

// inTransaction asks SQLite in the one way that every driver offers: inside a transaction BEGIN fails and changes nothing.
func (c *conn) inTransaction() bool {
	exec := c.Conn.(driver.ExecerContext).ExecContext
	if _, err := exec(context.Background(), "BEGIN", nil); err != nil {
		return true
	}
	_, err := exec(context.Background(), "ROLLBACK", nil)
	return err != nil
}
