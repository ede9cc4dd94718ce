package words

import (
	"strings"
	"unicode"
)

// A text longer than this is cut into clauses: it may complain of several things.
const (
	longChinese = 80 // characters
	longEnglish = 60 // words
	fullChinese = 40 // a clause grows up to this length before the next one begins
	fullEnglish = 30
	maxClauses  = 40 // of a text; what comes later is not read
)

// Clauses cuts a long text, in normal form or as it was written, at the ends of its sentences, or at commas where it has none, into pieces that say
// enough to be grouped. A short one stays whole.
func Clauses(normal string) []string {
	long, full := longEnglish, fullEnglish
	if LanguageOf(normal) == Chinese {
		long, full = longChinese, fullChinese
	}
	if length(normal) <= long {
		return []string{normal}
	}
	var clauses []string
	var open strings.Builder
	size := 0
	for _, piece := range pieces(normal, full) {
		n := length(piece)
		if size > 0 && size+n > full {
			clauses = append(clauses, open.String())
			open.Reset()
			size = 0
		}
		open.WriteString(piece)
		size += n
	}
	if size > 0 {
		clauses = append(clauses, open.String())
	}
	return clauses[:min(len(clauses), maxClauses)]
}

// length counts what a text says: Chinese characters, and words of other scripts.
func length(text string) int {
	n, inside := 0, false
	for _, r := range text {
		switch {
		case IsChinese(r):
			n++
			inside = false
		case unicode.IsLetter(r) || unicode.IsNumber(r) || r == '\'':
			if !inside {
				n++
			}
			inside = true
		default:
			inside = false
		}
	}
	return n
}

// pieces cuts at sentence ends, and at commas and spaces within what is still longer than full.
func pieces(text string, full int) []string {
	var all []string
	for _, sentence := range cut(text, isSentenceEnd) {
		if length(sentence) <= full {
			all = append(all, sentence)
			continue
		}
		for _, part := range cut(sentence, isPause) {
			all = append(all, chop(part, full)...)
		}
	}
	return all
}

// chop cuts what no punctuation divides into runs of at most full words or characters.
func chop(text string, full int) []string {
	if length(text) <= full {
		return []string{text}
	}
	var parts []string
	begin, n, inside := 0, 0, false
	for i, r := range text {
		word := !IsChinese(r) && (unicode.IsLetter(r) || unicode.IsNumber(r) || r == '\'')
		if IsChinese(r) || word && !inside {
			if n == full {
				parts = append(parts, text[begin:i])
				begin, n = i, 0
			}
			n++
		}
		inside = word
	}
	return append(parts, text[begin:])
}

func cut(text string, at func(rune) bool) []string {
	var parts []string
	begin := 0
	for i, r := range text {
		if at(r) {
			end := i + len(string(r))
			parts = append(parts, text[begin:end])
			begin = end
		}
	}
	if begin < len(text) {
		parts = append(parts, text[begin:])
	}
	return parts
}

// Full-width marks are there for texts that are not in normal form.
func isSentenceEnd(r rune) bool { return strings.ContainsRune("。!?;.…~！？；～\n", r) }

func isPause(r rune) bool { return strings.ContainsRune(",、:，：", r) }
