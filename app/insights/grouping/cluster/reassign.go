package cluster

import "huiyin/app/insights/grouping/vector"

// Reassign gives each point that says something its nearest centroid, except that one with a prior cluster moves only
// where the cosine is better by margin, and one that stays does not move at all.
func (c *Centroids) Reassign(p *Points, prior []int32, stays []bool, margin float32) []int32 {
	belongs := none(p.Len())
	vector.Blocks(p.Len(), 256, func(_, from, to int) {
		for i := from; i < to; i++ {
			if was := prior[i]; was != None && stays[i] {
				belongs[i] = was
				continue
			}
			if p.Nothing(i) {
				continue
			}
			k, cosine := c.Nearest(p, i)
			if was := prior[i]; was != None && cosine < p.dot(i, c.At(int(was)))+margin {
				k = was
			}
			belongs[i] = k
		}
	})
	return belongs
}

// Best gives the one of some points that is nearest to centroid k.
func (c *Centroids) Best(p *Points, which []int32, k int) int32 {
	best := which[0]
	for _, i := range which[1:] {
		if p.dot(int(i), c.At(k)) > p.dot(int(best), c.At(k)) {
			best = i
		}
	}
	return best
}
