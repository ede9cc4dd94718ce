package sheet

import (
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Bare takes away what exports wrap numbers in so that a spreadsheet leaves them alone: ="123", '123, tabs.
func Bare(cell string) string {
	cell = strings.Trim(cell, " \t\r\n\u00a0\u3000\ufeff")
	if inner, ok := strings.CutPrefix(cell, `="`); ok && strings.HasSuffix(inner, `"`) {
		cell = strings.TrimSuffix(inner, `"`)
	}
	cell = strings.TrimLeft(cell, "'`")
	return strings.Trim(cell, " \t\r\n")
}

// Nothing tells whether a bare cell is one of the words of exports for an empty one.
func Nothing(cell string) bool {
	switch cell {
	case "", "-", "--", "—", "/", "无", "null", "NULL", "0000-00-00 00:00:00":
		return true
	}
	return false
}

// timeForms are the forms of a time that exports and spreadsheets write.
var timeForms = []string{
	"2006-01-02 15:04:05", "2006/1/2 15:04:05", "2006-1-2 15:04:05", "2006/1/2 15:04", "2006-1-2 15:04", "2006-01-02", "2006/1/2", "2006-1-2",
	"2006年1月2日 15:04:05", "2006年1月2日 15:04", "2006年1月2日", "2006.1.2 15:04:05", "20060102150405", "2006-01-02T15:04:05", time.RFC3339,
	"2006-01-02 15:04:05.000", "2006-01-02 15:04:05.0",
}

// When reads a time of the zone, in one of the forms that exports write.
func When(cell string, zone *time.Location) (time.Time, bool) {
	cell = strings.TrimSpace(norm.NFKC.String(cell))
	for _, form := range timeForms {
		if at, err := time.ParseInLocation(form, cell, zone); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// headerForm is the form of a header in which it is compared: no case, width, spaces or signs; of 标题（必填） only 标题 is left.
func headerForm(name string) string {
	name = strings.ToLower(norm.NFKC.String(Bare(name)))
	name, _, _ = strings.Cut(name, "(")
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t_-*:/[]", r) {
			return -1
		}
		return r
	}, name)
}

// Guess tells which column holds which field by the names of the columns. names are those that a field goes by, in lower case
// and without spaces, the surest first.
func Guess[F ~string](header []string, names map[F][]string) map[F]int {
	at := map[string]int{}
	for i, name := range header {
		form := headerForm(name)
		if _, twice := at[form]; !twice {
			at[form] = i
		}
	}
	out := map[F]int{}
	for field, names := range names {
		for _, name := range names {
			if i, ok := at[name]; ok {
				out[field] = i
				break
			}
		}
	}
	return out
}

// Cell is a field of a row; empty when no column holds it.
func Cell[F ~string](r Row, columns map[F]int, f F) string {
	at, ok := columns[f]
	if !ok || at < 0 || at >= len(r.Cells) {
		return ""
	}
	return r.Cells[at]
}
