package tickets

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// conn runs constant SQL on the connection of a gorm handle, be it a transaction or the readers' side.
//
// Rows that are written for every message go this way and not through gorm's builder, which costs as much as the
// statement itself on SQLite; app/db keeps the statements prepared by their text. Everything rare uses gorm.
// Placeholders are written ? for both databases.
type conn struct {
	tx       *gorm.DB
	ctx      context.Context
	pool     gorm.ConnPool
	postgres bool
}

func on(tx *gorm.DB) conn {
	return conn{tx: tx, ctx: tx.Statement.Context, pool: tx.Statement.ConnPool, postgres: tx.Name() == "postgres"}
}

// exec runs a statement and tells how many rows it changed.
func (c conn) exec(text string, args ...any) (int64, error) {
	res, err := c.pool.ExecContext(c.ctx, c.text(text), args...)
	if err != nil {
		return 0, c.translate(err)
	}
	return res.RowsAffected()
}

func (c conn) row(text string, args ...any) *sql.Row {
	return c.pool.QueryRowContext(c.ctx, c.text(text), args...)
}

// each calls scan for every row of a query.
func (c conn) each(scan func(scan func(...any) error) error, text string, args ...any) error {
	rows, err := c.pool.QueryContext(c.ctx, c.text(text), args...)
	if err != nil {
		return c.translate(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ids reads a query of one id column.
func (c conn) ids(text string, args ...any) ([]id.ID, error) {
	var out []id.ID
	err := c.each(func(scan func(...any) error) error {
		var i id.ID
		if err := scan((*int64)(&i)); err != nil {
			return err
		}
		out = append(out, i)
		return nil
	}, text, args...)
	return out, err
}

// text turns ? into $1, $2 … for PostgreSQL. No statement of this package holds a question mark in a literal.
func (c conn) text(q string) string {
	if !c.postgres {
		return q
	}
	var b strings.Builder
	b.Grow(len(q) + 32)
	for n := 1; ; n++ {
		i := strings.IndexByte(q, '?')
		if i < 0 {
			b.WriteString(q)
			return b.String()
		}
		b.WriteString(q[:i])
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
		q = q[i+1:]
	}
}

// lock makes a SELECT lock its rows of the named table until the transaction ends. On SQLite the one writer needs none.
func (c conn) lock(q, table string) string {
	if !c.postgres {
		return q
	}
	return q + " FOR UPDATE OF " + table
}

// translate gives a broken unique index its gorm name, alike for both databases.
func (c conn) translate(err error) error {
	if t, ok := c.tx.Dialector.(gorm.ErrorTranslator); ok {
		return t.Translate(err)
	}
	return err
}

func isDuplicate(err error) bool { return errors.Is(err, gorm.ErrDuplicatedKey) }

// list gives the (?, ?, …) of an IN and its arguments. Its length is rounded up to a power of two by repeating the
// last value, so that few texts are prepared.
func list[T any](values []T) (string, []any) {
	if len(values) == 0 {
		return "(NULL)", nil
	}
	n := 1
	for n < len(values) {
		n *= 2
	}
	args := make([]any, n)
	for i := range args {
		args[i] = values[min(i, len(values)-1)]
	}
	return "(?" + strings.Repeat(",?", n-1) + ")", args
}

// noRows turns the absence of a row into an error of ours.
func noRows(err, instead error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return instead
	}
	return err
}

// insertAll runs an INSERT with the values of one row in its text for as many rows as there are values for; none is nothing
// to do. tail follows the rows.
func (c conn) insertAll(insert string, perRow int, args []any, tail string) error {
	const most = 1000 // values in a statement; SQLite takes 32,766, PostgreSQL 65,535
	row := ", (?" + strings.Repeat(", ?", perRow-1) + ")"
	for some := range slices.Chunk(args, most/perRow*perRow) {
		if _, err := c.exec(insert+strings.Repeat(row, len(some)/perRow-1)+tail, some...); err != nil {
			return err
		}
	}
	return nil
}
