package cluster

import (
	"math"

	"huiyin/app/insights/grouping/vector"
)

// leastWithin floors the similarity of a cluster's members to each other: a loose one must not draw everything in.
const leastWithin = .05

// mass is a cluster as a merge sees it.
type mass struct {
	sum  []float64
	size float64
}

// within is the mean cosine between two members.
func (m *mass) within() float64 {
	if m.size < 2 {
		return 1
	}
	square := 0.
	for _, x := range m.sum {
		square += x * x
	}
	return max(leastWithin, (square-m.size)/(m.size*(m.size-1)))
}

// Merge joins clusters greedily, the most similar pair first, while their mean similarity to each other is at least
// threshold times that within them: s(A,B) ≥ threshold·√(s(A)·s(B)). It gives for each cluster the number of the merged one:
// the lowest number among its parts. apart forbids a pair.
func Merge(p *Points, k int, belongs []int32, threshold float64, apart func(a, b int32) bool) []int32 {
	m := newMerger(p, k, belongs)
	for {
		a, b := m.best(threshold, apart)
		if a == None {
			return m.into
		}
		m.join(a, b)
	}
}

type merger struct {
	clusters []mass
	inside   []float64
	cross    [][]float64 // dot products of the sums
	into     []int32
	alive    []bool
}

func newMerger(p *Points, k int, belongs []int32) *merger {
	m := &merger{make([]mass, k), make([]float64, k), make([][]float64, k), make([]int32, k), make([]bool, k)}
	for c := range m.clusters {
		m.clusters[c].sum = make([]float64, p.Width())
		m.into[c] = int32(c)
		m.cross[c] = make([]float64, k)
	}
	for i, c := range belongs {
		if c != None {
			p.addTo(m.clusters[c].sum, i)
			m.clusters[c].size++
		}
	}
	for c := range m.clusters {
		m.alive[c] = m.clusters[c].size > 0
		m.inside[c] = m.clusters[c].within()
	}
	vector.Blocks(k, 8, func(_, from, to int) {
		for a := from; a < to; a++ {
			for b := range k {
				if a != b && m.alive[a] && m.alive[b] {
					m.cross[a][b] = dot64(m.clusters[a].sum, m.clusters[b].sum)
				}
			}
		}
	})
	return m
}

// best finds the most similar pair that may be joined, or None.
func (m *merger) best(threshold float64, apart func(a, b int32) bool) (first, second int32) {
	first, second = None, None
	highest := threshold
	for a := range m.clusters {
		if !m.alive[a] {
			continue
		}
		for b := a + 1; b < len(m.clusters); b++ {
			if !m.alive[b] {
				continue
			}
			ratio := m.cross[a][b] / (m.clusters[a].size * m.clusters[b].size) / math.Sqrt(m.inside[a]*m.inside[b])
			if ratio >= highest && (apart == nil || !apart(int32(a), int32(b))) {
				highest, first, second = ratio, int32(a), int32(b)
			}
		}
	}
	return first, second
}

// join puts b into a.
func (m *merger) join(a, b int32) {
	for i, x := range m.clusters[b].sum {
		m.clusters[a].sum[i] += x
	}
	m.clusters[a].size += m.clusters[b].size
	m.inside[a] = m.clusters[a].within()
	m.alive[b] = false
	for c := range m.clusters {
		m.cross[a][c] += m.cross[b][c]
		m.cross[c][a] = m.cross[a][c]
		if m.into[c] == b {
			m.into[c] = a
		}
	}
}

func dot64(a, b []float64) float64 {
	sum := 0.
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}
