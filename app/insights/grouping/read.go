package grouping

import (
	"slices"

	"huiyin/app/insights/grouping/lexicon"
	"huiyin/app/insights/grouping/vector"
	"huiyin/app/insights/grouping/words"
)

// unit is what is grouped: a text, or a clause of a long one, once for all that say the same.
type unit struct {
	normal   string
	language words.Language
	words    []int32 // into vocabulary.shown, with joinedBit
	concepts []int32
	writers  []int32 // the first few people who say so
}

const (
	joinedBit = 1 << 30 // the word belongs to one phrase with the one before
	wordMask  = joinedBit - 1
	// fewWriters of a unit are remembered: nothing asks for more.
	fewWriters = 8
)

// reading is all texts, read.
type reading struct {
	vocabulary
	units []unit
	of    [][]int32 // the units of each text
}

// vocabulary numbers the words of all texts in the order in which they come.
type vocabulary struct {
	index  map[string]int32
	shown  []string
	form   []int32 // of each shown word, into forms
	stop   []bool
	forms  []string
	byForm map[string]int32
}

const readBlock = 256

// read takes texts apart. Texts and clauses with the same key are one unit.
func read(texts []Text, o Options, concepts *lexicon.Lexicon) *reading {
	r := &reading{of: make([][]int32, len(texts))}
	r.index, r.byForm = map[string]int32{}, map[string]int32{}
	r.divide(texts)
	if o.ComplaintsOnly {
		r.gate()
	}
	reader := words.NewReader(o.Segmenter)
	const many = 64 * readBlock // tokens are bulky: so many units at a time
	for from := 0; from < len(r.units); from += many {
		r.tokenise(r.units[from:min(len(r.units), from+many)], reader, concepts)
	}
	return r
}

// divide makes units of texts.
func (r *reading) divide(texts []Text) {
	type clause struct{ normal, key string }
	clauses := make([][]clause, len(texts))
	vector.Blocks(len(texts), readBlock, func(_, from, to int) {
		for i := from; i < to; i++ {
			for _, n := range words.Clauses(words.Normal(texts[i].Body)) {
				clauses[i] = append(clauses[i], clause{n, words.Key(n)})
			}
		}
	})
	byKey := map[string]int32{}
	people := map[string]int32{}
	for i := range texts {
		person := int32(-1 - i)
		if name := texts[i].Writer; name != "" {
			if _, ok := people[name]; !ok {
				people[name] = int32(len(people))
			}
			person = people[name]
		}
		for _, c := range clauses[i] {
			if c.key == "" {
				continue
			}
			u, ok := byKey[c.key]
			if !ok {
				u = int32(len(r.units))
				byKey[c.key] = u
				r.units = append(r.units, unit{normal: c.normal, language: words.LanguageOf(c.normal)})
			}
			r.units[u].saidBy(person)
			r.of[i] = append(r.of[i], u)
		}
		clauses[i] = nil
	}
}

func (u *unit) saidBy(person int32) {
	if len(u.writers) < fewWriters && !slices.Contains(u.writers, person) {
		u.writers = append(u.writers, person)
	}
}

// gate leaves out the units that are no complaint.
func (r *reading) gate() {
	keep := make([]bool, len(r.units))
	vector.Blocks(len(r.units), readBlock, func(_, from, to int) {
		for i := from; i < to; i++ {
			keep[i] = lexicon.IsComplaint(r.units[i].normal)
		}
	})
	number := make([]int32, len(r.units))
	kept := r.units[:0]
	for i, u := range r.units {
		number[i] = int32(len(kept))
		if keep[i] {
			kept = append(kept, u)
		}
	}
	r.units = kept
	for i, of := range r.of {
		left := of[:0]
		for _, u := range of {
			if keep[u] {
				left = append(left, number[u])
			}
		}
		r.of[i] = left
	}
}

func (r *reading) tokenise(units []unit, reader *words.Reader, concepts *lexicon.Lexicon) {
	tokens := make([][]words.Token, len(units))
	vector.Blocks(len(units), readBlock, func(_, from, to int) {
		for i := from; i < to; i++ {
			tokens[i] = reader.Tokens(units[i].normal)
			units[i].concepts = concepts.Find(units[i].normal, tokens[i])
		}
	})
	for i := range units {
		units[i].words = make([]int32, len(tokens[i]))
		for j, t := range tokens[i] {
			w := r.number(t)
			if t.Joined {
				w |= joinedBit
			}
			units[i].words[j] = w
		}
	}
}

// number gives the number of a shown word.
func (v *vocabulary) number(t words.Token) int32 {
	if w, ok := v.index[t.Shown]; ok {
		return w
	}
	w := int32(len(v.shown))
	v.index[t.Shown] = w
	v.shown = append(v.shown, t.Shown)
	v.stop = append(v.stop, t.Stop)
	f, ok := v.byForm[t.Form]
	if !ok {
		f = int32(len(v.forms))
		v.byForm[t.Form] = f
		v.forms = append(v.forms, t.Form)
	}
	v.form = append(v.form, f)
	return w
}
