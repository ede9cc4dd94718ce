package grouping

import (
	"slices"
	"sort"
	"strings"

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
	n := &namer{Grouping: g, everywhere: map[term]int{}, holding: make([]int, len(g.lexicon.Concepts))}
	n.known[words.Chinese] = g.tongues[words.Chinese].known(g.reading)
	n.known[words.English] = g.tongues[words.English].known(g.reading)
	chinese := 0
	for u := range g.reading.units {
		n.count(&g.reading.units[u], n.everywhere)
		if g.reading.units[u].language == words.Chinese {
			chinese++
		}
		for _, c := range g.reading.units[u].concepts {
			n.holding[c]++
		}
	}
	n.chinese = 2*chinese >= len(g.reading.units)
	described := make([]Description, 0, len(ids))
	choices := make([][]string, 0, len(ids))
	for _, id := range ids {
		d, names := n.describe(id, texts[id])
		described, choices = append(described, d), append(choices, names)
	}
	chooseNames(described, choices)
	return described
}

// namer finds what sets the texts of a group apart from all others: p·log(p/q) of the share p of its texts and q of the
// other texts that hold a term, which is c-TF-IDF (Grootendorst 2022) as a log-likelihood.
type namer struct {
	*Grouping
	known      [words.Languages]known
	everywhere map[term]int // units that hold each term
	holding    []int        // units that hold each concept
	chinese    bool         // most units are Chinese
}

// describe gives a group without its name, and the names that it may have, the best first.
func (n *namer) describe(id int, texts []int) (Description, []string) {
	d := Description{ID: id, Size: len(texts)}
	byScore := slices.Clone(texts)
	sort.SliceStable(byScore, func(i, j int) bool { return n.Members[byScore[i]].Score > n.Members[byScore[j]].Score })
	d.Samples = n.samples(byScore)
	units := n.unitsOf(texts)
	terms := n.terms(units)
	for _, t := range terms {
		d.Terms = append(d.Terms, t.text)
	}
	names := n.names(units, terms)
	if len(names) == 0 && n.options.Writers == 0 { // else a text of one person would be the name
		names = []string{shorten(n.reading.units[n.unitsOf(d.Samples[:1])[0]].normal)}
	}
	return d, names
}

// samples are the first texts of some; where many of them are in another language, its first is the last of these.
func (n *namer) samples(byScore []int) []int {
	if len(byScore) <= samplesShown {
		return byScore
	}
	out := slices.Clone(byScore[:samplesShown])
	spoken := func(i int) words.Language { return n.reading.units[n.reading.of[i][0]].language }
	other := func(i int) bool { return spoken(i) != spoken(out[0]) }
	if slices.ContainsFunc(out, other) {
		return out
	}
	others := 0
	for _, i := range byScore {
		if other(i) {
			others++
		}
	}
	if float64(others) >= mixedPart*float64(len(byScore)) {
		out[samplesShown-1] = byScore[slices.IndexFunc(byScore, other)]
	}
	return out
}

// unitsOf gives the best clause of each text, each once.
func (g *Grouping) unitsOf(texts []int) []int32 {
	var units []int32
	for _, i := range texts {
		best := g.reading.of[i][0]
		for _, u := range g.reading.of[i] {
			if g.fit[u] > g.fit[best] {
				best = u
			}
		}
		units = append(units, best)
	}
	slices.Sort(units)
	return slices.Compact(units)
}

// shorten cuts a text to what a name holds.
func shorten(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		return strings.TrimSpace(string(runes[:most])) + "…"
	}
	return text
}
