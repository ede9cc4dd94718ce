package web

import (
	"bytes"
	"context"
	"strconv"

	"github.com/labstack/echo/v4"

	"huiyin/app/intake"
	"huiyin/app/sheet"
	"huiyin/tickets"
	"huiyin/tickets/id"
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

// importedTable shows a file. columns says what its columns hold, of the fields whose names are below key; of a form that was
// refused what was chosen counts.
func importedTable[F ~string](c echo.Context, w *Words, header []string, rows [][]string, columns map[F]int, fields []F, key string, refused bool) importTable {
	holds, options := map[int]string{}, []option{{"", w.T("import.column.none")}}
	for f, at := range columns {
		holds[at] = string(f)
	}
	for _, f := range fields {
		options = append(options, option{string(f), w.T(key + string(f))})
	}
	t := importTable{Rows: rows}
	for i, title := range header {
		col := columnView{Title: title, Name: "column" + strconv.Itoa(i), Label: w.T("import.preview.holds", "column", title), Value: holds[i], Options: options}
		if refused {
			col.Value = c.FormValue(col.Name)
		}
		t.Columns = append(t.Columns, col)
	}
	return t
}

// sentImport takes a file of so many bytes at the most, of the program that the form names.
func sentImport(c echo.Context, most int64, upload func(ctx context.Context, by tickets.Actor, name, preset string, data []byte) (id.ID, error)) (id.ID, error) {
	data, err := sentFile(c, "file", most)
	if err != nil {
		return 0, err
	}
	head, err := c.FormFile("file")
	if err != nil {
		return 0, err
	}
	return upload(c.Request().Context(), actor(c), head.Filename, c.FormValue("preset"), data)
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

// imported is an import as its progress needs it.
type imported struct {
	State, Path   string
	What          string // became of its lines, in words
	Reason        string // why it failed, in words
	Moving        bool
	Place, Lines  int64
	Refused       int64
	RejectsAtMost func(most int) ([]rejected, error)
}

// progress says how far an import is, and what it did not take.
func (w *Words) progress(i imported) (progressView, error) {
	v := progressView{Words: w, State: w.T("import.state." + i.State), Class: importClass(i.State), What: i.What, Running: i.Moving, Reason: i.Reason}
	if i.Lines > 0 {
		v.Percent = int(i.Place * 100 / i.Lines)
	}
	if i.Refused == 0 {
		return v, nil
	}
	v.Download = i.Path + "/rejected.csv"
	list, err := i.RejectsAtMost(rejectsShown + 1)
	v.reject(list)
	return v, err
}

// rejectedLines are lines that were not taken; names of fields are below key, and what is wrong with them below why.
func rejectedLines[F ~string](w *Words, list []intake.Reject[F], key, why string) (out []rejected) {
	for _, r := range list {
		out = append(out, rejected{r.Line, r.Col, w.T(key + string(r.Field)), w.T(why + r.Code)})
	}
	return out
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
