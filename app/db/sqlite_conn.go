package db

import (
	"context"
	"database/sql/driver"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// maxStmts bounds the prepared statements that a connection keeps.
const maxStmts = 512

// conn is a connection of the SQLite driver with a cache of prepared statements. On the writer it also keeps
// transactions whole: see the package comment. database/sql never uses it from two goroutines at once.
type conn struct {
	driver.Conn
	writer bool
	stmts  *simplelru.LRU[string, *stmt]
	tx     *txState // of the transaction that is open on the writer, or nil
	bad    bool     // a transaction could not be ended: the pool is to drop the connection
}

// txState is what the writer's connection knows of its transaction.
type txState struct {
	failed error // the statement that failed, until a savepoint before it was restored
	gone   bool  // rolled back by SQLite: nothing may run until database/sql has ended it too

	shared bool // it belongs to the committer, and nobody else may end it
	ending bool // the committer ends it now
}

// txKey carries the committer's txState to BeginTx.
type txKey struct{}

// connector opens connections for a pool.
type connector struct {
	dsn    string
	writer bool
}

// Connect is part of driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	inner, err := sqliteDriver().Open(c.dsn)
	if err != nil {
		return nil, err
	}
	stmts, err := simplelru.NewLRU(maxStmts, func(_ string, s *stmt) { s.evict() })
	if err != nil {
		return nil, err
	}
	return &conn{Conn: inner, writer: c.writer, stmts: stmts}, nil
}

// Driver is part of driver.Connector.
func (c connector) Driver() driver.Driver { return sqliteDriver() }

// Close is part of driver.Conn.
func (c *conn) Close() error {
	c.stmts.Purge()
	return c.Conn.Close()
}

// ResetSession is part of driver.SessionResetter.
func (c *conn) ResetSession(ctx context.Context) error {
	if c.bad {
		return driver.ErrBadConn
	}
	if r, ok := c.Conn.(driver.SessionResetter); ok {
		return r.ResetSession(ctx)
	}
	return nil
}

// IsValid is part of driver.Validator.
func (c *conn) IsValid() bool {
	v, ok := c.Conn.(driver.Validator)
	return !c.bad && (!ok || v.IsValid())
}

// Ping is part of driver.Pinger.
func (c *conn) Ping(ctx context.Context) error {
	ctx, err := c.enter(ctx)
	if err != nil {
		return err
	}
	return c.Conn.(driver.Pinger).Ping(ctx)
}

// ExecContext is part of driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	ctx, err := c.enter(ctx)
	if err != nil {
		return nil, err
	}
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, c.judge(query, err)
	}
	var res driver.Result
	if s != nil {
		res, err = s.exec(ctx, args)
	} else {
		res, err = c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
	}
	return res, c.judge(query, err)
}

// QueryContext is part of driver.QueryerContext. The writer reads all rows at once: a cursor that its user forgot to
// close would keep the committer from committing.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	ctx, err := c.enter(ctx)
	if err != nil {
		return nil, err
	}
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, c.judge(query, err)
	}
	var rows driver.Rows
	if s != nil {
		rows, err = s.query(ctx, args)
	} else {
		rows, err = c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
	}
	if err == nil && c.writer {
		rows, err = drain(rows)
	}
	if err != nil {
		return nil, c.judge(query, err)
	}
	return rows, c.judge(query, nil)
}

// Prepare is part of driver.Conn.
func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext is part of driver.ConnPrepareContext. The statement it gives goes through the cache at each use.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	ctx, err := c.enter(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := c.statement(ctx, query); err != nil {
		return nil, c.judge(query, err)
	}
	return handle{c: c, query: query}, nil
}

// enter gives the context that a statement runs with.
func (c *conn) enter(ctx context.Context) (context.Context, error) {
	if !c.writer {
		return ctx, nil
	}
	if c.tx != nil && c.tx.gone {
		return nil, errGone
	}
	return context.Background(), ctx.Err()
}
