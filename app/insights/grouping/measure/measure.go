// Package measure scores a grouping against labels made by hand. Only tests use it.
package measure

import (
	"math"
	"sort"
)

// table counts how often each label meets each group.
type table struct {
	cells         map[[2]string]float64
	labels, group map[string]float64
	n             float64
}

func count(labels, groups []string) *table {
	t := &table{cells: map[[2]string]float64{}, labels: map[string]float64{}, group: map[string]float64{}}
	for i, l := range labels {
		t.cells[[2]string{l, groups[i]}]++
		t.labels[l]++
		t.group[groups[i]]++
		t.n++
	}
	return t
}

// NMI is the mutual information of labels and groups over the arithmetic mean of their entropies: 1 when they say the same,
// 0 when one tells nothing of the other (Vinh, Epps and Bailey 2010).
func NMI(labels, groups []string) float64 {
	t := count(labels, groups)
	mutual := sum(t.cells, func(k [2]string, c float64) float64 {
		return c / t.n * math.Log(c*t.n/(t.labels[k[0]]*t.group[k[1]]))
	})
	entropy := func(_ string, c float64) float64 { return -c / t.n * math.Log(c/t.n) }
	mean := (sum(t.labels, entropy) + sum(t.group, entropy)) / 2
	if mean == 0 {
		return 1
	}
	return mutual / mean
}

// ARI is the share of pairs on which labels and groups agree, corrected for chance: 0 for a random grouping, 1 for an equal
// one (Hubert and Arabie 1985).
func ARI(labels, groups []string) float64 {
	t := count(labels, groups)
	both := sum(t.cells, func(_ [2]string, c float64) float64 { return pairs(c) })
	a := sum(t.labels, func(_ string, c float64) float64 { return pairs(c) })
	b := sum(t.group, func(_ string, c float64) float64 { return pairs(c) })
	expected := 0.
	if all := pairs(t.n); all > 0 {
		expected = a * b / all
	}
	if most := (a + b) / 2; most != expected {
		return (both - expected) / (most - expected)
	}
	return 1
}

// Purity is the share of texts in the largest groups whose label is the most frequent one of their group.
func Purity(labels, groups []string, largest int) float64 {
	t := count(labels, groups)
	top := map[string]float64{}
	for k, c := range t.cells {
		top[k[1]] = max(top[k[1]], c)
	}
	names := make([]string, 0, len(t.group))
	for g := range t.group {
		names = append(names, g)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := t.group[names[i]], t.group[names[j]]
		return a > b || a == b && names[i] < names[j]
	})
	right, all := 0., 0.
	for _, g := range names[:min(largest, len(names))] {
		right += top[g]
		all += t.group[g]
	}
	if all == 0 {
		return 0
	}
	return right / all
}

// Together is the share of pairs that lie in one group: of the pairs with the same label, and of those with different
// ones, one side of each from either list.
func Together(labels, groups, otherLabels, otherGroups []string) (same, different float64) {
	var n, together [2]float64
	for i, l := range labels {
		for j, o := range otherLabels {
			kind := 0
			if l != o {
				kind = 1
			}
			n[kind]++
			if groups[i] == otherGroups[j] {
				together[kind]++
			}
		}
	}
	return together[0] / max(1, n[0]), together[1] / max(1, n[1])
}

func pairs(n float64) float64 { return n * (n - 1) / 2 }

// sum adds in an order that does not change from run to run.
func sum[K comparable](m map[K]float64, f func(K, float64) float64) float64 {
	terms := make([]float64, 0, len(m))
	for k, c := range m {
		terms = append(terms, f(k, c))
	}
	sort.Float64s(terms)
	total := 0.
	for _, x := range terms {
		total += x
	}
	return total
}
