package grouping

import (
	"slices"
	"sort"

	"huiyin/app/insights/grouping/space"
	"huiyin/app/insights/grouping/words"
)

const (
	// fewTexts of a language do not place its words: below this its texts are compared by the words themselves.
	fewTexts  = 300
	manyTexts = 12000 // from here on a word must stand in three texts to count, before in two
	mostWords = 40000
)

// tongue is what is known of one language.
type tongue struct {
	texts int          // that it was learned from
	words []string     // by their number, the most frequent first
	docs  []int32      // texts in which each stands
	space *space.Space // nil when there were few texts
	index map[string]int32
}

// learn gathers the words of a language and, when there are enough texts, places them.
func learn(r *reading, language words.Language, writers int) *tongue {
	t := &tongue{}
	docs := make([]int32, len(r.forms))
	heard := make([][]int32, len(r.forms))
	last := make([]int32, len(r.forms))
	for u := range r.units {
		if r.units[u].language != language {
			continue
		}
		t.texts++
		for _, w := range r.units[u].words {
			w &= wordMask
			f := r.form[w]
			if r.stop[w] || last[f] == int32(u+1) {
				continue
			}
			last[f] = int32(u + 1)
			docs[f]++
			for _, person := range r.units[u].writers {
				if len(heard[f]) < writers && !slices.Contains(heard[f], person) {
					heard[f] = append(heard[f], person)
				}
			}
		}
	}
	least := int32(2)
	if t.texts >= manyTexts {
		least = 3
	}
	var kept []int32
	for f, d := range docs {
		if d >= least && len(heard[f]) >= writers {
			kept = append(kept, int32(f))
		}
	}
	sort.SliceStable(kept, func(i, j int) bool { return docs[kept[i]] > docs[kept[j]] })
	for _, f := range kept[:min(len(kept), mostWords)] {
		t.words = append(t.words, r.forms[f])
		t.docs = append(t.docs, docs[f])
	}
	t.number()
	if t.texts >= fewTexts && len(t.words) > 0 {
		t.space = space.Learn(t.corpus(r, language), t.docs)
	}
	return t
}

func (t *tongue) number() {
	t.index = make(map[string]int32, len(t.words))
	for i, w := range t.words {
		t.index[w] = int32(i)
	}
}

func (t *tongue) corpus(r *reading, language words.Language) *space.Corpus {
	var c space.Corpus
	known := t.known(r)
	var ids []int32
	for u := range r.units {
		if r.units[u].language == language {
			ids = known.in(&r.units[u], ids[:0])
			c.Add(ids)
		}
	}
	return &c
}

// known gives for each shown word of a reading its number in a tongue, or -1.
type known []int32

func (t *tongue) known(r *reading) known {
	k := make(known, len(r.shown))
	for w := range r.shown {
		k[w] = -1
		if i, ok := t.index[r.forms[r.form[w]]]; ok && !r.stop[w] {
			k[w] = i
		}
	}
	return k
}

// in appends the numbers of the words of a unit that are known.
func (k known) in(u *unit, ids []int32) []int32 {
	for _, w := range u.words {
		if i := k[w&wordMask]; i >= 0 {
			ids = append(ids, i)
		}
	}
	return ids
}
