// Package mask covers payment card and Chinese identity card (身份证) numbers in free text, before the text is stored:
// a shop's desk has no use for them, and what was never kept cannot leak.
//
// A card number is a known issuer's prefix with one of its lengths and a right check digit (card.go); an identity
// number is what GB 11643 says: region, date of birth, order, check digit (idcard.go). Digits may be of any script and
// width, and be parted by blanks, dashes or dots (run.go). A masked text is what is stored, so a wrong mask destroys an
// order or tracking number for good. Therefore what only may be a card (old or rare lengths, part of a longer token,
// numbers that read as a date) is masked only beside a word that says so (hint.go), and the caller can spare the
// numbers it knows.
//
// tickets calls it in Receive. It keeps no state, and its time grows with the length of the text.
package mask

import "strings"

// The kinds of number.
const (
	Card   = "card"
	IDCard = "id_card"
)

// Found is a number that was masked. It tells nothing of the number itself.
type Found struct {
	Kind string // Card or IDCard
}

const (
	shown  = 4  // digits at the end that stay readable: people say "the card ending in 1111"
	fewest = 13 // digits of the shortest number
	most   = 19 // digits of the longest
)

// Text gives s with all but the last four digits of each card and identity number replaced by asterisks; blanks and
// dashes in it stay. keep, if not nil, is asked for each number that would be masked, in ASCII digits (and X) without
// blanks, and spares it by true: an order or tracking number that the desk knows.
func Text(s string, keep func(candidate string) bool) (masked string, found []Found) {
	var out strings.Builder
	done := 0 // bytes of s that are in out
	for r := range runs(s) {
		for i := 0; i < len(r.groups); {
			c, ok := r.candidate(s, i)
			i = c.next
			if !ok || (keep != nil && keep(c.number)) {
				continue
			}
			for _, d := range r.digits[c.from : c.to-shown] {
				out.WriteString(s[done:d.at])
				out.WriteByte('*')
				done = d.at + d.width
			}
			found = append(found, Found{Kind: c.kind})
		}
	}
	if len(found) == 0 {
		return s, nil
	}
	out.WriteString(s[done:])
	return out.String(), found
}

// candidate is a card or identity number within a run.
type candidate struct {
	kind     string
	number   string // ASCII digits, and X
	from, to int    // its digits in the run
	next     int    // the group to go on with
}

// candidate looks for a number that begins with group i; the longest that is one wins.
func (r *run) candidate(s string, i int) (candidate, bool) {
	found, ok := candidate{next: i + 1}, false
	number := make([]byte, 0, most)
	for j := i; j < len(r.groups); j++ {
		g := r.groups[j]
		if len(number)+g.to-g.from > most {
			break
		}
		for _, d := range r.digits[g.from:g.to] {
			number = append(number, d.value)
		}
		if len(number) < fewest {
			continue
		}
		if kind := r.kind(s, i, j, number); kind != "" {
			found = candidate{kind: kind, number: string(number), from: r.groups[i].from, to: g.to, next: j + 1}
			ok = true
		}
	}
	return found, ok
}

// kind tells what the groups i to j are, or "".
func (r *run) kind(s string, i, j int, number []byte) string {
	if r.covered(s, i) {
		return ""
	}
	hinted := func(words []string) bool {
		return hint(s, r.digits[r.groups[i].from].at, r.digits[r.groups[j].to-1].end(), words)
	}
	switch idNumber(number) {
	case certain:
		return IDCard
	case possible:
		if hinted(idWords) {
			return IDCard
		}
	}
	switch cardNumber(number) {
	case certain:
		if (r.free(s, i, j) && r.shape(i, j) != oddShape) || hinted(cardWords) {
			return Card
		}
	case possible:
		if (r.free(s, i, j) && r.shape(i, j) == cardShape) || hinted(cardWords) {
			return Card
		}
	}
	return ""
}

// verdict is how sure the digits alone make it.
type verdict int

const (
	no verdict = iota
	possible
	certain
)
