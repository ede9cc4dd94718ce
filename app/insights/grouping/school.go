package grouping

import (
	"hash/fnv"
	"math"
	"slices"
	"sort"

	"huiyin/app/insights/grouping/cluster"
	"huiyin/app/insights/grouping/vector"
)

const (
	// strangers are so many units that stand for all texts: nearly all of them belong elsewhere.
	strangers = 800
	// A text that people have put elsewhere weighs as much as so many strangers.
	elsewhereWeight = 2
	// firstShare of the weight have the confirmed texts, the rest those that count against them. Once a first plane tells about
	// how large the group is, the share grows with the root of its part of all texts, within bounds.
	firstShare                = .25
	sharePerRoot              = 1.2
	lowestShare, highestShare = .1, .45
	// enoughSeen confirmed texts in a fine group of the group let it rule over that.
	enoughSeen = 2
	// Of the texts above the first plane so many are believed, each so much.
	believed, belief = 200, .3
	// A stranger above the first plane counts less, by so many times the group's part of all texts.
	strangersOfGroup = 10
)

// Learn lets groups learn from texts that people have put into them. A group with enough of them claims texts that are like
// those, and refuses what is not among its own (gates.say). What is claimed goes to a fine group that the group has for it: its id is
// given for each of the lessons, 0 where nothing was ever claimed. What a group had claimed leaves it when its lesson does not teach
// any more.
func (g *Grouping) Learn(lessons Lessons) []int {
	fines := make([]int, len(lessons.Groups))
	g.gates, g.learned = nil, nil
	s := g.school(lessons)
	vector.Blocks(len(s.pupils), 1, func(_, from, to int) {
		for j := from; j < to; j++ {
			s.pupils[j].gate.Plane = s.train(s.pupils[j])
		}
	})
	for _, one := range s.pupils {
		g.gates = append(g.gates, one.gate)
	}
	s.forget()
	s.judge()
	s.found()
	for j, one := range s.pupils {
		fines[one.lesson] = g.gates[j].Fine
	}
	return fines
}

// school is groups while they learn.
type school struct {
	*Grouping
	lessons   []Lesson
	p         *cluster.Points
	order     []int32     // all units that say something, in an order that new ones change little
	confirmed [][]int32   // units, by lesson
	refused   []int32     // units
	stays     []bool      // texts
	at        map[int]int // fine groups by id
	pupils    []*pupil
}

// pupil is a group that learns.
type pupil struct {
	lesson int
	gate   gate
	own    map[int32]bool // units of its fine groups that are not ruled: they tell nothing
}

func (g *Grouping) school(lessons Lessons) *school {
	s := &school{Grouping: g, lessons: lessons.Groups, stays: make([]bool, len(g.Members)), at: map[int]int{}}
	copy(s.stays, lessons.Stays)
	for k, f := range g.fines {
		s.at[f.ID] = k
	}
	s.p = g.place(g.reading)
	s.order = shuffled(g.reading, cluster.Telling(s.p))
	s.refused = s.said(lessons.Refused)
	put := slices.Clone(lessons.Refused)
	for _, l := range lessons.Groups {
		s.confirmed = append(s.confirmed, s.said(slices.Concat(l.Confirmed, l.Heirs)))
		put = append(put, l.Confirmed...)
	}
	for _, i := range put {
		s.stays[i] = true
	}
	for j, l := range lessons.Groups {
		if n := len(s.confirmed[j]); n >= FewestConfirmed || n > 0 && len(l.Heirs) > 0 {
			s.pupils = append(s.pupils, s.pupil(j, l))
		}
	}
	return s
}

// shuffled brings units into an order that has nothing to do with when they came, and that is the same whatever else comes.
func shuffled(r *reading, units []int32) []int32 {
	key := make([]uint64, len(r.units))
	for _, u := range units {
		h := fnv.New64a()
		h.Write([]byte(r.units[u].normal)) //nolint:errcheck // never fails
		key[u] = h.Sum64()
	}
	sort.SliceStable(units, func(a, b int) bool { return key[units[a]] < key[units[b]] })
	return units
}

// said gives the units of texts that say something.
func (s *school) said(texts []int) []int32 {
	texts = slices.DeleteFunc(slices.Clone(texts), func(i int) bool { return len(s.reading.of[i]) == 0 })
	return slices.DeleteFunc(s.unitsOf(texts), func(u int32) bool { return s.p.Nothing(int(u)) })
}

func (s *school) pupil(j int, l Lesson) *pupil {
	one := &pupil{lesson: j, gate: gate{Own: slices.Clone(l.Own)}, own: map[int32]bool{}}
	if _, known := s.at[l.Fine]; known {
		one.gate.Fine, one.gate.Ruled = l.Fine, []int{l.Fine}
		if !slices.Contains(l.Own, l.Fine) {
			one.gate.Own = append(one.gate.Own, l.Fine)
		}
	}
	seen := map[int]int{}
	for _, u := range s.confirmed[j] {
		if k, _ := s.centers.Nearest(s.p, int(u)); k != cluster.None {
			seen[s.fines[k].ID]++
		}
	}
	for _, id := range l.Own {
		if seen[id] >= enoughSeen && !slices.Contains(l.Given, id) && !slices.Contains(one.gate.Ruled, id) {
			one.gate.Ruled = append(one.gate.Ruled, id)
		}
	}
	for i, m := range s.Members {
		if slices.Contains(one.gate.Own, m.Fine) && !slices.Contains(one.gate.Ruled, m.Fine) {
			for _, u := range s.reading.of[i] {
				one.own[u] = true
			}
		}
	}
	return one
}

// train finds the plane of a group: by what people have said, and then again with what lies above the first one.
func (s *school) train(one *pupil) *cluster.Plane {
	told, known := s.told(one)
	first := cluster.Divide(s.p, cluster.Divided(told, firstShare))
	above, left := 0, believed
	var more []cluster.Told
	for _, u := range s.order {
		b := sure(first.Height(s.p, int(u)))
		if b == 0 {
			continue
		}
		above++
		if left > 0 && !known[u] && !one.own[u] {
			more = append(more, cluster.Told{Point: u, Above: true, Weight: belief * b})
			left--
		}
	}
	part := float64(above) / float64(len(s.order))
	for k := range told {
		if t := &told[k]; !known[t.Point] { // the larger a group, the more of the strangers are none
			t.Weight -= min(1, part*strangersOfGroup) * sure(first.Height(s.p, int(t.Point)))
		}
	}
	share := min(max(sharePerRoot*math.Sqrt(part), lowestShare), highestShare)
	return cluster.Divide(s.p, cluster.Divided(append(told, more...), share))
}

// told is what people have said of a group, and strangers. known are the units of which they have said something.
func (s *school) told(one *pupil) (told []cluster.Told, known map[int32]bool) {
	known = map[int32]bool{}
	add := func(units []int32, above bool, weight float64) {
		for _, u := range units {
			if !known[u] {
				known[u] = true
				told = append(told, cluster.Told{Point: u, Above: above, Weight: weight})
			}
		}
	}
	add(s.confirmed[one.lesson], true, 1)
	add(s.refused, false, elsewhereWeight)
	for _, units := range s.confirmed {
		add(units, false, elsewhereWeight)
	}
	left := strangers
	for _, u := range s.order {
		if left > 0 && !known[u] && !one.own[u] {
			told = append(told, cluster.Told{Point: u, Weight: 1})
			left--
		}
	}
	return told, known
}

// sure is how sure it is that a point at a height belongs above: 0 at the plane and below, 1 far above.
func sure(height float32) float64 { return max(0, 2/(1+math.Exp(-float64(height)))-1) }
