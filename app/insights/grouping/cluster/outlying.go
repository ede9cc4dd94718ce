package cluster

import "math"

// Outlying gives k-means a second look at the points far from every centroid, those with a cosine below far: rare
// complaints among many texts get no centroid at first. It adds the clusters of at least size points and a mean cosine of at
// least tight, and gives their number.
func (c *Centroids) Outlying(p *Points, belongs []int32, far, tight float32, size int, perRoot float64, seed uint64) int {
	fit := c.Fit(p, belongs)
	var pool []int32
	for i, k := range belongs {
		if k != None && fit[i] < far {
			pool = append(pool, int32(i))
		}
	}
	return c.AddFrom(p, pool, tight, size, perRoot, seed)
}

// AddFrom adds the centroids of what is tight and large enough among some of the points, and gives their number.
func (c *Centroids) AddFrom(p *Points, pool []int32, tight float32, size int, perRoot float64, seed uint64) int {
	if len(pool) < size {
		return 0
	}
	part := p.Select(pool)
	found, belongs := KMeans(part, max(1, int(perRoot*math.Sqrt(float64(len(pool))))), seed)
	fit := found.Fit(part, belongs)
	members, sum := make([]int, found.Len()), make([]float64, found.Len())
	for i, k := range belongs {
		if k != None {
			members[k]++
			sum[k] += float64(fit[i])
		}
	}
	added := 0
	for k := range found.Len() {
		if members[k] >= size && sum[k] >= float64(tight)*float64(members[k]) {
			c.V = append(c.V, found.At(k)...)
			added++
		}
	}
	return added
}
