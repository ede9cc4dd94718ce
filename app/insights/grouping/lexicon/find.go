package lexicon

import (
	"slices"
	"strings"
	"unicode/utf8"

	"huiyin/app/insights/grouping/words"
)

const (
	gapChinese = 6 // characters
	gapEnglish = 4 // words
)

// Find gives the concepts of a text in the order of the lexicon, each once. normal is its normal form, tokens are its words.
func (l *Lexicon) Find(normal string, tokens []words.Token) []int32 {
	var found []int32
	for i, r := range normal {
		for _, p := range l.chinese[r] {
			if !slices.Contains(found, p.concept) && p.inHan(normal[i:]) {
				found = append(found, p.concept)
			}
		}
	}
	for i := range tokens {
		shown := tokens[i].Shown
		if shown == "" || shown[0] >= utf8.RuneSelf {
			continue
		}
		found = match(found, l.english[tokens[i].Form], tokens[i:])
		if shown != tokens[i].Form {
			found = match(found, l.english[shown], tokens[i:])
		}
		for n := 1; n <= min(keyLetters, len(shown)); n++ {
			found = match(found, l.english[shown[:n]+"*"], tokens[i:])
		}
	}
	for _, c := range found {
		if p := l.Concepts[c].Parent; p != None && !slices.Contains(found, p) {
			found = append(found, p)
		}
	}
	slices.Sort(found)
	return found
}

// inHan tells whether the phrase stands at the beginning of a text.
func (p *phrase) inHan(text string) bool {
	for i, part := range p.han {
		if i == 0 {
			rest, ok := strings.CutPrefix(text, part)
			if !ok {
				return false
			}
			text = rest
			continue
		}
		at := strings.Index(text, part)
		if at < 0 || utf8.RuneCountInString(text[:at]) > gapChinese || strings.ContainsAny(text[:at], "。!?;") {
			return false
		}
		text = text[at+len(part):]
	}
	return true
}

func match(found []int32, phrases []phrase, tokens []words.Token) []int32 {
	for i := range phrases {
		if p := &phrases[i]; !slices.Contains(found, p.concept) && p.inLatin(tokens) {
			found = append(found, p.concept)
		}
	}
	return found
}

// inLatin tells whether the phrase stands at the beginning of a text.
func (p *phrase) inLatin(tokens []words.Token) bool {
	for i, run := range p.latin {
		last := 0
		if i > 0 {
			last = gapEnglish
		}
		at := 0
		for !runAt(run, tokens, at) {
			if at++; at > last {
				return false
			}
		}
		tokens = tokens[at+len(run):]
	}
	return true
}

func runAt(run []word, tokens []words.Token, at int) bool {
	if at+len(run) > len(tokens) {
		return false
	}
	for i, w := range run {
		if !w.is(&tokens[at+i]) {
			return false
		}
	}
	return true
}

func (w word) is(t *words.Token) bool {
	switch {
	case w.exact != "":
		return t.Shown == w.exact
	case w.stem != "":
		return t.Form == w.stem
	}
	return strings.HasPrefix(t.Shown, w.begins)
}
