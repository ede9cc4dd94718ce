package intake

import (
	"context"
	"errors"
	"slices"
	"strings"

	"gorm.io/gorm"

	"huiyin/app/sheet"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	// rejectsMost are kept of an import; more are counted.
	rejectsMost = 10_000
	rowsAtOnce  = 100
	previewRows = 10
	headerMax   = 80 // characters of a column's name that are shown
)

// Rows reads a file whose first line names its columns. Errors: Invalid, field file.
func (t *Tray) Rows(data []byte, l sheet.Limits) ([]sheet.Row, error) {
	rows, err := sheet.Table(data, l)
	if wrong := (*sheet.FileError)(nil); errors.As(err, &wrong) {
		return nil, t.Wrong(wrong.Code, wrong.Args)
	}
	return rows, err
}

// Wrong says that a file cannot be taken, and why in a word.
func (t *Tray) Wrong(code string, args map[string]any) error {
	return fault.InvalidField("file", code, t.Words.File+code, args)
}

// Preview is what somebody sees of a file before she starts it.
func Preview(rows []sheet.Row) (header []string, first [][]string) {
	for _, cell := range rows[0].Cells {
		header = append(header, Shortened(sheet.Bare(cell), headerMax))
	}
	for _, r := range rows[1:min(len(rows), previewRows+1)] {
		first = append(first, r.Cells)
	}
	return header, first
}

// Columns looks whether a field that is needed has a column, and none has two. Errors: Invalid, field columns.
func Columns[F ~string](t *Tray, columns map[F]int, needed F) error {
	if _, ok := columns[needed]; !ok {
		return fault.InvalidField("columns", "required", t.Words.Columns, nil)
	}
	seen := map[int]bool{}
	for _, at := range columns {
		if seen[at] {
			return fault.InvalidField("columns", "twice", t.Words.Twice, nil)
		}
		seen[at] = true
	}
	return nil
}

// Reject is a line that was not taken.
type Reject[F ~string] struct {
	Line  int
	Col   int // from 1; 0: the whole line
	Field F
	Code  string
}

// Note keeps rejected lines of an import behind those that are there.
func Note[F ~string](tx *gorm.DB, t *Tray, one id.ID, rejects []Reject[F]) error {
	if len(rejects) == 0 {
		return nil
	}
	var n int
	if err := tx.Raw(`SELECT COALESCE(MAX(n), 0) FROM `+t.Faults+` WHERE import_id = ?`, int64(one)).Row().Scan(&n); err != nil {
		return err
	}
	for some := range slices.Chunk(rejects[:min(len(rejects), max(rejectsMost-n, 0))], rowsAtOnce) {
		var values []any
		for _, r := range some {
			n++
			values = append(values, int64(one), n, r.Line, r.Col, string(r.Field), r.Code)
		}
		text := `INSERT INTO ` + t.Faults + ` (import_id, n, line, col, field, code) VALUES (?, ?, ?, ?, ?, ?)` + strings.Repeat(`, (?, ?, ?, ?, ?, ?)`, len(some)-1)
		if err := tx.Exec(text, values...).Error; err != nil {
			return err
		}
	}
	return nil
}

// Rejects gives lines of an import that were not taken, in their order.
func Rejects[F ~string](ctx context.Context, t *Tray, one id.ID, limit int) ([]Reject[F], error) {
	rows, err := t.Store.Read(ctx).Raw(`SELECT line, col, field, code FROM `+t.Faults+` WHERE import_id = ? ORDER BY n LIMIT ?`, int64(one), limit).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var out []Reject[F]
	for rows.Next() {
		var r Reject[F]
		var field string
		if err := rows.Scan(&r.Line, &r.Col, &field, &r.Code); err != nil {
			return nil, err
		}
		r.Field = F(field)
		out = append(out, r)
	}
	return out, rows.Err()
}
