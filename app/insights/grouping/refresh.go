package grouping

import (
	"slices"

	"huiyin/app/insights/grouping/cluster"
	"huiyin/app/insights/grouping/words"
)

const (
	// reluctance is how much nearer another fine group must be before a text moves there, or before one that was left out
	// comes in, or one that was in is left out. Measured: yesterday's groups are then today's (ARI ≥ .97).
	reluctance = .06
	// newGroup is the mean cosine that the texts of a new group need.
	newGroup = .6
)

// Refresh takes in the texts of a day: it carries the memberships of texts over, gives the new ones theirs and finds new
// groups among those that were left out. Words keep the places that the model knows. before are the members of the first
// texts; the others are new. Texts of pinned groups stay where they are.
func (m *Model) Refresh(texts []Text, before []Member, pinned []int) *Grouping {
	r := read(texts, m.options, m.lexicon)
	next := *m
	return next.carry(r, before, pinned)
}

// Retrain does what Refresh does, with words placed anew by all texts: once a week, or when many have come.
func (m *Model) Retrain(texts []Text, before []Member, pinned []int) *Grouping {
	r := read(texts, m.options, m.lexicon)
	next := *m
	next.concepts = weigh(r, m.lexicon)
	for l := range next.tongues {
		next.tongues[l] = learn(r, words.Language(l), m.options.Writers)
	}
	next.centers = nil
	return next.carry(r, before, pinned)
}

// carry gives all texts their members. m is a copy of a model, without centers when words were placed anew.
func (m *Model) carry(r *reading, before []Member, pinned []int) *Grouping {
	g := &Grouping{Model: m, reading: r}
	g.learned, m.gates = m.gates.fines(), nil
	m.fines = slices.Clone(m.fines)
	p := m.place(r)
	if m.centers == nil {
		m.centers = &cluster.Centroids{Width: p.Width(), V: make([]float32, len(m.fines)*p.Width())}
	} else {
		m.centers = &cluster.Centroids{Width: m.centers.Width, V: slices.Clone(m.centers.V)}
	}
	telling := cluster.Telling(p)
	prior := g.priors(before)
	m.centers.Move(p, telling, prior)
	g.priorsOfClauses(p, before, prior)
	stays := g.pinnedUnits(before, pinned)
	belongs := m.centers.Reassign(p, prior, stays, reluctance)
	g.fit = m.centers.Fit(p, belongs)
	g.promote(belongs)
	g.settleFrom(belongs, before, pinned)
	if m.centers.AddFrom(p, g.leftOut(), newGroup, leastTexts(len(r.of)), perRoot, seed) > 0 {
		g.nameNew()
		belongs = m.centers.Reassign(p, belongs, stays, reluctance)
	}
	m.centers.Move(p, telling, belongs)
	g.fit = m.centers.Fit(p, belongs)
	g.settleFrom(belongs, before, pinned)
	return g
}

// priors gives the fine group in which each unit was: that of the first text that says this alone.
func (g *Grouping) priors(before []Member) []int32 {
	prior := make([]int32, len(g.reading.units))
	for u := range prior {
		prior[u] = cluster.None
	}
	g.eachBefore(before, func(units []int32, k int32) {
		if len(units) == 1 && prior[units[0]] == cluster.None {
			prior[units[0]] = k
		}
	})
	return prior
}

// priorsOfClauses adds, for texts of several clauses, the clause for which the text went where it was.
func (g *Grouping) priorsOfClauses(p *cluster.Points, before []Member, prior []int32) {
	g.eachBefore(before, func(units []int32, k int32) {
		if len(units) > 1 {
			if u := g.centers.Best(p, units, int(k)); prior[u] == cluster.None {
				prior[u] = k
			}
		}
	})
}

// eachBefore calls f for each text that was in a fine group.
func (g *Grouping) eachBefore(before []Member, f func(units []int32, k int32)) {
	byID := make(map[int]int32, len(g.fines))
	for k, fine := range g.fines {
		byID[fine.ID] = int32(k)
	}
	for i, units := range g.reading.of[:min(len(before), len(g.reading.of))] {
		if k, known := byID[before[i].Fine]; known && len(units) > 0 {
			f(units, k)
		}
	}
}

// pinnedUnits marks the units of texts whose group is pinned.
func (g *Grouping) pinnedUnits(before []Member, pinned []int) []bool {
	stays := make([]bool, len(g.reading.units))
	for i, units := range g.reading.of {
		if i < len(before) && before[i].Group != 0 && slices.Contains(pinned, before[i].Group) {
			for _, u := range units {
				stays[u] = true
			}
		}
	}
	return stays
}

// settleFrom gives texts their members, those of pinned groups the ones they had. A text that was in stays in, and one that
// was out stays out, until its cosine is clearly on the other side.
func (g *Grouping) settleFrom(belongs []int32, before []Member, pinned []int) {
	g.Members = make([]Member, len(g.reading.of))
	for i, units := range g.reading.of {
		was := i < len(before)
		m := &g.Members[i]
		for _, u := range units {
			if k := belongs[u]; k != cluster.None && g.fit[u] > m.Score {
				*m = Member{g.fines[k].ID, g.fines[k].Group, g.fit[u]}
			}
		}
		if was && before[i].Group != 0 && slices.Contains(pinned, before[i].Group) {
			m.Fine, m.Group = before[i].Fine, before[i].Group
			continue
		}
		least := float32(grouped)
		if was && before[i].Group != 0 {
			least -= reluctance
		} else if was {
			least += reluctance
		}
		if m.Group == 0 || m.Score < least {
			m.Fine, m.Group = 0, 0
		}
	}
}

// leftOut lists the units of texts that belong to no group.
func (g *Grouping) leftOut() []int32 {
	var pool []int32
	for i, units := range g.reading.of {
		if g.Members[i].Group == 0 {
			pool = append(pool, units...)
		}
	}
	slices.Sort(pool)
	return slices.Compact(pool)
}

// nameNew gives ids to the fine groups that were added, and a group to each.
func (g *Grouping) nameNew() {
	for len(g.fines) < g.centers.Len() {
		g.lastFine++
		g.lastGroup++
		g.fines = append(g.fines, fine{g.lastFine, g.lastGroup})
	}
}

// promote gives a group to fine groups that were too small for one.
func (g *Grouping) promote(belongs []int32) {
	size := make([]int, len(g.fines))
	for _, units := range g.reading.of {
		if k := g.best(units, belongs); k != cluster.None {
			size[k]++
		}
	}
	for k := range g.fines {
		if g.fines[k].Group == 0 && size[k] >= leastTexts(len(g.reading.of)) {
			g.lastGroup++
			g.fines[k].Group = g.lastGroup
		}
	}
}
