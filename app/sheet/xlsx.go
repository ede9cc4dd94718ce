package sheet

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/xuri/excelize/v2"
)

// readXLSX reads the first sheet that has something in it.
func readXLSX(data []byte, l Limits) (rows []Row, err error) {
	defer func() {
		if broken := recover(); broken != nil { // a file made to break its reader is a broken file
			rows, err = nil, errors.Join(ErrBroken, fmt.Errorf("reader: %v", broken))
		}
	}()
	unpacked := int64(unpackMax)
	if l.Unpacked > 0 {
		unpacked = l.Unpacked
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		UnzipSizeLimit: unpacked, UnzipXMLSizeLimit: unpacked, // alike, so that nothing is unpacked into files of its own
		// The formats of a date that look different in each country come in the one form that is read everywhere.
		ShortDatePattern: "yyyy-mm-dd", LongDatePattern: "yyyy-mm-dd", CultureInfo: excelize.CultureNameZhCN,
	})
	if err != nil {
		return nil, errors.Join(ErrBroken, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for _, name := range f.GetSheetList() {
		if rows, err = readSheet(f, name, l); err != nil || len(rows) > 0 {
			return rows, err
		}
	}
	return nil, nil
}

func readSheet(f *excelize.File, name string, l Limits) ([]Row, error) {
	all, err := f.Rows(name)
	if err != nil {
		return nil, errors.Join(ErrBroken, err)
	}
	c := collector{limit: l.Rows}
	for line := 1; all.Next(); line++ {
		cells, err := all.Columns()
		if err != nil {
			return nil, errors.Join(ErrBroken, err)
		}
		if err := c.add(line, cells); err != nil {
			return nil, err
		}
		if line > l.Rows*20 {
			return nil, ErrTooLong // rows of nothing, on and on
		}
	}
	if err := errors.Join(all.Error(), all.Close()); err != nil {
		return nil, errors.Join(ErrBroken, err)
	}
	return c.rows, nil
}
