package grouping

import (
	"math"
	"sort"

	"huiyin/app/insights/grouping/cluster"
	"huiyin/app/insights/grouping/words"
)

const (
	seed = uint64(1)
	// Fine groups: perRoot·√n, within bounds.
	perRoot              = 1.5
	fewestFine, mostFine = 30, 480
	// alike is how similar two groups must be to each other, against what they are within, to be merged.
	alike = .75
	// So many partings of the same texts, each begun elsewhere, tell what is no accident: groups are what most of them hold
	// together. Of more than fewEnough texts one has to do, for time's sake.
	severalPartings = 5
	fewEnough       = 30000
	agreed          = .4
	// Texts below far are looked at a second time; what is found there must be tight.
	far, tight = .5, .5
)

// Build groups texts from nothing. The same texts give the same groups.
func Build(texts []Text, o Options) (*Grouping, error) {
	lex, err := o.lexicon()
	if err != nil {
		return nil, err
	}
	r := read(texts, o, lex)
	m := &Model{options: o, lexicon: lex, atlas: atlas{concepts: weigh(r, lex)}}
	for l := range m.tongues {
		m.tongues[l] = learn(r, words.Language(l), o.Writers)
	}
	p := m.place(r)
	telling := cluster.Telling(p)
	all := make([]cluster.Parting, partings(len(telling)))
	for i := range all {
		all[i] = part(p, telling, leastTexts(len(texts)), seed+uint64(i))
	}
	if len(all) > 1 {
		cluster.Agree(p, all, agreed)
	}
	belongs, into := all[0].Belongs, all[0].Into
	m.centers = all[0].Centers
	g := &Grouping{Model: m, reading: r, fit: m.centers.Fit(p, belongs)}
	bridge(p, len(lex.Concepts), belongs, into)
	g.arrange(belongs, into)
	g.settle(belongs)
	return g, nil
}

// part parts points into fine clusters, and merges those.
func part(p *cluster.Points, telling []int32, least int, seed uint64) cluster.Parting {
	centers, belongs := cluster.KMeans(p, fineGroups(len(telling)), seed)
	if centers.Outlying(p, belongs, far, tight, least, perRoot, seed) > 0 {
		centers.Assign(p, telling, belongs)
		centers.Move(p, telling, belongs)
		centers.Assign(p, telling, belongs)
	}
	return cluster.Parting{Centers: centers, Belongs: belongs, Into: cluster.Merge(p, centers.Len(), belongs, alike, nil)}
}

func partings(texts int) int {
	if texts > fewEnough {
		return 1
	}
	return severalPartings
}

// fineGroups is how many fine groups so many texts have.
func fineGroups(texts int) int {
	n := int(perRoot * math.Sqrt(float64(texts)))
	return max(min(fewestFine, texts/2), min(mostFine, n), 1)
}

// arrange gives the fine groups and those that they were merged into their ids, the largest first; too small ones get
// no group.
func (g *Grouping) arrange(belongs, into []int32) {
	g.fines = make([]fine, len(into))
	size := make([]int, len(into)) // of fine groups, in texts
	for _, units := range g.reading.of {
		if k := g.best(units, belongs); k != cluster.None {
			size[k]++
		}
	}
	whole := make([]int, len(into)) // of merged groups
	for k, n := range size {
		whole[into[k]] += n
	}
	order := make([]int, len(into))
	for k := range order {
		order[k] = k
	}
	sort.SliceStable(order, func(i, j int) bool {
		a, b := order[i], order[j]
		if into[a] != into[b] {
			if whole[into[a]] != whole[into[b]] {
				return whole[into[a]] > whole[into[b]]
			}
			return into[a] < into[b]
		}
		return size[a] > size[b]
	})
	groups := map[int32]int{}
	for _, k := range order {
		g.lastFine++
		g.fines[k].ID = g.lastFine
		if whole[into[k]] < leastTexts(len(g.reading.of)) {
			continue
		}
		if groups[into[k]] == 0 {
			g.lastGroup++
			groups[into[k]] = g.lastGroup
		}
		g.fines[k].Group = groups[into[k]]
	}
}

// best is where the best clause of a text belongs, when it is near enough.
func (g *Grouping) best(units, belongs []int32) int32 {
	k, highest := int32(cluster.None), float32(grouped)
	for _, u := range units {
		if belongs[u] != cluster.None && g.fit[u] >= highest {
			k, highest = belongs[u], g.fit[u]
		}
	}
	return k
}
