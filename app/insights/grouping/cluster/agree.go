package cluster

import "sort"

// Parting is one way in which points fall into clusters: fine ones, and for each of these the merged one.
type Parting struct {
	Centers *Centroids
	Belongs []int32
	Into    []int32
}

// merged gives the merged cluster of a point, or None.
func (p *Parting) merged(i int) int32 {
	if k := p.Belongs[i]; k != None {
		return p.Into[k]
	}
	return None
}

// Agree brings the first of several partings of the same points to what most of them hold: each one alone depends on where
// it began. Two of its fine clusters are merged while their points are held together in at least share of the partings, on
// the average (evidence accumulation: Fred, Jain, IEEE Trans. Pattern Anal. Mach. Intell. 27, 2005). Then each point goes
// to the merged cluster in which those that the partings put it with lie for the most part, and there to its nearest fine one.
func Agree(p *Points, all []Parting, share float64) {
	first := &all[0]
	first.Into = held(all, share)
	votes := vote(all)
	parts := make([][]int32, len(first.Into)) // fine clusters of each merged one
	for k, g := range first.Into {
		parts[g] = append(parts[g], int32(k))
	}
	next := make([]int32, len(first.Belongs))
	score := make([]float64, len(first.Into))
	for i, k := range first.Belongs {
		next[i] = k
		if k == None {
			continue
		}
		if g := votes.best(i, score); g != first.Into[k] {
			next[i], _ = first.Centers.NearestOf(p, i, parts[g])
		}
	}
	first.Belongs = next
	first.Centers.Move(p, Telling(p), next)
}

// held merges the fine clusters of the first parting that the others hold together.
func held(all []Parting, share float64) []int32 {
	fine := all[0].Centers.Len()
	m := &merger{make([]mass, fine), make([]float64, fine), make([][]float64, fine), make([]int32, fine), make([]bool, fine)}
	for k := range fine {
		m.into[k], m.inside[k], m.cross[k] = int32(k), 1, make([]float64, fine)
	}
	for _, k := range all[0].Belongs {
		if k != None {
			m.clusters[k].size++
			m.alive[k] = true
		}
	}
	for r := range all {
		within := make([][]float64, all[r].Centers.Len()) // how many points of each fine cluster each merged one holds
		for i, k := range all[0].Belongs {
			g := all[r].merged(i)
			if k == None || g == None {
				continue
			}
			if within[g] == nil {
				within[g] = make([]float64, fine)
			}
			within[g][k]++
		}
		for _, points := range within {
			m.addTogether(points, float64(len(all)))
		}
	}
	for {
		a, b := m.best(share, nil)
		if a == None {
			return m.into
		}
		m.join(a, b)
		m.inside[a] = 1
	}
}

// addTogether counts the pairs of points that one merged cluster of one of so many partings holds together.
func (m *merger) addTogether(points []float64, partings float64) {
	var there []int
	for k, n := range points {
		if n > 0 {
			there = append(there, k)
		}
	}
	for _, a := range there {
		for _, b := range there {
			if a != b {
				m.cross[a][b] += points[a] * points[b] / partings
			}
		}
	}
}

// ballot says, for each merged cluster of each parting, which part of it lies in which merged cluster of the first.
type ballot struct {
	all   []Parting
	parts [][][]ballotPart // by parting and merged cluster
}

type ballotPart struct {
	in    int32
	share float64
}

func vote(all []Parting) *ballot {
	b := &ballot{all, make([][][]ballotPart, len(all))}
	for r := range all {
		counts := make([]map[int32]int, all[r].Centers.Len())
		for i := range all[0].Belongs {
			from, to := all[r].merged(i), all[0].merged(i)
			if from == None || to == None {
				continue
			}
			if counts[from] == nil {
				counts[from] = map[int32]int{}
			}
			counts[from][to]++
		}
		b.parts[r] = make([][]ballotPart, len(counts))
		for from, to := range counts {
			b.parts[r][from] = shares(to)
		}
	}
	return b
}

// shares are in the order of the clusters: sums of floating numbers depend on it.
func shares(counts map[int32]int) (parts []ballotPart) {
	total := 0
	for in, n := range counts {
		total += n
		parts = append(parts, ballotPart{in, float64(n)})
	}
	for k := range parts {
		parts[k].share /= float64(total)
	}
	sort.Slice(parts, func(a, b int) bool { return parts[a].in < parts[b].in })
	return parts
}

// best gives the merged cluster of the first parting for which the most speaks; where it is in now when that is one of them.
// score is room to count in, all zero before and after.
func (b *ballot) best(i int, score []float64) int32 {
	const clearly = 1e-9
	best := b.all[0].merged(i)
	for r := range b.all {
		if from := b.all[r].merged(i); from != None {
			for _, part := range b.parts[r][from] {
				score[part.in] += part.share
			}
		}
	}
	for r := range b.all {
		if from := b.all[r].merged(i); from != None {
			for _, part := range b.parts[r][from] {
				if score[part.in] > score[best]+clearly {
					best = part.in
				}
			}
		}
	}
	for r := range b.all {
		if from := b.all[r].merged(i); from != None {
			for _, part := range b.parts[r][from] {
				score[part.in] = 0
			}
		}
	}
	return best
}
