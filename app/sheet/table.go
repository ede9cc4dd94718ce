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

// FileError is what is wrong with a file, in a word, with the numbers that a sentence about it names.
type FileError struct {
	Code string // too_large, too_long, encoding, broken, quotes, empty
	Args map[string]any
	Err  error
}

// Error is part of error.
func (w *FileError) Error() string { return "the file cannot be taken: " + w.Code }

// Unwrap is part of errors.
func (w *FileError) Unwrap() error { return w.Err }

// Table reads a table whose first row names its columns. Errors: *FileError.
func Table(data []byte, l Limits) ([]Row, error) {
	rows, err := Read(data, l)
	switch {
	case errors.Is(err, ErrTooLarge):
		return nil, &FileError{"too_large", map[string]any{"max": l.Bytes >> 20}, err}
	case errors.Is(err, ErrTooLong):
		return nil, &FileError{"too_long", map[string]any{"max": l.Rows}, err}
	case errors.Is(err, ErrEncoding):
		return nil, &FileError{"encoding", nil, err}
	case err != nil:
		return nil, &FileError{"broken", nil, err}
	}
	for i := range rows {
		for n, cell := range rows[i].Cells {
			if len(cell) > cmp.Or(l.CellBytes, quoteBytes) || strings.Count(cell, "\n") > cmp.Or(l.CellLines, quoteLines) {
				return nil, &FileError{"quotes", map[string]any{"line": rows[i].Line, "column": n + 1}, nil}
			}
		}
	}
	if len(rows) < 2 {
		return nil, &FileError{"empty", nil, nil}
	}
	return rows, nil
}
