package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
)

// Filling puts the rows of a copy into a database of the copy's schema, in one transaction.
type Filling struct {
	sqlite *sql.Tx
	pg     pgx.Tx
	temp   bool
}

// ErrOccupied is returned by Fill for a database that holds a desk.
var ErrOccupied = errors.New("db: the database is not empty: it holds a desk")

// MigrateTo brings an empty database to a version of the schema that this program knows.
func (d *DB) MigrateTo(ctx context.Context, version int64) error {
	known, err := d.known()
	if err != nil {
		return err
	}
	if newest := known[len(known)-1]; version > newest {
		return fmt.Errorf("db: the copy is of a newer Huiyin (schema %d, this one knows %d): use the newer program", version, newest)
	}
	p, err := d.provider(goose.WithAllowOutofOrder(true))
	if err != nil {
		return err
	}
	if _, err := p.UpTo(ctx, version); err != nil {
		return fmt.Errorf("db: migrate: %w", err)
	}
	return nil
}

// Vacant tells whether the database holds no desk: it has no tables, or no master key was ever made for it.
func (d *DB) Vacant(ctx context.Context) (bool, error) {
	applied, err := d.applied(ctx)
	if err != nil || !applied[1] { // master_keys come with the first migration
		return err == nil, err
	}
	var n int64
	err = d.read(ctx).Raw("SELECT count(*) FROM master_keys").Scan(&n).Error
	return n == 0, err
}

// Fill runs fn in a transaction on a vacant database; what fn puts into it is there as a whole or not at all. Errors:
// ErrOccupied.
func (d *DB) Fill(ctx context.Context, fn func(*Filling) error) error {
	vacant, err := d.Vacant(ctx)
	switch {
	case err != nil:
		return err
	case !vacant:
		return ErrOccupied
	case d.dialect == Postgres:
		return pgx.BeginFunc(ctx, d.PgxPool(), func(tx pgx.Tx) error { return fn(&Filling{pg: tx}) })
	}
	tx, err := d.sqlDB().BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("db: fill: %w", err)
	}
	if err := fn(&Filling{sqlite: tx}); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// Table puts rows into a table in the place of those that a migration put there. next gives io.EOF at the end; its
// bytes are used before the next call.
func (f *Filling) Table(ctx context.Context, t Table, next func() ([]byte, error)) (rows int64, err error) {
	if f.pg != nil {
		return f.tablePostgres(ctx, t, next)
	}
	if _, err := f.sqlite.ExecContext(ctx, "DELETE FROM "+t.Name); err != nil {
		return 0, fmt.Errorf("db: fill %s: %w", t.Name, err)
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(t.Columns)), ", ")
	insert, err := f.sqlite.PrepareContext(ctx, "INSERT INTO "+t.Name+" ("+t.list()+") VALUES ("+marks+")")
	if err != nil {
		return 0, fmt.Errorf("db: fill %s: %w", t.Name, err)
	}
	defer insert.Close() //nolint:errcheck // a statement that was only used
	values := make([]any, len(t.Columns))
	for {
		row, err := next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err == nil {
			err = parseRow(row, values)
		}
		if err == nil {
			_, err = insert.ExecContext(ctx, values...)
		}
		if err != nil {
			return rows, fmt.Errorf("db: fill %s: %w", t.Name, err)
		}
		rows++
	}
}

func (f *Filling) tablePostgres(ctx context.Context, t Table, next func() ([]byte, error)) (int64, error) {
	if !f.temp {
		if _, err := f.pg.Exec(ctx, "DELETE FROM "+t.Name); err != nil {
			return 0, fmt.Errorf("db: fill %s: %w", t.Name, err)
		}
	}
	in := &lineReader{next: next}
	done, err := f.pg.Conn().PgConn().CopyFrom(ctx, in, "COPY "+t.Name+" ("+t.list()+") FROM STDIN")
	if err != nil {
		return 0, fmt.Errorf("db: fill %s: %w", t.Name, errors.Join(in.failed, err)) // the server knows the cause as a text only
	}
	return done.RowsAffected(), nil
}

// Counters puts the database's own counters where they were.
func (f *Filling) Counters(ctx context.Context, counters map[string]int64) error {
	for name, n := range counters {
		var err error
		switch {
		case f.temp:
		case f.pg != nil:
			_, err = f.pg.Exec(ctx, "SELECT setval($1::regclass, $2, $3)", name, max(n, 1), n > 0)
		default:
			_, err = f.sqlite.ExecContext(ctx, "DELETE FROM sqlite_sequence WHERE name = ?", name)
			if err == nil {
				_, err = f.sqlite.ExecContext(ctx, "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", name, n)
			}
		}
		if err != nil {
			return fmt.Errorf("db: set the counter %s: %w", name, err)
		}
	}
	return nil
}

// Scratch runs fn on an empty place that has the copy's tables and goes with the call: a database file in dir on SQLite,
// temporary tables on PostgreSQL (whose schema must be the copy's). look sees what fill has put there.
func (d *DB) Scratch(ctx context.Context, dir string, schema int64, tables []Table, fn func(fill *Filling, look *Snapshot) error) error {
	if d.dialect == Postgres {
		return d.scratchPostgres(ctx, schema, tables, fn)
	}
	other, err := Open(ctx, Options{Path: filepath.Join(dir, "huiyin.db"), Log: d.log})
	if err != nil {
		return err
	}
	err = other.MigrateTo(ctx, schema)
	if err == nil {
		err = other.scratchSQLite(ctx, fn)
	}
	return errors.Join(err, other.Close())
}

func (d *DB) scratchSQLite(ctx context.Context, fn func(fill *Filling, look *Snapshot) error) error {
	conn, err := d.sqlDB().Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // the whole database goes
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	return errors.Join(fn(&Filling{sqlite: tx}, &Snapshot{d: d, conn: conn}), tx.Rollback())
}

func (d *DB) scratchPostgres(ctx context.Context, schema int64, tables []Table, fn func(fill *Filling, look *Snapshot) error) error {
	tx, err := d.PgxPool().Begin(ctx)
	if err != nil {
		return fmt.Errorf("db: scratch: %w", lineError{err})
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	look := &Snapshot{d: d, pg: tx}
	if now, err := look.Schema(ctx); err != nil || now != schema {
		return errors.Join(err, fmt.Errorf("db: the copy has the schema %d and the database %d", schema, now))
	}
	for _, t := range tables {
		// a temporary table stands before the real one of its name
		create := "CREATE TEMPORARY TABLE " + t.Name + " (LIKE " + t.Name + " INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES) ON COMMIT DROP"
		if _, err := tx.Exec(ctx, create); err != nil {
			return fmt.Errorf("db: scratch: %w", err)
		}
	}
	return fn(&Filling{pg: tx, temp: true}, look)
}

// lineReader makes rows into what COPY reads.
type lineReader struct {
	next   func() ([]byte, error)
	rest   []byte
	failed error // what next said, but for the end
}

// Read is part of io.Reader.
func (r *lineReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		row, err := r.next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				r.failed = err
			}
			return 0, err
		}
		r.rest = append(append(r.rest[:0], row...), '\n')
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
