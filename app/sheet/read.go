package sheet

import (
	"bytes"
	"errors"
	"strings"
)

// What can be wrong with a file.
var (
	ErrTooLarge = errors.New("the file is too large")
	ErrTooLong  = errors.New("the file has too many rows")
	ErrEncoding = errors.New("the file is in no encoding that is known")
	ErrBroken   = errors.New("the file is broken, or no table")
)

// Limits are how much of a file is read.
type Limits struct {
	Bytes int64 // of the file
	Rows  int   // with something in them
	// Unpacked is how many bytes an XLSX may unpack to; 0: 48 MiB.
	Unpacked int64
	// Of one cell, for Table; 0: 20,000 and 40.
	CellBytes, CellLines int
}

// Of a row and of the whole: what is wider or unpacks to more is no table that a person made.
const (
	cellsMax  = 128
	unpackMax = 48 << 20 // bytes of an XLSX, unpacked
)

// Row is one row with something in it. Line is where it stands in the file, from 1.
type Row struct {
	Line  int
	Cells []string // without white space at the ends
}

// Read reads CSV or XLSX, whichever it is. Errors: ErrTooLarge, ErrTooLong, ErrEncoding, ErrBroken.
func Read(data []byte, l Limits) ([]Row, error) {
	if int64(len(data)) > l.Bytes {
		return nil, ErrTooLarge
	}
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return readXLSX(data, l)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		return nil, ErrBroken // an XLS of before 2007, or a locked XLSX
	}
	return readCSV(data, l)
}

// collector keeps rows up to the limit.
type collector struct {
	limit int
	rows  []Row
}

func (c *collector) add(line int, cells []string) error {
	cells = cells[:min(len(cells), cellsMax)]
	row, some := Row{Line: line, Cells: make([]string, len(cells))}, false
	for i, cell := range cells {
		row.Cells[i] = strings.TrimSpace(cell)
		some = some || row.Cells[i] != ""
	}
	if !some {
		return nil
	}
	if len(c.rows) >= c.limit {
		return ErrTooLong
	}
	c.rows = append(c.rows, row)
	return nil
}
