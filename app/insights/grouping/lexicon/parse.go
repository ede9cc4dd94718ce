package lexicon

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode"

	"huiyin/app/insights/grouping/words"
)

// Concept is one thing that shoppers talk about.
type Concept struct {
	Name             string
	Aspect           int    // into Lexicon.Aspects
	Parent           int32  // the concept above, that of "refund/waiting" is "refund"; None
	Chinese, English string // what people call it; empty for one that is merely above others
	Topic            bool   // it is what is spoken of, not what went wrong
	Mild             bool   // its phrases alone tell no trouble
}

// Named tells a concept that people have words for from one that is merely above others.
func (c *Concept) Named() bool { return c.Chinese+c.English != "" }

// None is the parent of a concept that has none.
const None = -1

// Aspect gathers concepts under the names that people read.
type Aspect struct{ Key, Chinese, English string }

// Lexicon finds concepts in texts. Safe for use by several goroutines.
type Lexicon struct {
	Concepts []Concept
	Aspects  []Aspect
	byName   map[string]int32
	chinese  map[rune][]phrase
	english  map[string][]phrase // by the first word, or its first letters where it ends in *
	aspect   int                 // of the lines that are read
}

// phrase is a sequence of parts with gaps between.
type phrase struct {
	concept int32
	han     []string // Chinese: parts in this order
	latin   [][]word // English: runs of words in this order
}

// word is one word of an English phrase: a stem, or the beginning of a word, or a word in this form only.
type word struct {
	stem, begins, exact string
}

// Parse reads a lexicon. An error names the line and what it should look like.
func Parse(text string) (*Lexicon, error) {
	l := &Lexicon{byName: map[string]int32{}, chinese: map[rune][]phrase{}, english: map[string][]phrase{}}
	given := map[string]bool{}
	for number, line := range said(text) {
		fields := strings.Split(line, "|")
		if len(fields) != 3 {
			return nil, fmt.Errorf("line %d of the lexicon: give three parts with | between: concept | 中文 | English", number)
		}
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		if key, ok := strings.CutPrefix(fields[0], "== "); ok {
			l.begin(Aspect{key, fields[1], fields[2]})
			continue
		}
		if len(l.Aspects) == 0 {
			return nil, fmt.Errorf("line %d of the lexicon: begin with an aspect: == delivery | 物流 | Delivery", number)
		}
		if fields[0] == "" || given[fields[0]] {
			return nil, fmt.Errorf("line %d of the lexicon: give the concept a name that no other has, not %q", number, fields[0])
		}
		given[fields[0]] = true
		l.add(fields[0], fields[1], fields[2])
	}
	return l, nil
}

// said gives the lines of a text that say something, with their numbers.
func said(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		number := 0
		for line := range strings.Lines(text) {
			number++
			line = strings.TrimSpace(line)
			if line != "" && !strings.HasPrefix(line, "#") && !yield(number, line) {
				return
			}
		}
	}
}

// begin begins an aspect, or goes on with one that was begun.
func (l *Lexicon) begin(a Aspect) {
	l.aspect = slices.IndexFunc(l.Aspects, func(known Aspect) bool { return known.Key == a.Key })
	if l.aspect < 0 {
		l.aspect = len(l.Aspects)
		l.Aspects = append(l.Aspects, a)
	}
}

func (l *Lexicon) add(name, chinese, english string) {
	concept := l.number(name)
	c := &l.Concepts[concept]
	c.Chinese, c.English = called(chinese, " "), called(english, ",")
	for _, p := range strings.Fields(words.Normal(chinese)) {
		if isLatin(p) { // a loan word: app, wifi
			english += "," + p
			continue
		}
		parts := split(p)
		if len(parts) > 0 {
			first := []rune(parts[0])[0]
			l.chinese[first] = append(l.chinese[first], phrase{concept: concept, han: parts})
		}
	}
	for p := range strings.SplitSeq(strings.ToLower(english), ",") {
		var runs [][]word
		for _, part := range split(p) {
			if run := latin(part); len(run) > 0 {
				runs = append(runs, run)
			}
		}
		if len(runs) > 0 {
			key := runs[0][0].key()
			l.english[key] = append(l.english[key], phrase{concept: concept, latin: runs})
		}
	}
}

// number gives the number of a concept, and makes it and those above it when they are new.
func (l *Lexicon) number(name string) int32 {
	if n, ok := l.byName[name]; ok {
		return n
	}
	parent := int32(None)
	if above, _, ok := strings.Cut(name, "/"); ok {
		parent = l.number(above)
	}
	n := int32(len(l.Concepts))
	l.byName[name] = n
	l.Concepts = append(l.Concepts, Concept{Name: name, Aspect: l.aspect, Parent: parent})
	return n
}

// called makes a name of the first of some phrases that has no gap.
func called(phrases, between string) string {
	for p := range strings.SplitSeq(phrases, between) {
		if p = strings.Trim(strings.TrimSpace(p), "*="); p != "" && !strings.Contains(p, "…") {
			return p
		}
	}
	return ""
}

// name calls concepts by the lines of a list of names. An error names the line and what it should look like.
func (l *Lexicon) name(text string) error {
	for number, line := range said(text) {
		rest, topic := strings.CutPrefix(line, "~ ")
		rest, mild := strings.CutPrefix(rest, "- ")
		fields := strings.Split(rest, " | ")
		if len(fields) != 3 {
			return fmt.Errorf("line %d of the names: give three parts with | between: concept | 中文 | English", number)
		}
		n, known := l.byName[fields[0]]
		if !known {
			return fmt.Errorf("line %d of the names: the lexicon has no concept %q", number, fields[0])
		}
		c := &l.Concepts[n]
		c.Chinese, c.English, c.Topic, c.Mild = fields[1], fields[2], topic, mild
	}
	return nil
}

func isLatin(p string) bool {
	return strings.IndexFunc(p, func(r rune) bool { return r > unicode.MaxLatin1 }) < 0
}

// split cuts a phrase at its gaps.
func split(p string) []string {
	p = strings.ReplaceAll(p, "...", "…") // what NFKC makes of …
	var parts []string
	for part := range strings.SplitSeq(p, "…") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// latin reads the words of an English phrase as those of texts are read.
func latin(part string) []word {
	var run []word
	for _, field := range strings.Fields(part) {
		if begins, open := strings.CutSuffix(field, "*"); open {
			run = append(run, word{begins: begins})
			continue
		}
		if exact, ok := strings.CutPrefix(field, "="); ok {
			run = append(run, word{exact: exact})
			continue
		}
		for _, t := range reader.Tokens(words.Normal(field)) {
			run = append(run, word{stem: t.Form})
		}
	}
	return run
}

var reader = words.NewReader(nil)

// keyLetters of a word find the phrases that begin with it.
const keyLetters = 3

func (w word) key() string {
	switch {
	case w.exact != "":
		return w.exact
	case w.stem != "":
		return w.stem
	}
	return w.begins[:min(keyLetters, len(w.begins))] + "*"
}
