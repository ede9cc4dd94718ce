package grouping

// BuildSample groups texts of which only so many are learned from, evenly spread: the others get the groups that fit them. It is
// for little memory. With as many texts or fewer it is Build.
func BuildSample(texts []Text, most int, o Options) (*Sampled, error) {
	s := &Sampled{}
	if len(texts) <= most {
		g, err := Build(texts, o)
		if err != nil {
			return nil, err
		}
		s.Members = g.Members
		s.grouping = g
		return s, nil
	}
	learned := make([]Text, most)
	s.place = make([]int, most)
	for i := range learned {
		s.place[i] = i * len(texts) / most
		learned[i] = texts[s.place[i]]
	}
	g, err := Build(learned, o)
	if err != nil {
		return nil, err
	}
	s.grouping = g
	s.Members = make([]Member, len(texts))
	next := 0
	for i := range texts {
		if next < most && s.place[next] == i {
			s.Members[i] = g.Members[next]
			next++
			continue
		}
		s.Members[i] = g.Assign(texts[i])
	}
	return s, nil
}

// Sampled is texts with their groups, some of which others learned from.
type Sampled struct {
	// Members says for each text where it belongs.
	Members []Member

	grouping *Grouping
	place    []int // of the texts that were learned from; nil: all were
}

// Describe names the groups of a level, by id.
func (s *Sampled) Describe(level Level) []Description {
	list := s.grouping.Describe(level)
	if s.place == nil {
		return list
	}
	size := map[int]int{}
	for _, m := range s.Members {
		size[m.At(level)]++
	}
	for i := range list {
		list[i].Size = size[list[i].ID]
		for k, at := range list[i].Samples {
			list[i].Samples[k] = s.place[at]
		}
	}
	return list
}
