package web

import (
	"bytes"
	"strconv"

	"github.com/labstack/echo/v4"

	"huiyin/app/sheet"
)

// What pages of imports have in common, whatever is imported: a preview whose columns are named, and how far a file is.

const (
	rejectsShown   = 50
	rejectsMost    = 10_000
	columnsOfTable = 200
)

type importRow struct{ Name, Href, State, What, Class string }

// importTable is the first lines of a file; each column asks what it holds.
type importTable struct {
	Columns []columnView
	Rows    [][]string
}

// columnView is a column of the preview, with what it holds.
type columnView struct {
	Title, Name, Label, Value string
	Options                   []option
}

// importedTable shows a file. holds says what its columns hold; of a form that was refused what was chosen counts.
func importedTable(c echo.Context, w *Words, header []string, rows [][]string, holds map[int]string, fields []option, refused bool) importTable {
	t := importTable{Rows: rows}
	for i, title := range header {
		col := columnView{Title: title, Name: "column" + strconv.Itoa(i), Label: w.T("import.preview.holds", "column", title), Value: holds[i], Options: append([]option{{"", w.T("import.column.none")}}, fields...)}
		if refused {
			col.Value = c.FormValue(col.Name)
		}
		t.Columns = append(t.Columns, col)
	}
	return t
}

// chosenColumns reads which column holds which field. twice: two are said to hold the same.
func chosenColumns[F ~string](c echo.Context, fields []F) (columns map[F]int, twice bool, err error) {
	values, err := c.FormParams()
	if err != nil {
		return nil, false, err
	}
	columns = map[F]int{}
	for i := range columnsOfTable {
		chosen := F(values.Get("column" + strconv.Itoa(i)))
		for _, known := range fields {
			if chosen == known {
				_, was := columns[chosen]
				twice = twice || was
				columns[chosen] = i
			}
		}
	}
	return columns, twice, nil
}

// progressView is how far an import is.
type progressView struct {
	*Words
	State    string
	Class    string
	Running  bool
	Percent  int
	What     string
	Reason   string
	Rejects  []rejectView
	More     bool
	Download string
}

// rejectView is a cell that was not taken, and how to mend it.
type rejectView struct{ Where, Why string }

// rejected is a cell that was not taken. Field and Why are words for people.
type rejected struct {
	Line, Col  int
	Field, Why string
}

// reject adds what was not taken, as much as a page shows.
func (v *progressView) reject(list []rejected) {
	if v.More = len(list) > rejectsShown; v.More {
		list = list[:rejectsShown]
	}
	for _, r := range list {
		line := v.T("import.reject.line", "line", r.Line)
		if r.Col > 0 {
			line = v.T("import.reject.cell", "line", r.Line, "column", columnName(r.Col))
		}
		v.Rejects = append(v.Rejects, rejectView{line + " · " + r.Field, r.Why})
	}
}

// rejectedFile gives the lines that were not taken as a file, with what to do about each.
func rejectedFile(c echo.Context, w *Words, list []rejected) error {
	rows := [][]string{{w.T("import.reject.head.line"), w.T("import.reject.head.column"), w.T("import.reject.head.field"), w.T("import.reject.head.why")}}
	for _, r := range list {
		col := ""
		if r.Col > 0 {
			col = columnName(r.Col)
		}
		rows = append(rows, []string{strconv.Itoa(r.Line), col, r.Field, r.Why})
	}
	var b bytes.Buffer
	if err := sheet.WriteCSV(&b, rows); err != nil {
		return err
	}
	return csvFile(c, "rejected-lines.csv", b.Bytes())
}

func importClass(state string) string {
	switch state {
	case "done":
		return "good"
	case "failed":
		return "bad"
	case "new":
		return "warn"
	case "back":
		return ""
	}
	return "accent"
}

// columnName is a column as spreadsheets call it: A, B … AA.
func columnName(n int) string {
	name := ""
	for ; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}
