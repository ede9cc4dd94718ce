package space

import (
	"math"
	"sync"

	"huiyin/app/insights/grouping/vector"
)

// window is how many words to each side belong to a word's context. The nearer one counts more: 1/√distance.
const window = 5

// nearness holds the weights in whole numbers, so that their sums do not depend on the order of adding.
var nearness = func() (w [window + 1]uint64) {
	for d := 1; d <= window; d++ {
		w[d] = uint64(math.Round(4096 / math.Sqrt(float64(d))))
	}
	return w
}()

// association is the symmetric matrix of positive pointwise mutual information between the words of a corpus, by rows
// (Church and Hanks 1990; with the context distribution smoothed by smoothing, Levy, Goldberg and Dagan 2015, here the
// mean of both directions so that the matrix is symmetric), and how topical each word is.
type association struct {
	starts []int64
	cols   []int32
	vals   []float32
	// topic is the divergence of the word's contexts from the background beyond what its frequency lets expect.
	topic []float64
}

const smoothing = .75

// associate counts who stands near whom. Row by row it looks at every place where the word stands, so that no list of
// pairs has to be held.
func associate(c *Corpus, words int) *association {
	places, starts := whereabouts(c, words)
	mass := masses(c, words)
	total, smoothed := 0., 0.
	for _, m := range mass {
		total += float64(m)
		smoothed += math.Pow(float64(m), smoothing)
	}
	base := make([]float64, words) // ½·log(p·q)
	for w, m := range mass {
		if m > 0 {
			base[w] = (math.Log(float64(m)/total) + math.Log(math.Pow(float64(m), smoothing)/smoothed)) / 2
		}
	}
	type row struct {
		cols []int32
		vals []float32
	}
	rows := make([]row, words)
	diverging := make([]float64, words)
	scratch := sync.Pool{New: func() any { return newCounts(words) }}
	vector.Blocks(words, 64, func(_, from, to int) {
		counts := scratch.Get().(*counts) //nolint:forcetypeassert // it holds nothing else
		defer scratch.Put(counts)
		for w := from; w < to; w++ {
			counts.around(c, int32(w), places[starts[w]:starts[w+1]])
			r := &rows[w]
			r.cols = make([]int32, 0, len(counts.seen))
			r.vals = make([]float32, 0, len(counts.seen))
			for _, other := range counts.sorted() {
				n := float64(counts.of[other])
				within := n / float64(mass[w])
				diverging[w] += within * math.Log(within*total/float64(mass[other]))
				if v := math.Log(n/total) - base[w] - base[other]; v > 0 {
					r.cols = append(r.cols, other)
					r.vals = append(r.vals, float32(v))
				}
			}
			counts.clear()
		}
	})
	a := &association{starts: make([]int64, words+1)}
	for w := range rows {
		a.starts[w+1] = a.starts[w] + int64(len(rows[w].cols))
	}
	a.cols, a.vals = make([]int32, a.starts[words]), make([]float32, a.starts[words])
	for w := range rows {
		copy(a.cols[a.starts[w]:], rows[w].cols)
		copy(a.vals[a.starts[w]:], rows[w].vals)
		rows[w] = row{}
	}
	a.topic = topicality(diverging, mass)
	return a
}

// topicality is the residual of the log divergence regressed on the log mass, within ±1.5: rare words diverge by
// themselves.
func topicality(diverging []float64, mass []uint64) []float64 {
	var n, sx, sy, sxx, sxy float64
	for w, d := range diverging {
		if mass[w] > 0 && d > 0 {
			x, y := math.Log(float64(mass[w])), math.Log(d)
			n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
		}
	}
	slope := 0.
	if v := n*sxx - sx*sx; v > 1e-9 {
		slope = (n*sxy - sx*sy) / v
	}
	level := (sy - slope*sx) / max(n, 1)
	topic := make([]float64, len(diverging))
	for w, d := range diverging {
		if mass[w] > 0 && d > 0 {
			topic[w] = max(-1.5, min(1.5, math.Log(d)-level-slope*math.Log(float64(mass[w]))))
		}
	}
	return topic
}

// whereabouts lists for every word the places (text, position in ids) where it stands.
func whereabouts(c *Corpus, words int) (places [][2]int32, starts []int32) {
	starts = make([]int32, words+1)
	for _, w := range c.ids {
		starts[w+1]++
	}
	for w := range words {
		starts[w+1] += starts[w]
	}
	places = make([][2]int32, len(c.ids))
	next := append([]int32(nil), starts[:words]...)
	for t := range c.Len() {
		for i := c.starts[t]; i < c.starts[t+1]; i++ {
			w := c.ids[i]
			places[next[w]] = [2]int32{int32(t), i}
			next[w]++
		}
	}
	return places, starts
}

// masses sums the weights of all that stands around each word.
func masses(c *Corpus, words int) []uint64 {
	mass := make([]uint64, words)
	for t := range c.Len() {
		text := c.Text(t)
		for i, w := range text {
			for d := 1; d <= window && i+d < len(text); d++ {
				if other := text[i+d]; other != w {
					mass[w] += nearness[d]
					mass[other] += nearness[d]
				}
			}
		}
	}
	return mass
}

// counts is one row while it is counted.
type counts struct {
	of   []uint64
	seen []int32
}

func newCounts(words int) *counts { return &counts{of: make([]uint64, words)} }

func (n *counts) around(c *Corpus, w int32, places [][2]int32) {
	for _, p := range places {
		from, to := c.starts[p[0]], c.starts[p[0]+1]
		for i := max(from, p[1]-window); i < min(to, p[1]+window+1); i++ {
			other := c.ids[i]
			if other == w {
				continue
			}
			if n.of[other] == 0 {
				n.seen = append(n.seen, other)
			}
			n.of[other] += nearness[max(i-p[1], p[1]-i)]
		}
	}
}
