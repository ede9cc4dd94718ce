package mask

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// shape is how a number is cut into groups.
type shape int

const (
	oddShape  shape = iota // as no card is printed
	oneGroup               // not cut
	cardShape              // as cards are printed
)

// Groupings on cards, besides fours: American Express, Diners Club, UnionPay.
var cardShapes = [][]int{{4, 6, 5}, {4, 6, 4}, {6, 13}, {6, 10}}

// shape tells how the groups i to j look.
func (r *run) shape(i, j int) shape {
	if i == j {
		return oneGroup
	}
	var sizes []int
	fours := true
	for n := i; n <= j; n++ {
		g := r.groups[n]
		sizes = append(sizes, g.to-g.from)
		fours = fours && (g.to-g.from == 4 || (n == j && g.to-g.from < 4))
	}
	if fours || slices.ContainsFunc(cardShapes, func(c []int) bool { return slices.Equal(c, sizes) }) {
		return cardShape
	}
	return oddShape
}

// free tells whether the groups i to j stand for themselves: not part of a longer number (20260101-4111…, 0.4111…), of
// a token with letters (SF4111…), of a phone number (+62…) or of an address (https://…/4111…).
func (r *run) free(s string, i, j int) bool {
	if before := r.groups[i].joint; before == dash || before == dot {
		return false
	}
	if j+1 < len(r.groups) && r.groups[j+1].joint == dash {
		return false
	}
	start, end := r.digits[r.groups[i].from].at, r.digits[r.groups[j].to-1].end()
	before, _ := utf8.DecodeLastRuneInString(s[:start])
	after, _ := utf8.DecodeRuneInString(s[end:])
	return !latin(before) && !latin(after) && before != '+' && before != '＋' && before != '_' && after != '_' && !inAddress(s[:start])
}

const longestAddress = 300 // bytes that inAddress looks back

// inAddress tells whether the last word of before is an address of the web, which goes on with the number.
func inAddress(before string) bool {
	before = before[max(0, len(before)-longestAddress):]
	if i := strings.LastIndexAny(before, " \t\r\n<>\"'（(　，。"); i >= 0 {
		before = before[i:]
	}
	return strings.Contains(before, "://") || strings.Contains(before, "www.")
}

// covered tells whether group i is what an earlier call left readable of a number: asterisks stand before it. Two of
// them only print it bold.
func (r *run) covered(s string, i int) bool {
	before := s[:r.digits[r.groups[i].from].at]
	for {
		c, size := utf8.DecodeLastRuneInString(before)
		if size == 0 || (jointOf(c) == apart && !invisible(c)) {
			return strings.HasSuffix(before, "***")
		}
		before = before[:len(before)-size]
	}
}
