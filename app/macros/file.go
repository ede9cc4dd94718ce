package macros

import (
	"errors"
	"io"

	"huiyin/app/sheet"
	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// Limits of a file of quick replies.
const (
	FileMax  = 5 << 20 // bytes
	LinesMax = 5_000
)

// Parse reads a file of quick replies, CSV or XLSX. Errors: Invalid, field file.
func Parse(data []byte) ([]tickets.MacroLine, error) {
	rows, err := sheet.Read(data, sheet.Limits{Bytes: FileMax, Rows: LinesMax + 1})
	if err != nil {
		return nil, refusal(err)
	}
	if len(rows) < 2 {
		return nil, invalid("empty", nil)
	}
	at := columns(rows[0].Cells)
	if at[colTitle] < 0 || at[colText] < 0 {
		return nil, invalid("header", nil)
	}
	lines := make([]tickets.MacroLine, 0, len(rows)-1)
	for _, row := range rows[1:] {
		lines = append(lines, line(row.Line, row.Cells, at, sheet.Plain))
	}
	return lines, nil
}

// refusal gives the words for what is wrong with a file.
func refusal(err error) error {
	switch {
	case errors.Is(err, sheet.ErrTooLarge):
		return invalid("too_large", map[string]any{"max": FileMax >> 20})
	case errors.Is(err, sheet.ErrTooLong):
		return invalid("too_long", map[string]any{"max": LinesMax})
	case errors.Is(err, sheet.ErrEncoding):
		return invalid("encoding", nil)
	}
	return invalid("broken", nil)
}

func invalid(code string, args map[string]any) error {
	return fault.InvalidField("file", code, map[string]string{
		"empty": "replies.file.empty", "header": "replies.file.header", "too_large": "replies.file.too_large", "too_long": "replies.file.too_long",
		"encoding": "replies.file.encoding", "broken": "replies.file.broken",
	}[code], args)
}

// Header names the columns of a file that this desk writes; Parse knows them in every language.
type Header struct{ Shelf, Group, Subgroup, Title, Shortcut, Text string }

// Export writes all quick replies of somebody as CSV, each with the name of its shelf.
func Export(w io.Writer, all *tickets.Macros, h Header, shelfName func(tickets.MacroShelf) string) error {
	rows := [][]string{{h.Shelf, h.Group, h.Subgroup, h.Title, h.Shortcut, h.Text}}
	paths := tickets.MacroPaths(all.Groups)
	for i := range all.Macros {
		m := &all.Macros[i]
		path := paths[m.GroupID]
		rows = append(rows, []string{shelfName(m.Shelf()), path[0], path[1], m.Title, m.Shortcut, m.Text})
	}
	return sheet.WriteCSV(w, rows)
}

// Sample writes a file to begin with.
func Sample(w io.Writer, h Header, lines []tickets.MacroLine) error {
	rows := [][]string{{h.Group, h.Subgroup, h.Title, h.Shortcut, h.Text}}
	for _, l := range lines {
		rows = append(rows, []string{l.Group, l.Subgroup, l.Title, l.Shortcut, l.Text})
	}
	return sheet.WriteCSV(w, rows)
}
