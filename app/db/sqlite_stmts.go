package db

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
)

// The committer's own statements. All requests share one name: each ends before the next begins.
const (
	savepoint  = "SAVEPOINT hy_request"
	release    = "RELEASE hy_request"
	rollbackTo = "ROLLBACK TO hy_request"
)

// stmt is a prepared statement in a connection's cache.
type stmt struct {
	driver.Stmt
	busy    bool // rows of it are open
	evicted bool // to be closed with those rows
}

// statement gives the prepared statement of a query, or nil when the query is to run directly: it is of a kind that is
// not kept, or its statement is in use.
func (c *conn) statement(ctx context.Context, query string) (*stmt, error) {
	if s, ok := c.stmts.Get(query); ok {
		if s.busy {
			return nil, nil
		}
		return s, nil
	}
	keep, err := c.keeps(query)
	if err != nil || !keep {
		return nil, err
	}
	inner, err := c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s := &stmt{Stmt: inner}
	c.stmts.Add(query, s)
	return s, nil
}

// keeps tells whether a query's statement is worth keeping, and refuses to end a transaction by hand: the writer's
// belongs to all requests of a batch.
func (c *conn) keeps(query string) (bool, error) {
	switch query {
	case savepoint, release, rollbackTo:
		return true, nil
	}
	words := firstWords(query)
	switch words[0] {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "REPLACE":
		// of a script the drivers would keep only the first statement
		return !strings.Contains(strings.TrimRight(query, "; \t\r\n"), ";"), nil
	case "BEGIN", "COMMIT", "END":
		return false, c.refuse()
	case "ROLLBACK":
		if !isRollbackTo(query) {
			return false, c.refuse()
		}
	}
	return false, nil
}

func (c *conn) refuse() error {
	if c.writer {
		return errNotYours
	}
	return nil
}

func isRollbackTo(query string) bool {
	w := firstWords(query)
	return w[0] == "ROLLBACK" && (w[1] == "TO" || w[1] == "TRANSACTION" && w[2] == "TO")
}

// firstWords are a query's first three words in upper case, behind comments.
func firstWords(query string) (words [3]string) {
	for i := 0; i < len(words); i++ {
		query = skipSpace(query)
		end := strings.IndexFunc(query, func(r rune) bool { return r < 'A' || r > 'z' || r > 'Z' && r < '_' })
		if end < 0 {
			end = len(query)
		}
		words[i], query = strings.ToUpper(query[:end]), query[end:]
	}
	return words
}

// skipSpace cuts white space and comments off the front.
func skipSpace(s string) string {
	for {
		s = strings.TrimLeft(s, " \t\r\n;")
		var found bool
		switch {
		case strings.HasPrefix(s, "--"):
			_, s, found = strings.Cut(s, "\n")
		case strings.HasPrefix(s, "/*"):
			_, s, found = strings.Cut(s, "*/")
		default:
			return s
		}
		if !found {
			return ""
		}
	}
}

func (s *stmt) exec(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.check(args); err != nil {
		return nil, err
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (s *stmt) query(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.check(args); err != nil {
		return nil, err
	}
	rows, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &stmtRows{Rows: rows, s: s}, nil
}

// check does what database/sql does for a prepared statement: the driver in C would take NULL for a missing value.
func (s *stmt) check(args []driver.NamedValue) error {
	if want := s.NumInput(); want >= 0 && want != len(args) {
		return fmt.Errorf("db: a statement wants %d values and got %d", want, len(args))
	}
	return nil
}

// evict is called when the cache lets go of the statement.
func (s *stmt) evict() {
	if s.evicted = true; !s.busy {
		_ = s.Close() // repeats the error of its last run, which has been told
	}
}
