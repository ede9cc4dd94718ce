package grouping

import (
	"slices"
	"sort"
	"strings"

	"huiyin/app/insights/grouping/lexicon"
	"huiyin/app/insights/grouping/words"
)

// Level is how fine groups are.
type Level int

// The levels: a group holds one or more fine groups.
const (
	Groups Level = iota
	FineGroups
)

// Description is a group as people read it.
type Description struct {
	ID      int
	Name    string
	Terms   []string // phrases that set it apart, the most telling first
	Size    int      // texts
	Samples []int    // texts nearest to its middle, by their place among the texts
}

const (
	termsShown   = 4
	samplesShown = 3
	// aspectShare of the texts of a group speak of an aspect before the group is named by it.
	aspectShare = .5
	// A group of which each language has mixedPart is named in the one that most shoppers write.
	mixedPart = .2
)

// At gives where a member belongs at a level.
func (m Member) At(level Level) int {
	if level == FineGroups {
		return m.Fine
	}
	return m.Group
}

// Describe names the groups of a level, by id.
func (g *Grouping) Describe(level Level) []Description {
	texts := map[int][]int{}
	for i, m := range g.Members {
		if id := m.At(level); id != 0 {
			texts[id] = append(texts[id], i)
		}
	}
	ids := make([]int, 0, len(texts))
	for id := range texts {
		ids = append(ids, id)
	}
	sort.Ints(ids)
	n := &namer{Grouping: g, everywhere: map[term]int{}}
	n.known[words.Chinese] = g.tongues[words.Chinese].known(g.reading)
	n.known[words.English] = g.tongues[words.English].known(g.reading)
	chinese := 0
	for u := range g.reading.units {
		n.count(&g.reading.units[u], n.everywhere)
		if g.reading.units[u].language == words.Chinese {
			chinese++
		}
	}
	n.chinese = 2*chinese >= len(g.reading.units)
	described := make([]Description, 0, len(ids))
	for _, id := range ids {
		described = append(described, n.describe(id, texts[id]))
	}
	return described
}

// namer finds what sets the texts of a group apart from all others: p·log(p/q) of the share p of its texts and q of the
// other texts that hold a term, which is c-TF-IDF (Grootendorst 2022) as a log-likelihood.
type namer struct {
	*Grouping
	known      [words.Languages]known
	everywhere map[term]int // units that hold each term
	chinese    bool         // most units are Chinese
}

func (n *namer) describe(id int, texts []int) Description {
	d := Description{ID: id, Size: len(texts)}
	byScore := slices.Clone(texts)
	sort.SliceStable(byScore, func(i, j int) bool { return n.Members[byScore[i]].Score > n.Members[byScore[j]].Score })
	d.Samples = byScore[:min(samplesShown, len(byScore))]
	units := n.unitsOf(texts)
	d.Terms = n.terms(units)
	d.Name = n.name(units, d)
	return d
}

// unitsOf gives the best clause of each text, each once.
func (n *namer) unitsOf(texts []int) []int32 {
	var units []int32
	for _, i := range texts {
		best := n.reading.of[i][0]
		for _, u := range n.reading.of[i] {
			if n.fit[u] > n.fit[best] {
				best = u
			}
		}
		units = append(units, best)
	}
	slices.Sort(units)
	return slices.Compact(units)
}

// name is the aspect that most texts speak of, and the most telling term.
func (n *namer) name(units []int32, d Description) string {
	if len(d.Terms) == 0 {
		if n.options.Writers > 0 { // a text of one person is nobody's name
			return ""
		}
		return shorten(n.reading.units[n.unitsOf(d.Samples[:1])[0]].normal)
	}
	chinese := 0
	share := make([]int, len(n.lexicon.Aspects))
	for _, u := range units {
		unit := &n.reading.units[u]
		if unit.language == words.Chinese {
			chinese++
		}
		last := -1
		for _, c := range unit.concepts { // in the order of the lexicon, so aspects come in runs
			if a := n.lexicon.Concepts[c].Aspect; a != last {
				share[a]++
				last = a
			}
		}
	}
	best := 0
	for a := range share {
		if share[a] > share[best] {
			best = a
		}
	}
	if len(share) > 0 && float64(share[best]) >= aspectShare*float64(len(units)) {
		inChinese := 2*chinese >= len(units)
		if part := mixedPart * float64(len(units)); float64(chinese) >= part && float64(len(units)-chinese) >= part {
			inChinese = n.chinese
		}
		term := inLanguage(d.Terms, inChinese)
		return aspectName(n.lexicon.Aspects[best], isChinese(term)) + " · " + term
	}
	return strings.Join(d.Terms[:min(2, len(d.Terms))], " · ")
}

// inLanguage gives the first term of a language, else the first of all.
func inLanguage(terms []string, chinese bool) string {
	for _, term := range terms {
		if isChinese(term) == chinese {
			return term
		}
	}
	return terms[0]
}

func isChinese(term string) bool { return words.LanguageOf(term) == words.Chinese }

func aspectName(a lexicon.Aspect, chinese bool) string {
	if chinese {
		return a.Chinese
	}
	return a.English
}

// shorten cuts a text to what a name holds.
func shorten(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		return strings.TrimSpace(string(runes[:most])) + "…"
	}
	return text
}
