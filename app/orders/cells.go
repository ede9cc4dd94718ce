package orders

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// plainCell takes away what exports wrap numbers in so that a spreadsheet leaves them alone: ="123", '123, tabs.
func plainCell(cell string) string {
	cell = strings.Trim(cell, " \t\r\n\u00a0\u3000\ufeff")
	if inner, ok := strings.CutPrefix(cell, `="`); ok && strings.HasSuffix(inner, `"`) {
		cell = strings.TrimSuffix(inner, `"`)
	}
	cell = strings.TrimLeft(cell, "'`")
	return strings.Trim(cell, " \t\r\n")
}

// nothing are words of exports for an empty cell.
func nothing(cell string) bool {
	switch cell {
	case "", "-", "--", "—", "/", "无", "null", "NULL", "0000-00-00 00:00:00":
		return true
	}
	return false
}

// amountCell reads an amount as people write it: ¥1,234.50, 59元. Zeros beyond the currency's digits do not count.
func amountCell(cell string, digits int) (string, bool) {
	cell = norm.NFKC.String(cell)
	cell = strings.Trim(cell, " ¥￥$元")
	cell = strings.TrimPrefix(cell, "CNY")
	cell = strings.ReplaceAll(strings.TrimSpace(cell), ",", "")
	if whole, part, point := strings.Cut(cell, "."); point && len(part) > digits {
		cell = whole + "." + part[:digits] + strings.TrimRight(part[digits:], "0")
		cell = strings.TrimSuffix(cell, ".")
	}
	_, ok := minor(cell, digits)
	return cell, ok
}

// timeForms are the forms of a time that exports and spreadsheets write.
var timeForms = []string{
	"2006-01-02 15:04:05", "2006/1/2 15:04:05", "2006-1-2 15:04:05", "2006/1/2 15:04", "2006-1-2 15:04", "2006-01-02", "2006/1/2", "2006-1-2",
	"2006年1月2日 15:04:05", "2006年1月2日 15:04", "2006年1月2日", "2006.1.2 15:04:05", "20060102150405", "2006-01-02T15:04:05", time.RFC3339,
	"2006-01-02 15:04:05.000", "2006-01-02 15:04:05.0",
}

// timeCell reads a time of the shop's zone.
func timeCell(cell string, zone *time.Location) (time.Time, bool) {
	cell = strings.TrimSpace(norm.NFKC.String(cell))
	for _, form := range timeForms {
		if at, err := time.ParseInLocation(form, cell, zone); err == nil && at.After(earliest) && at.Before(latest) {
			return at, true
		}
	}
	return time.Time{}, false
}

// quantityCell reads a number of pieces.
func quantityCell(cell string) (int64, bool) {
	cell = strings.TrimSpace(norm.NFKC.String(cell))
	if whole, part, point := strings.Cut(cell, "."); point && strings.Trim(part, "0") == "" {
		cell = whole
	}
	n, err := strconv.ParseInt(cell, 10, 64)
	return n, err == nil && n >= 1 && n <= quantityMax
}

// phoneCell gives a mobile number that can be somebody's; exports mask most of them.
func phoneCell(cell string) string {
	cell = strings.NewReplacer(" ", "", "+86", "", "-", "").Replace(plainCell(cell))
	if len(cell) != 11 || cell[0] != '1' || strings.Trim(cell, "0123456789") != "" {
		return ""
	}
	return cell
}

// rounded tells a long number whose last digits a spreadsheet has made zeros: it keeps fifteen.
func rounded(number string) bool {
	return len(number) >= 18 && strings.Trim(number, "0123456789") == "" && strings.Trim(number[15:], "0") == ""
}
