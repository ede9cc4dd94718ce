package grouping

import (
	"huiyin/app/insights/grouping/cluster"
	"huiyin/app/insights/grouping/lexicon"
)

// Model is what a build has learned: enough to give a new text its group.
type Model struct {
	atlas
	options Options
	lexicon *lexicon.Lexicon
	centers *cluster.Centroids // the middles of the fine groups
	fines   []fine
	gates   gates
	// The ids given last; none is given twice.
	lastFine, lastGroup int
}

// fine is a fine group. One that is too small to show belongs to no group (0).
type fine struct{ ID, Group int }

const (
	// grouped is the least cosine with the middle of its fine group at which a text belongs to it.
	grouped = .40
	// Fewer texts are no group; among less than someTexts a few make one.
	smallest    = 5
	smallestFew = 3
	someTexts   = 1000
)

func leastTexts(texts int) int {
	if texts < someTexts {
		return smallestFew
	}
	return smallest
}

// Assign gives a new text its group, by what the model knows: words that it has not learned are passed over. Groups that have
// learned claim it, or refuse it.
func (m *Model) Assign(t Text) Member {
	r := read([]Text{t}, m.options, m.lexicon)
	p := m.place(r)
	units := cluster.Telling(p)
	best := m.nearest(p, units, m.which(func(int) bool { return true }))
	if len(m.gates) == 0 || len(units) == 0 {
		return best
	}
	switch said := m.gates.say(best.Fine, m.gates.heights(p, units, nil)); {
	case said.claimed != noGate && m.gates[said.claimed].Fine != 0:
		return m.claimed(p, units, said.claimed)
	case said.refused != noGate:
		return m.nearest(p, units, m.strange(said.refused))
	}
	return best
}

// Grouping is texts with their groups.
type Grouping struct {
	*Model
	// Members says for each text where it belongs.
	Members []Member

	reading *reading
	fit     []float32 // of each unit with the middle of its fine group
	learned []int     // fine groups of the gates of before
}

// settle gives the texts their members: a text goes where its best clause goes.
func (g *Grouping) settle(belongs []int32) {
	g.Members = make([]Member, len(g.reading.of))
	for i, units := range g.reading.of {
		for _, u := range units {
			k := belongs[u]
			if k == cluster.None || g.fit[u] <= g.Members[i].Score {
				continue
			}
			g.Members[i] = Member{Score: g.fit[u]}
			if f := g.fines[k]; f.Group != 0 && g.fit[u] >= grouped {
				g.Members[i].Fine, g.Members[i].Group = f.ID, f.Group
			}
		}
	}
}
