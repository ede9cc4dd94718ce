package grouping

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"huiyin/app/insights/grouping/lexicon"
	"huiyin/app/insights/grouping/words"
)

const (
	// aspectShare of the texts of a group speak of an aspect before the group is named by it.
	aspectShare = .5
	// A group of which each language has mixedPart is named in the one that most shoppers write.
	mixedPart = .2
	// A phrase names a group when phrasePart of its texts hold it, a concept or a word when conceptPart do.
	phrasePart, conceptPart = .25, .4
	// topicWeight of a concept tells its aspect; of as many, those that say what went wrong are more by one each.
	topicWeight = 10
)

// names gives what a group may be called, the best first: the aspect that most of its texts speak of, and what of it.
func (n *namer) names(units []int32, terms []scoredTerm) (names []string) {
	chinese := n.inChinese(units)
	at := n.aspect(units)
	of := n.whats(units, terms, at, chinese)
	aspect := ""
	switch {
	case at == none:
	case chinese:
		aspect = n.lexicon.Aspects[at].Chinese
	default:
		aspect = n.lexicon.Aspects[at].English
	}
	add := func(what string) {
		if aspect != "" && what != "" {
			what = aspect + " · " + what
		}
		if what = cmp.Or(what, aspect); what != "" && !slices.Contains(names, what) {
			names = append(names, what)
		}
	}
	of = slices.DeleteFunc(of, func(what string) bool { return sameWord(what, aspect) })
	for _, what := range of {
		add(what)
	}
	for i, what := range of { // two of them tell more apart
		for _, more := range of[i+1:] {
			add(what + " · " + more)
		}
	}
	add("")
	return names
}

// sameWord tells that a name would say a word twice: "Orders · order".
func sameWord(a, b string) bool {
	one := func(word string) string { return strings.TrimSuffix(strings.ToLower(word), "s") }
	return one(a) == one(b)
}

// chooseNames gives each group the best of its names that no larger one has.
func chooseNames(list []Description, choices [][]string) {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return list[b].Size - list[a].Size })
	taken := map[string]bool{}
	for _, i := range order {
		for _, name := range choices[i] {
			if !taken[name] {
				list[i].Name = name
				break
			}
		}
		if list[i].Name == "" && len(choices[i]) > 0 {
			list[i].Name = choices[i][0]
		}
		taken[list[i].Name] = true
	}
}

// inChinese tells in which language a group is named: that of most of its texts, or of the shop's where both are many.
func (n *namer) inChinese(units []int32) bool {
	chinese := 0
	for _, u := range units {
		if n.reading.units[u].language == words.Chinese {
			chinese++
		}
	}
	if part := mixedPart * float64(len(units)); float64(chinese) >= part && float64(len(units)-chinese) >= part {
		return n.chinese
	}
	return 2*chinese >= len(units)
}

// none is no aspect.
const none = -1

// aspect is what most of a group's texts speak of, a text of the aspects that most of its concepts have; none when there is none.
func (n *namer) aspect(units []int32) int {
	share := make([]int, len(n.lexicon.Aspects))
	held := make([]int, len(share))
	best := none
	for _, u := range units {
		clear(held)
		for _, c := range n.reading.units[u].concepts {
			if k := &n.lexicon.Concepts[c]; k.Named() {
				held[k.Aspect] += topicWeight
				if !k.Topic {
					held[k.Aspect]++
				}
			}
		}
		most := 1
		for _, n := range held {
			most = max(most, n)
		}
		for a := range held {
			if held[a] == most {
				share[a]++
			}
		}
	}
	for a := range share {
		if float64(share[a]) >= aspectShare*float64(len(units)) && (best == none || share[a] > share[best]) {
			best = a
		}
	}
	return best
}

// whats gives what sets a group apart, in a language, the most telling first: a phrase that many of its texts hold, what went
// wrong by the lexicon, a word of many texts, what they speak of, and what fewer say.
func (n *namer) whats(units []int32, terms []scoredTerm, aspect int, chinese bool) (list []string) {
	var phrases, frequent, rare []string
	for _, t := range terms {
		switch {
		case isChinese(t.text) != chinese:
		case t.phrase && t.share >= phrasePart:
			phrases = append(phrases, t.text)
		case t.share >= conceptPart:
			frequent = append(frequent, t.text)
		default:
			rare = append(rare, t.text)
		}
	}
	wrong, topics := n.concepts(units, aspect, chinese)
	if chinese && n.options.Segmenter == nil { // pairs of characters are seldom words
		frequent, topics = topics, frequent
	}
	for _, some := range [][]string{phrases, wrong, frequent, topics, rare} {
		for _, what := range some {
			if !slices.Contains(list, what) {
				list = append(list, what)
			}
		}
	}
	if len(list) == 0 && len(terms) > 0 {
		list = append(list, terms[0].text)
	}
	return list
}

// concepts gives what the lexicon calls the concepts that set a group apart, those of its aspect before others, the most telling
// first: those that say what went wrong, and those that say of what.
func (n *namer) concepts(units []int32, aspect int, chinese bool) (wrong, topics []string) {
	inside, general := map[int32]int{}, map[int32]bool{}
	for _, u := range units {
		for _, c := range n.reading.units[u].concepts {
			inside[c]++
		}
	}
	called := func(c *lexicon.Concept) string {
		if chinese {
			return c.Chinese
		}
		return c.English
	}
	for c, docs := range inside { // all that hold the one above say it more particularly
		one := &n.lexicon.Concepts[c]
		if one.Parent != lexicon.None && inside[one.Parent] == docs && called(one) != "" {
			general[one.Parent] = true
		}
	}
	type scored struct {
		*lexicon.Concept
		score float64
	}
	var list []scored
	in, all := float64(len(units)), float64(len(n.reading.units))
	for c, docs := range inside {
		p := float64(docs) / in
		if p < conceptPart || general[c] {
			continue
		}
		q := (float64(n.holding[c]-docs) + .5) / (all - in + 1)
		if score := p * math.Log(p/q); score > 0 {
			list = append(list, scored{&n.lexicon.Concepts[c], score})
		}
	}
	other := func(c scored) int {
		if c.Aspect == aspect {
			return 0
		}
		return 1
	}
	slices.SortFunc(list, func(a, b scored) int {
		return cmp.Or(other(a)-other(b), cmp.Compare(b.score, a.score), cmp.Compare(a.Name, b.Name))
	})
	for _, c := range list {
		name := called(c.Concept)
		switch {
		case name == "":
		case c.Topic:
			topics = append(topics, name)
		default:
			wrong = append(wrong, name)
		}
	}
	return wrong, topics
}

func isChinese(term string) bool { return words.LanguageOf(term) == words.Chinese }
