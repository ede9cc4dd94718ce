package cluster

import (
	"math/rand/v2"
	"sync/atomic"

	"huiyin/app/insights/grouping/vector"
)

// None is the cluster of a point that belongs to none.
const None = -1

const (
	sampleSize = 20000 // k-means begins on so many points
	rounds     = 12
	fullRounds = 3
	same       = 1e-5 // less than this between two points is rounding
)

// Centroids are unit vectors of full width.
type Centroids struct {
	Width int
	V     []float32
}

// Len is the number of centroids.
func (c *Centroids) Len() int { return len(c.V) / c.Width }

// At gives a centroid.
func (c *Centroids) At(k int) []float32 { return c.V[k*c.Width : (k+1)*c.Width] }

// KMeans finds k clusters. Points that say nothing belong to None.
func KMeans(p *Points, k int, seed uint64) (*Centroids, []int32) {
	sample := sampled(p)
	c := begin(p, sample, min(k, len(sample)), rand.New(rand.NewPCG(seed, 7))) //nolint:gosec // the same numbers in every run
	if c.Len() == 0 {
		return c, none(p.Len())
	}
	belongs := none(p.Len())
	for range rounds {
		if !c.Assign(p, sample, belongs) {
			break
		}
		c.Move(p, sample, belongs)
	}
	all := Telling(p)
	for range fullRounds {
		if !c.Assign(p, all, belongs) {
			break
		}
		c.Move(p, all, belongs)
	}
	c.Assign(p, all, belongs)
	return c, belongs
}

// Fit gives the cosine of each point with its own centroid, 0 for None.
func (c *Centroids) Fit(p *Points, belongs []int32) []float32 {
	fit := make([]float32, p.Len())
	vector.Blocks(p.Len(), 1024, func(_, from, to int) {
		for i := from; i < to; i++ {
			if k := belongs[i]; k != None {
				fit[i] = p.dot(i, c.At(int(k)))
			}
		}
	})
	return fit
}

func none(n int) []int32 {
	belongs := make([]int32, n)
	for i := range belongs {
		belongs[i] = None
	}
	return belongs
}

// Telling lists the points that say something.
func Telling(p *Points) []int32 {
	all := make([]int32, 0, p.Len())
	for i := range p.Len() {
		if !p.Nothing(i) {
			all = append(all, int32(i))
		}
	}
	return all
}

// sampled lists evenly spread points.
func sampled(p *Points) []int32 {
	all := Telling(p)
	if len(all) <= sampleSize {
		return all
	}
	sample := make([]int32, sampleSize)
	for i := range sample {
		sample[i] = all[i*len(all)/sampleSize]
	}
	return sample
}

// begin chooses centroids among the points by k-means++: each with a probability that grows with its distance from those
// chosen before.
func begin(p *Points, sample []int32, k int, random *rand.Rand) *Centroids {
	c := &Centroids{Width: p.Width()}
	c.V = make([]float32, k*c.Width)
	distance := make([]float32, len(sample))
	for i := range distance {
		distance[i] = 2
	}
	for n := range k {
		total := 0.
		for _, d := range distance {
			total += float64(d)
		}
		if total == 0 { // every point equals a centroid
			c.V = c.V[:n*c.Width]
			return c
		}
		chosen, left := len(sample)-1, random.Float64()*total
		for i, d := range distance {
			if left -= float64(d); left < 0 && d > 0 {
				chosen = i
				break
			}
		}
		p.full(c.At(n), int(sample[chosen]))
		vector.Blocks(len(sample), 1024, func(_, from, to int) {
			for i := from; i < to; i++ {
				if distance[i] = min(distance[i], 1-p.dot(int(sample[i]), c.At(n))); distance[i] < same {
					distance[i] = 0
				}
			}
		})
		distance[chosen] = 0 // should rounding leave some
	}
	return c
}

// Assign gives each of the points to its nearest centroid and tells whether anything changed.
func (c *Centroids) Assign(p *Points, which, belongs []int32) bool {
	var changed atomic.Bool
	vector.Blocks(len(which), 256, func(_, from, to int) {
		for _, i := range which[from:to] {
			if k, _ := c.Nearest(p, int(i)); k != belongs[i] {
				belongs[i] = k
				changed.Store(true)
			}
		}
	})
	return changed.Load()
}

// Nearest gives the centroid nearest to a point, and their cosine.
func (c *Centroids) Nearest(p *Points, i int) (nearest int32, cosine float32) {
	nearest, cosine = None, -2
	for k := range c.Len() {
		if s := p.dot(i, c.At(k)); s > cosine {
			nearest, cosine = int32(k), s
		}
	}
	return nearest, cosine
}

// NearestOf gives the one of some centroids that is nearest to a point, and their cosine.
func (c *Centroids) NearestOf(p *Points, i int, which []int32) (nearest int32, cosine float32) {
	nearest, cosine = None, -2
	for _, k := range which {
		if s := p.dot(i, c.At(int(k))); s > cosine {
			nearest, cosine = k, s
		}
	}
	return nearest, cosine
}

// Move puts each centroid into the middle of its members. One without members stays.
func (c *Centroids) Move(p *Points, which, belongs []int32) {
	members := make([][]int32, c.Len())
	for _, i := range which {
		if k := belongs[i]; k != None {
			members[k] = append(members[k], i)
		}
	}
	vector.Blocks(c.Len(), 4, func(_, from, to int) {
		sum := make([]float64, c.Width)
		for k := from; k < to; k++ {
			if len(members[k]) == 0 {
				continue
			}
			clear(sum)
			for _, i := range members[k] {
				p.addTo(sum, int(i))
			}
			unit(c.At(k), sum)
		}
	})
}
