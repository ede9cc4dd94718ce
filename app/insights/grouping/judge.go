package grouping

import (
	"slices"

	"huiyin/app/insights/grouping/cluster"
	"huiyin/app/insights/grouping/vector"
)

// Learned lists the fine groups that hold what groups have learned to claim, as the model of before knew them.
func (g *Grouping) Learned() []int { return g.learned }

func (gs gates) fines() (list []int) {
	for _, one := range gs {
		if one.Fine != 0 {
			list = append(list, one.Fine)
		}
	}
	return list
}

// forget lets what was claimed go where it fits, where a lesson does not teach any more.
func (s *school) forget() {
	forgotten := map[int]bool{}
	for _, l := range s.lessons {
		if k, known := s.at[l.Fine]; known && !l.Teaches() {
			forgotten[l.Fine] = true
			clear(s.centers.At(k))
			s.fines[k].Group = 0
		}
	}
	if len(forgotten) == 0 {
		return
	}
	others := s.which(func(id int) bool { return !forgotten[id] })
	for i, m := range s.Members {
		if forgotten[m.Fine] && !s.stays[i] {
			s.Members[i] = s.nearest(s.p, s.reading.of[i], others)
		}
	}
}

// judge moves texts that gates claim or refuse.
func (s *school) judge() {
	said := make([]judgement, len(s.Members))
	says := func(u int32) bool { return !s.p.Nothing(int(u)) }
	vector.Blocks(len(said), 256, func(_, from, to int) {
		var heights []float32
		for i := from; i < to; i++ {
			said[i] = judgement{noGate, noGate}
			if units := s.reading.of[i]; !s.stays[i] && slices.ContainsFunc(units, says) {
				heights = s.gates.heights(s.p, units, heights)
				said[i] = s.gates.say(s.Members[i].Fine, heights)
			}
		}
	})
	for i, one := range said {
		switch {
		case one.claimed != noGate:
			k := s.held(&s.gates[one.claimed])
			s.Members[i].Fine, s.Members[i].Group = s.fines[k].ID, s.fines[k].Group
		case one.refused != noGate:
			s.Members[i] = s.nearest(s.p, s.reading.of[i], s.strange(one.refused))
		}
	}
}

// held gives the place of the fine group that holds what a gate claims, which is made when there is none.
func (s *school) held(one *gate) int {
	if one.Fine == 0 {
		s.lastFine++
		s.lastGroup++
		one.Fine = s.lastFine
		one.Own, one.Ruled = append(one.Own, one.Fine), append(one.Ruled, one.Fine)
		s.at[one.Fine] = len(s.fines)
		s.fines = append(s.fines, fine{one.Fine, s.lastGroup})
		s.centers.V = append(s.centers.V, make([]float32, s.centers.Width)...)
	}
	return s.at[one.Fine]
}

// found puts the middle of what a gate has claimed where its texts lie, and says how well each fits there.
func (s *school) found() {
	belongs := make([]int32, len(s.reading.units))
	for u := range belongs {
		belongs[u] = cluster.None
	}
	where := map[int]int32{}
	for _, id := range s.gates.fines() {
		where[id] = int32(s.at[id])
	}
	for i, m := range s.Members {
		if k, holds := where[m.Fine]; holds {
			for _, u := range s.unitsOf([]int{i}) {
				belongs[u] = k
			}
		}
	}
	s.centers.Move(s.p, s.order, belongs)
	fit := s.centers.Fit(s.p, belongs)
	for i := range s.Members {
		for _, u := range s.reading.of[i] {
			if k, holds := where[s.Members[i].Fine]; holds && belongs[u] == k {
				s.fit[u], s.Members[i].Score = fit[u], fit[u]
			}
		}
	}
}
