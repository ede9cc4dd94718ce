package sheet

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// longDigits is from how many digits on a number is text: a spreadsheet shows longer ones as 1.23E+12 and forgets their end.
const longDigits = 12

var (
	digits = regexp.MustCompile(`^[0-9]+$`)
	number = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,10})(\.[0-9]{1,6})?$`)
)

// LongNumber tells whether a cell is a number so long that a spreadsheet would spoil it.
func LongNumber(cell string) bool { return len(cell) >= longDigits && digits.MatchString(cell) }

// Kept puts an apostrophe before a number that a spreadsheet would spoil in a CSV, where nothing else says that it is text.
// Plain takes it away again.
func Kept(cell string) string {
	if LongNumber(cell) {
		return "'" + cell
	}
	return cell
}

const (
	widthLeast, widthMost = 8, 60 // of a column, in characters
)

// WriteXLSX writes rows, the first of which is the head, as a book of one sheet. Short numbers are numbers; all else is text,
// and none of it would be calculated, also when somebody saves it as CSV.
func WriteXLSX(w io.Writer, name string, rows [][]string) (err error) {
	f := excelize.NewFile()
	defer func() { err = firstError(err, f.Close()) }()
	if err := f.SetSheetName(f.GetSheetName(0), name); err != nil {
		return fmt.Errorf("name a sheet: %w", err)
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	out, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for column, width := range widths(rows) {
		if err := out.SetColWidth(column+1, column+1, float64(width)); err != nil {
			return err
		}
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for i, row := range rows {
		cells := make([]any, len(row))
		for j, cell := range row {
			if cells[j] = typed(cell); i == 0 {
				cells[j] = excelize.Cell{StyleID: bold, Value: cells[j]}
			}
		}
		if err := out.SetRow("A"+strconv.Itoa(i+1), cells); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return f.Write(w)
}

// typed is a cell as a number or as text.
func typed(cell string) any {
	if number.MatchString(cell) {
		if n, err := strconv.ParseFloat(cell, 64); err == nil {
			return n
		}
	}
	return Neutral(cell)
}

// widths gives each column room for what stands in it.
func widths(rows [][]string) (out []int) {
	for _, row := range rows {
		for i, cell := range row {
			if i == len(out) {
				out = append(out, widthLeast)
			}
			wide := utf8.RuneCountInString(cell)
			wide += (len(cell) - wide) / 2 // Chinese takes the room of two
			out[i] = min(max(out[i], wide+2), widthMost)
		}
	}
	return out
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
