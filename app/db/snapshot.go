package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Table is a table as a copy of the database knows it.
type Table struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
}

func (t Table) list() string {
	quoted := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		quoted[i] = `"` + c + `"`
	}
	return strings.Join(quoted, ", ")
}

// Snapshot is the whole database as it is at one moment, whatever is written meanwhile. A row is bytes whose form is
// the dialect's: a line of COPY on PostgreSQL, values with their types on SQLite (row.go).
type Snapshot struct {
	d    *DB
	conn *sql.Conn // SQLite, in a read transaction
	pg   pgx.Tx    // PostgreSQL, repeatable read

}

// Snapshot runs fn on one moment of the database. Writers go on; on SQLite the WAL grows meanwhile.
func (d *DB) Snapshot(ctx context.Context, fn func(*Snapshot) error) (err error) {
	if d.dialect == Postgres {
		return d.snapshotPostgres(ctx, fn)
	}
	conn, err := d.backend.(*sqliteDB).readers.Conn(ctx)
	if err != nil {
		return fmt.Errorf("db: snapshot: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return fmt.Errorf("db: snapshot: %w", err)
	}
	defer func() {
		if _, rerr := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK"); rerr != nil {
			err = errors.Join(err, fmt.Errorf("db: snapshot: %w", rerr))
		}
	}()
	// the moment is that of the first read
	if _, err := queryStrings(ctx, conn, "SELECT name FROM sqlite_master LIMIT 1"); err != nil {
		return err
	}
	return fn(&Snapshot{d: d, conn: conn})
}

func (d *DB) snapshotPostgres(ctx context.Context, fn func(*Snapshot) error) error {
	tx, err := d.PgxPool().BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return fmt.Errorf("db: snapshot: %w", lineError{err})
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if _, err := tx.Exec(ctx, "SELECT 1"); err != nil { // the moment is that of the first statement
		return fmt.Errorf("db: snapshot: %w", err)
	}
	return fn(&Snapshot{d: d, pg: tx})
}

// Names that no copy holds: goose's record is the schema's version, and leases die with their process.
func copied(table string) bool {
	return table != versionTable && table != "leases" && table != "nodes" && !strings.HasPrefix(table, "sqlite_")
}

const pgTables = `SELECT c.relname, a.attname FROM pg_class c
 JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN (current_schema(), '` + keysSchema + `')
 JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
 WHERE c.relkind = 'r' ORDER BY c.relname, a.attnum`

const sqliteTables = `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
 WHERE m.type = 'table' ORDER BY m.name, c.cid`

// Tables lists the tables that a copy holds, by name, with their columns. Leases and goose's record are none of them.
func (s *Snapshot) Tables(ctx context.Context) ([]Table, error) {
	var list []Table
	add := func(table, column string) {
		if !copied(table) {
			return
		}
		if n := len(list); n == 0 || list[n-1].Name != table {
			list = append(list, Table{Name: table})
		}
		last := &list[len(list)-1]
		last.Columns = append(last.Columns, column)
	}
	err := s.pairs(ctx, pgTables, sqliteTables, add)
	return list, err
}

// pairs runs a query of two texts a row.
func (s *Snapshot) pairs(ctx context.Context, pgQuery, sqliteQuery string, each func(a, b string)) error {
	var a, b string
	if s.pg != nil {
		rows, err := s.pg.Query(ctx, pgQuery)
		if err != nil {
			return err
		}
		_, err = pgx.ForEachRow(rows, []any{&a, &b}, func() error { each(a, b); return nil })
		return err
	}
	rows, err := s.conn.QueryContext(ctx, sqliteQuery)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for rows.Next() {
		if err := rows.Scan(&a, &b); err != nil {
			return err
		}
		each(a, b)
	}
	return rows.Err()
}

// Rows gives every row of a table to each, in no order; the bytes are its only until it returns.
func (s *Snapshot) Rows(ctx context.Context, t Table, each func(row []byte) error) error {
	if s.pg != nil {
		w := &lineWriter{each: each}
		_, err := s.pg.Conn().PgConn().CopyTo(ctx, w, "COPY "+t.Name+" ("+t.list()+") TO STDOUT")
		return errors.Join(err, w.end())
	}
	// a unary plus keeps the driver from reading a declared type into the value
	list := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		list[i] = `+"` + c + `"`
	}
	rows, err := s.conn.QueryContext(ctx, "SELECT "+strings.Join(list, ", ")+" FROM "+t.Name)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	values, into := make([]any, len(t.Columns)), make([]any, len(t.Columns))
	for i := range values {
		into[i] = &values[i]
	}
	var row []byte
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if row, err = appendRow(row[:0], values); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Counters are the places of the database's own counters (sequences, AUTOINCREMENT), by name.
func (s *Snapshot) Counters(ctx context.Context) (map[string]int64, error) {
	found := map[string]int64{}
	var bad error
	err := s.pairs(ctx,
		`SELECT sequencename::text, COALESCE(last_value, 0)::text FROM pg_sequences WHERE schemaname = current_schema()`,
		`SELECT name, CAST(seq AS TEXT) FROM sqlite_sequence`,
		func(name, value string) {
			var n int64
			if _, err := fmt.Sscan(value, &n); err != nil {
				bad = err
			}
			found[name] = n
		})
	return found, errors.Join(err, bad)
}

// Schema is the version of the database's schema.
func (s *Snapshot) Schema(ctx context.Context) (int64, error) {
	applied, err := s.d.applied(ctx)
	var newest int64
	for v := range applied {
		newest = max(newest, v)
	}
	return newest, err
}

func queryStrings(ctx context.Context, conn *sql.Conn, query string, args ...any) (list []string, err error) {
	rows, err := conn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, rows.Err()
}

// lineWriter cuts what COPY writes into rows: a line each, for line ends within a value are escaped.
type lineWriter struct {
	each func([]byte) error
	rest []byte
}

// Write is part of io.Writer.
func (w *lineWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	begin := 0
	for i := len(w.rest) - len(p); i < len(w.rest); i++ {
		if w.rest[i] != '\n' {
			continue
		}
		if err := w.each(w.rest[begin:i]); err != nil {
			return 0, err
		}
		begin = i + 1
	}
	w.rest = append(w.rest[:0], w.rest[begin:]...)
	return len(p), nil
}

func (w *lineWriter) end() error {
	if len(w.rest) > 0 {
		return errors.New("db: COPY ended within a row")
	}
	return nil
}
