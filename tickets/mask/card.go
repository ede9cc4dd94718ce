package mask

import "slices"

// issuer is a range of prefixes of a card scheme, with the lengths of its numbers. The lengths that are in use today
// make it certain; the others are old, rare, or too often something else.
type issuer struct {
	from, to string // prefixes of equal length
	certain  []int
	possible []int
}

// The ranges are the schemes' own (ISO/IEC 7812). Thirteen digits beginning with 4 are more often a European or Japanese
// bar code or a parcel than a Visa of the last century, nineteen more often an order of a market place.
var issuers = []issuer{
	{"62", "62", []int{16, 17, 18, 19}, nil},             // UnionPay
	{"8100", "8171", nil, []int{16, 17, 18, 19}},         // UnionPay
	{"95588", "95588", []int{19}, []int{16, 18}},         // ICBC, before UnionPay
	{"436742", "436742", []int{16, 19}, nil},             // CCB, before UnionPay
	{"601382", "601382", []int{16, 19}, nil},             // BOC, before UnionPay
	{"4", "4", []int{16}, []int{13, 17, 18, 19}},         // Visa
	{"51", "55", []int{16}, nil},                         // Mastercard
	{"2221", "2720", []int{16}, nil},                     // Mastercard
	{"34", "34", []int{15}, nil},                         // American Express
	{"37", "37", []int{15}, nil},                         // American Express
	{"3528", "3589", []int{16}, []int{17, 18, 19}},       // JCB
	{"300", "305", nil, []int{14, 16, 17, 18, 19}},       // Diners Club
	{"309", "309", nil, []int{14, 16, 17, 18, 19}},       // Diners Club
	{"36", "36", nil, []int{14, 16, 17, 18, 19}},         // Diners Club
	{"38", "39", nil, []int{14, 16, 17, 18, 19}},         // Diners Club
	{"6011", "6011", []int{16}, []int{17, 18, 19}},       // Discover
	{"644", "649", []int{16}, []int{17, 18, 19}},         // Discover
	{"65", "65", []int{16}, []int{17, 18, 19}},           // Discover
	{"2200", "2204", nil, []int{16, 17, 18, 19}},         // Mir
	{"60", "60", nil, []int{16}},                         // RuPay
	{"508", "508", nil, []int{16}},                       // RuPay
	{"50", "50", nil, []int{13, 14, 15, 16, 17, 18, 19}}, // Maestro
	{"56", "59", nil, []int{13, 14, 15, 16, 17, 18, 19}}, // Maestro
	{"61", "61", nil, []int{13, 14, 15, 16, 17, 18, 19}}, // Maestro
	{"63", "63", nil, []int{13, 14, 15, 16, 17, 18, 19}}, // Maestro
	{"67", "67", nil, []int{13, 14, 15, 16, 17, 18, 19}}, // Maestro
}

// cardNumber tells whether the digits are a card number.
func cardNumber(number []byte) verdict {
	v := no
	for i := range issuers {
		v = max(v, issuers[i].judge(number))
	}
	if v == no || !luhn(number) {
		return no
	}
	// Orders are often numbered by the day: in 2026, 260101… lies within Mastercard's range.
	if v == certain && number[0] == '2' && date(20, number[:6]) {
		return possible
	}
	return v
}

func (s *issuer) judge(number []byte) verdict {
	prefix := string(number[:len(s.from)])
	switch {
	case prefix < s.from || prefix > s.to:
		return no
	case slices.Contains(s.certain, len(number)):
		return certain
	case slices.Contains(s.possible, len(number)):
		return possible
	}
	return no
}

// luhn checks the last digit as ISO/IEC 7812-1 annex B says.
func luhn(number []byte) bool {
	sum := 0
	for i, d := range number {
		if d < '0' || d > '9' {
			return false
		}
		n := int(d - '0')
		if (len(number)-i)%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}
