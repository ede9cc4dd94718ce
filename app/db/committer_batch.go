package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// errRefused: a transaction could not even begin, so that there is no use in trying again request by request.
var errRefused = errors.New("db: cannot begin")

// commit runs the batch in one transaction or, when that comes to nothing, each request in its own.
func (c *committer) commit() {
	err := c.together(c.batch)
	switch {
	case err == nil:
	case errors.Is(err, errRefused):
		for _, r := range c.batch {
			c.refuse(r, err)
		}
	default:
		c.oneByOne()
	}
	c.batch = nil
}

// oneByOne runs each request of the batch in a transaction of its own.
func (c *committer) oneByOne() {
	for _, r := range c.batch {
		if err := c.together([]*request{r}); err != nil {
			c.refuse(r, err)
		}
	}
	c.batch = nil
}

// refuse answers a request whose transaction failed; the request's own error says more.
func (c *committer) refuse(r *request, err error) {
	if r.err == nil {
		r.err = err
	}
	close(r.done)
}

// together runs requests in one transaction and answers them. An error means that nothing of it was kept and nobody was
// answered.
func (c *committer) together(requests []*request) error {
	state := &txState{shared: true}
	tx, err := c.writer.BeginTx(context.WithValue(c.server, txKey{}, state), nil)
	if err != nil {
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	c.tx = tx
	for _, r := range requests {
		if err = c.turn(tx, state, r); err != nil {
			break
		}
	}
	if err == nil {
		state.ending = true
		err = tx.Commit()
	} else {
		_ = tx.Rollback() // gone most likely
	}
	c.tx = nil
	if err != nil {
		return fmt.Errorf("db: commit: %w", err)
	}
	c.settle(requests)
	return nil
}

// turn runs one request in its savepoint. An error means that the transaction is lost; the request's own is in r.err.
func (c *committer) turn(tx *sql.Tx, state *txState, r *request) error {
	if r.err = r.ctx.Err(); r.err != nil {
		return nil
	}
	if _, err := tx.ExecContext(c.server, savepoint); err != nil {
		return err
	}
	r.scope = &scope{tx: tx, server: c.server}
	c.current = r
	r.err = runFn(r.scope.open(c.server, c.base), r.fn)
	c.current = nil
	r.scope.ended.Store(true)
	if r.err == nil && state.failed != nil {
		// PostgreSQL would not commit this either
		r.err = fmt.Errorf("db: a statement failed and the write went on: %w", state.failed)
	}
	if r.err != nil {
		if _, err := tx.ExecContext(c.server, rollbackTo); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(c.server, release)
	return err
}

// settle runs the hooks of requests that are durable now, in order, and then answers.
func (c *committer) settle(requests []*request) {
	c.settling = requests
	for _, r := range requests {
		if r.err != nil {
			continue
		}
		for _, fn := range r.scope.hooks {
			runHook(fn, c.log)
		}
	}
	c.settling = nil
	for _, r := range requests {
		close(r.done)
	}
}
