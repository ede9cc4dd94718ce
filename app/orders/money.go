package orders

import (
	"strconv"
	"strings"

	"golang.org/x/text/currency"
)

// amountDigits is the longest amount before its point.
const amountDigits = 12

// minorDigits is how many digits a currency has behind the point; false: ISO 4217 does not know it.
func minorDigits(code string) (int, bool) {
	if len(code) != 3 || code != strings.ToUpper(code) {
		return 0, false
	}
	unit, err := currency.ParseISO(code)
	if err != nil {
		return 0, false
	}
	digits, _ := currency.Standard.Rounding(unit)
	return digits, true
}

// minor reads an amount, decimal text such as "59.00", in minor units. It has no more digits behind its point than the
// currency; false: it is none.
func minor(text string, digits int) (int64, bool) {
	whole, part, point := strings.Cut(text, ".")
	if whole == "" || len(whole) > amountDigits || (point && part == "") || len(part) > digits {
		return 0, false
	}
	for _, r := range whole + part {
		if r < '0' || r > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", digits-len(part)), 10, 64)
	return n, err == nil
}

// Decimal writes minor units of a currency as decimal text.
func Decimal(n int64, code string) string {
	digits, _ := minorDigits(code)
	if digits == 0 {
		return strconv.FormatInt(n, 10)
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	text := strconv.FormatInt(n, 10)
	if short := digits + 1 - len(text); short > 0 {
		text = strings.Repeat("0", short) + text
	}
	return sign + text[:len(text)-digits] + "." + text[len(text)-digits:]
}

// Money is an amount with its currency, for people: ¥59.00, USD 12.50. Empty for none.
func Money(n *int64, code string) string {
	switch {
	case n == nil:
		return ""
	case code == "CNY":
		return "¥" + Decimal(*n, code)
	}
	return code + " " + Decimal(*n, code)
}
