package mask

import (
	"iter"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// run is a stretch of digits with nothing but blanks, dashes and dots between them: groups of digits.
type run struct {
	digits []digit
	groups []group
}

type digit struct {
	at, width int  // bytes in the text
	value     byte // '0' … '9', or 'X' at the end of an identity number
}

func (d digit) end() int { return d.at + d.width }

// group is digits without anything between them: digits[from:to], and what stands between them and the group before.
type group struct {
	from, to int
	joint    joint
}

// joint is what parts two groups; a dash in it makes it a dash.
type joint int

const (
	apart joint = iota // the first group of a run
	blank
	dot
	dash
)

const widestJoint = 3 // characters: " - "

// runs gives the stretches of s that have digits enough for a number. A run is good until the next one is asked for.
func runs(s string) iter.Seq[*run] {
	return func(yield func(*run) bool) {
		var r run
		flush := func() bool {
			ok := len(r.digits) < fewest || yield(&r)
			r.digits, r.groups = r.digits[:0], r.groups[:0]
			return ok
		}
		between, width := apart, 0
		for at := 0; at < len(s); {
			c, size := utf8.DecodeRuneInString(s[at:])
			value, isDigit := digitOf(c)
			part := jointOf(c)
			switch {
			case isDigit:
				r.add(digit{at: at, width: size, value: value}, between)
				between, width = apart, 0
			case len(r.digits) == 0 || invisible(c):
				// nothing has begun, or nothing is seen
			case part != apart && width < widestJoint:
				between, width = max(between, part), width+1
			default:
				if isX(c) && between == apart && !wordGoesOn(s[at+size:]) {
					r.add(digit{at: at, width: size, value: 'X'}, apart)
				}
				if !flush() {
					return
				}
				between, width = apart, 0
			}
			at += size
		}
		flush()
	}
}

// add puts a digit to the group, or, after a joint, to a new one.
func (r *run) add(d digit, between joint) {
	if len(r.groups) == 0 || between != apart {
		r.groups = append(r.groups, group{from: len(r.digits), joint: between})
	}
	r.digits = append(r.digits, d)
	r.groups[len(r.groups)-1].to = len(r.digits)
}

// digitOf gives the decimal digit that c is to a reader: 4, ４, ٤, 𝟒, ④.
func digitOf(c rune) (byte, bool) {
	switch {
	case c < utf8.RuneSelf:
		return byte(c), '0' <= c && c <= '9'
	case ideograph(c):
		return 0, false
	case unicode.Is(unicode.Nd, c):
		// The decimal digits of a script stand in a row from 0 to 9, and the table's ranges are whole rows.
		for _, t := range unicode.Nd.R16 {
			if lo := rune(t.Lo); lo <= c && c <= rune(t.Hi) {
				return byte('0' + (c-lo)%10), true
			}
		}
		for _, t := range unicode.Nd.R32 {
			if lo := rune(t.Lo); lo <= c && c <= rune(t.Hi) {
				return byte('0' + (c-lo)%10), true
			}
		}
	case unicode.Is(unicode.No, c):
		if k := norm.NFKC.String(string(c)); len(k) == 1 && '0' <= k[0] && k[0] <= '9' {
			return k[0], true
		}
	}
	return 0, false
}

// jointOf tells how c parts two groups, or apart when it ends the run.
func jointOf(c rune) joint {
	switch {
	case c == ' ' || c == '\t':
		return blank
	case c == '-' || c == '\u2212' || c == '\u30fc': // hyphen, minus, and the 長音 that is typed for a dash
		return dash
	case c == '.' || c == '·' || c == '．' || c == '・':
		return dot
	case c < utf8.RuneSelf || ideograph(c):
		return apart
	case unicode.Is(unicode.Zs, c):
		return blank
	case unicode.Is(unicode.Pd, c):
		return dash
	}
	return apart
}

// ideograph spares the look in the tables for what most Chinese text consists of.
func ideograph(c rune) bool { return 0x3400 <= c && c <= 0x9fff }

// invisible tells characters that part nothing: zero width, soft hyphen.
func invisible(c rune) bool {
	return c >= utf8.RuneSelf && unicode.Is(unicode.Cf, c)
}

func isX(c rune) bool {
	switch c {
	case 'x', 'X', 'ｘ', 'Ｘ', '×', 'Ⅹ', 'ⅹ', 'Х', 'х': // the last two are Cyrillic
		return true
	}
	return false
}

// wordGoesOn tells whether rest begins with a Latin letter or a digit: the X before it is no check digit.
func wordGoesOn(rest string) bool {
	c, _ := utf8.DecodeRuneInString(rest)
	_, isDigit := digitOf(c)
	return isDigit || latin(c)
}

func latin(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
