package grouping

import (
	"slices"

	"huiyin/app/insights/grouping/cluster"
)

// Lessons is what people have said by hand of where texts belong. Texts are named by their place.
type Lessons struct {
	Groups []Lesson
	// Refused texts belong to no group.
	Refused []int
	// Stays tells which texts are not to be moved. Those of which people have said something are not moved either.
	Stays []bool
}

// Lesson is what people have said of one group.
type Lesson struct {
	Confirmed []int // texts that they put into it, no two the same; they count against all other groups
	Heirs     []int // texts that teach in the place of such ones, of which there were enough
	Own       []int // the fine groups that it holds
	Given     []int // those of them that people have put there as a whole: nothing leaves them
	// Fine is the one of them that holds what the group has learned to claim before; 0: none.
	Fine int
}

// Teaches tells whether so much is confirmed that a group can learn from it.
func (l *Lesson) Teaches() bool { return len(l.Confirmed) >= FewestConfirmed || len(l.Heirs) > 0 }

const (
	// FewestConfirmed texts teach a group.
	FewestConfirmed = 5
	// doubt is how far below its plane a text that is in the group already may lie.
	doubt = .4
)

// gate tells which texts belong to a group, by what people have confirmed.
type gate struct {
	Fine  int   // holds what the gate has claimed; 0: nothing
	Own   []int // the fine groups of the group, that one too
	Ruled []int // those of them of which people have confirmed several texts: what is unlike those leaves them
	Plane *cluster.Plane
}

// gates are those of all groups that have learned.
type gates []gate

// noGate is that of a text that none claims, or none refuses.
const noGate = -1

// judgement is what gates say of a text.
type judgement struct{ claimed, refused int }

// say judges a text that lies in a fine group, or in none, and so far above each plane. The gate above whose plane it lies
// farthest has it. It leaves a group only where people have confirmed several texts of the same fine group: they may never
// have looked at the others.
func (gs gates) say(fine int, heights []float32) judgement {
	best, own := noGate, noGate
	for j, h := range heights {
		if h >= 0 && (best == noGate || h > heights[best]) {
			best = j
		}
		if fine != 0 && slices.Contains(gs[j].Own, fine) {
			own = j
		}
	}
	switch {
	case best != noGate && best != own:
		return judgement{best, noGate}
	case best == noGate && own != noGate && heights[own] < -doubt && slices.Contains(gs[own].Ruled, fine):
		return judgement{noGate, own}
	}
	return judgement{noGate, noGate}
}

// heights gives how far above the plane of each gate the highest of some points lies.
func (gs gates) heights(p *cluster.Points, units []int32, heights []float32) []float32 {
	heights = heights[:0]
	for j := range gs {
		highest := gs[j].Plane.Height(p, int(units[0]))
		for _, u := range units[1:] {
			highest = max(highest, gs[j].Plane.Height(p, int(u)))
		}
		heights = append(heights, highest)
	}
	return heights
}

// fit tells whether all planes are of a width.
func (gs gates) fit(width int) bool {
	return !slices.ContainsFunc(gs, func(g gate) bool { return g.Plane == nil || len(g.Plane.Across) != width })
}

// which lists fine groups by their place among the centers.
func (m *Model) which(asked func(id int) bool) []int32 {
	list := make([]int32, 0, len(m.fines))
	for k, f := range m.fines {
		if asked(f.ID) {
			list = append(list, int32(k))
		}
	}
	return list
}

// strange lists the fine groups that may take in what a gate refuses: none of its group, and none that another gate rules.
func (m *Model) strange(refused int) []int32 {
	return m.which(func(id int) bool {
		rules := func(g gate) bool { return slices.Contains(g.Ruled, id) }
		return !slices.Contains(m.gates[refused].Own, id) && !slices.ContainsFunc(m.gates, rules)
	})
}

// nearest gives the one of some fine groups that fits one of some points best, if it is near enough.
func (m *Model) nearest(p *cluster.Points, units, which []int32) (best Member) {
	for _, u := range units {
		k, cosine := m.centers.NearestOf(p, int(u), which)
		if k == cluster.None || cosine <= best.Score {
			continue
		}
		best = Member{Score: cosine}
		if f := m.fines[k]; f.Group != 0 && cosine >= grouped {
			best.Fine, best.Group = f.ID, f.Group
		}
	}
	return best
}

// claimed gives the place of a text that a gate claims.
func (m *Model) claimed(p *cluster.Points, units []int32, gate int) Member {
	which := m.which(func(id int) bool { return id == m.gates[gate].Fine })
	best := Member{Fine: m.gates[gate].Fine, Group: m.fines[which[0]].Group}
	for _, u := range units {
		_, cosine := m.centers.NearestOf(p, int(u), which)
		best.Score = max(best.Score, cosine)
	}
	return best
}
