package grouping

import (
	"math"

	"huiyin/app/insights/grouping/cluster"
	"huiyin/app/insights/grouping/space"
	"huiyin/app/insights/grouping/vector"
	"huiyin/app/insights/grouping/words"
)

// atlas knows where a text lies: the part of its words in the block of its language, of length one, and the part of its
// concepts, which all languages share; the whole is brought to length one. A language of few texts has no block: its
// words have a dimension each behind the concepts. Vectors from elsewhere would be one more block.
type atlas struct {
	tongues  [words.Languages]*tongue
	concepts weighed
}

// layout gives where the words of each language begin among the shared dimensions, and how many of these there are.
func (a *atlas) layout() (begin [words.Languages]int32, width int) {
	width = len(a.concepts.of)
	for l, t := range a.tongues {
		if t.space == nil {
			begin[l] = int32(width)
			width += len(t.words)
		}
	}
	return begin, width
}

// spot is a point while it is made.
type spot struct {
	dense  []float32
	places []int32
	values []float32
}

const placeBlock = 512

// place gives the points of all units.
func (a *atlas) place(r *reading) *cluster.Points {
	n := len(r.units)
	begin, width := a.layout()
	p := &cluster.Points{Dims: space.Dims, Blocks: words.Languages, Sparse: width,
		Dense: make([]float32, n*space.Dims), Block: make([]uint8, n), Starts: make([]int32, n+1)}
	var known [words.Languages]known
	for l, t := range a.tongues {
		known[l] = t.known(r)
	}
	spots := make([]spot, n)
	vector.Blocks(n, placeBlock, func(_, from, to int) {
		var ids []int32
		for i := from; i < to; i++ {
			u := &r.units[i]
			p.Block[i] = uint8(u.language)
			spots[i].dense = p.Dense[i*space.Dims : (i+1)*space.Dims]
			ids = known[u.language].in(u, ids[:0])
			spots[i].fill(a, u, ids, begin[u.language])
		}
	})
	for i := range spots {
		p.Places = append(p.Places, spots[i].places...)
		p.Values = append(p.Values, spots[i].values...)
		p.Starts[i+1] = int32(len(p.Places))
	}
	return p
}

func (s *spot) fill(a *atlas, u *unit, ids []int32, begin int32) {
	square := s.addConcepts(&a.concepts, u.concepts)
	if t := a.tongues[u.language]; t.space == nil {
		square += s.addWords(t, ids, begin)
	} else if t.space.Place(s.dense, ids) {
		square++
	}
	if square == 0 {
		return
	}
	f := float32(1 / math.Sqrt(square))
	for k := range s.dense {
		s.dense[k] *= f
	}
	for k := range s.values {
		s.values[k] *= f
	}
}

// addConcepts gives the square of the length that they have.
func (s *spot) addConcepts(w *weighed, concepts []int32) float64 {
	for _, c := range concepts {
		if w.of[c] > 0 {
			s.places = append(s.places, c)
			s.values = append(s.values, w.of[c])
		}
	}
	return stretch(s.values, w.length)
}

// addWords puts words themselves beside the concepts: √tf·idf.
func (s *spot) addWords(t *tongue, ids []int32, begin int32) float64 {
	first := len(s.values)
	for i, w := range ids {
		times, before := 1, false
		for j, other := range ids {
			if j != i && other == w {
				times++
				before = before || j < i
			}
		}
		if v := math.Sqrt(float64(times)) * math.Log(float64(t.texts+1)/float64(t.docs[w]+1)); !before && v > 0 {
			s.places = append(s.places, begin+w)
			s.values = append(s.values, float32(v))
		}
	}
	return stretch(s.values[first:], 1)
}

// stretch brings values to a length and gives its square, 0 when there are none.
func stretch(values []float32, length float64) float64 {
	square := 0.
	for _, v := range values {
		square += float64(v) * float64(v)
	}
	if square == 0 {
		return 0
	}
	f := float32(length / math.Sqrt(square))
	for i := range values {
		values[i] *= f
	}
	return length * length
}
