package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"reflect"
)

// stmtRows are rows of a cached statement, which is free again when they are closed.
type stmtRows struct {
	driver.Rows
	s *stmt
}

// Close is part of driver.Rows.
func (r *stmtRows) Close() error {
	err := r.Rows.Close()
	if r.s.busy = false; r.s.evicted {
		err = errors.Join(err, r.s.Close())
	}
	return err
}

// ColumnTypeDatabaseTypeName is part of driver.RowsColumnTypeDatabaseTypeName.
func (r *stmtRows) ColumnTypeDatabaseTypeName(i int) string { return typeName(r.Rows, i) }

// ColumnTypeScanType is part of driver.RowsColumnTypeScanType.
func (r *stmtRows) ColumnTypeScanType(i int) reflect.Type {
	if t, ok := r.Rows.(driver.RowsColumnTypeScanType); ok {
		if st := t.ColumnTypeScanType(i); st != nil {
			return st
		}
	}
	return reflect.TypeFor[any]()
}

// memoryRows are rows that have been read whole.
type memoryRows struct {
	columns, types []string
	rows           [][]driver.Value
}

// drain reads rows to the end and closes them.
func drain(rows driver.Rows) (driver.Rows, error) {
	m := &memoryRows{columns: rows.Columns()}
	m.types = make([]string, len(m.columns))
	for i := range m.types {
		m.types[i] = typeName(rows, i)
	}
	for {
		row := make([]driver.Value, len(m.columns))
		err := rows.Next(row)
		if errors.Is(err, io.EOF) {
			return m, rows.Close()
		}
		if err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		m.rows = append(m.rows, row)
	}
}

func typeName(rows driver.Rows, i int) string {
	if t, ok := rows.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return t.ColumnTypeDatabaseTypeName(i)
	}
	return ""
}

// Columns is part of driver.Rows.
func (m *memoryRows) Columns() []string { return m.columns }

// ColumnTypeDatabaseTypeName is part of driver.RowsColumnTypeDatabaseTypeName.
func (m *memoryRows) ColumnTypeDatabaseTypeName(i int) string { return m.types[i] }

// Next is part of driver.Rows.
func (m *memoryRows) Next(dest []driver.Value) error {
	if len(m.rows) == 0 {
		return io.EOF
	}
	copy(dest, m.rows[0])
	m.rows = m.rows[1:]
	return nil
}

// Close is part of driver.Rows.
func (m *memoryRows) Close() error {
	m.rows = nil
	return nil
}

// handle is what database/sql gets from Prepare: the query, looked up in the cache at each use.
type handle struct {
	c     *conn
	query string
}

// Close is part of driver.Stmt; the cache keeps the statement.
func (h handle) Close() error { return nil }

// NumInput is part of driver.Stmt: each use counts its values itself.
func (h handle) NumInput() int { return -1 }

// ExecContext is part of driver.StmtExecContext.
func (h handle) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return h.c.ExecContext(ctx, h.query, args)
}

// QueryContext is part of driver.StmtQueryContext.
func (h handle) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return h.c.QueryContext(ctx, h.query, args)
}

// Exec is part of driver.Stmt.
func (h handle) Exec(args []driver.Value) (driver.Result, error) {
	return h.ExecContext(context.Background(), named(args))
}

// Query is part of driver.Stmt.
func (h handle) Query(args []driver.Value) (driver.Rows, error) {
	return h.QueryContext(context.Background(), named(args))
}

func named(args []driver.Value) []driver.NamedValue {
	n := make([]driver.NamedValue, len(args))
	for i, v := range args {
		n[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return n
}
