package sheet

import (
	"cmp"
	"errors"
	"strings"
)

// A quotation mark that is never closed makes one cell of all that follows: more lines or bytes than this are none.
const (
	quoteLines = 40
	quoteBytes = 20_000
)

// Wrong is what is wrong with a file, in a word, with the numbers that a sentence about it names.
type Wrong struct {
	Code string // too_large, too_long, encoding, broken, quotes, empty
	Args map[string]any
	Err  error
}

// Error is part of error.
func (w *Wrong) Error() string { return "the file cannot be taken: " + w.Code }

// Unwrap is part of errors.
func (w *Wrong) Unwrap() error { return w.Err }

// Table reads a table whose first row names its columns. Errors: *Wrong.
func Table(data []byte, l Limits) ([]Row, error) {
	rows, err := Read(data, l)
	switch {
	case errors.Is(err, ErrTooLarge):
		return nil, &Wrong{"too_large", map[string]any{"max": l.Bytes >> 20}, err}
	case errors.Is(err, ErrTooLong):
		return nil, &Wrong{"too_long", map[string]any{"max": l.Rows}, err}
	case errors.Is(err, ErrEncoding):
		return nil, &Wrong{"encoding", nil, err}
	case err != nil:
		return nil, &Wrong{"broken", nil, err}
	}
	for i := range rows {
		for n, cell := range rows[i].Cells {
			if len(cell) > cmp.Or(l.CellBytes, quoteBytes) || strings.Count(cell, "\n") > cmp.Or(l.CellLines, quoteLines) {
				return nil, &Wrong{"quotes", map[string]any{"line": rows[i].Line, "column": n + 1}, nil}
			}
		}
	}
	if len(rows) < 2 {
		return nil, &Wrong{"empty", nil, nil}
	}
	return rows, nil
}
