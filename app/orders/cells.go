package orders

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"huiyin/app/sheet"
)

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

// timeCell reads a time of the shop's zone that an order may have.
func timeCell(cell string, zone *time.Location) (time.Time, bool) {
	at, ok := sheet.When(cell, zone)
	return at, ok && at.After(earliest) && at.Before(latest)
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
	cell = strings.NewReplacer(" ", "", "+86", "", "-", "").Replace(sheet.Bare(cell))
	if len(cell) != 11 || cell[0] != '1' || strings.Trim(cell, "0123456789") != "" {
		return ""
	}
	return cell
}

// rounded tells a long number whose last digits a spreadsheet has made zeros: it keeps fifteen.
func rounded(number string) bool {
	return len(number) >= 18 && strings.Trim(number, "0123456789") == "" && strings.Trim(number[15:], "0") == ""
}
