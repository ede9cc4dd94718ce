package space

import (
	"math"

	"huiyin/app/insights/grouping/vector"
)

// Dims is the number of dimensions of a word's vector.
const Dims = 128

// Space is where the words of one language lie.
type Space struct {
	Dims    int
	Weights []float32 // of each word in a text
	Vectors []float32 // Dims of each word, of length one
	Common  []float32 // the direction that all texts share, taken out of each
}

// Learn places words by the company that they keep in a corpus. docs says in how many texts each word stands.
func Learn(c *Corpus, docs []int32) *Space {
	words := len(docs)
	a := associate(c, words)
	w := a.factor(words, Dims)
	s := &Space{Dims: Dims, Weights: make([]float32, words), Vectors: make([]float32, words*Dims)}
	for i := range words {
		s.Weights[i] = float32(math.Sqrt(rarity(c.Len(), docs[i])) * math.Exp(a.topic[i]))
		copy(s.Vectors[i*Dims:(i+1)*Dims], w.row(i))
		unit(s.Vectors[i*Dims : (i+1)*Dims])
	}
	s.Common = s.common(c)
	return s
}

// rarity is the inverse document frequency.
func rarity(texts int, docs int32) float64 {
	return math.Log(float64(texts+1) / float64(docs+1))
}

// Place writes where a text lies to dst, of length one, and tells whether it does: it stays zero when no word of it is
// known.
func (s *Space) Place(dst []float32, ids []int32) bool {
	if !s.sum(dst, ids) {
		return false
	}
	if s.Common == nil {
		return true
	}
	vector.AddScaled(dst, s.Common, -vector.Dot(dst, s.Common))
	return unit(dst)
}

// sum adds the words' vectors, the n-th occurrence of a word with √n-√(n-1): its share of √tf.
func (s *Space) sum(dst []float32, ids []int32) bool {
	clear(dst)
	for i, w := range ids {
		before := 0
		for _, earlier := range ids[:i] {
			if earlier == w {
				before++
			}
		}
		share := math.Sqrt(float64(before+1)) - math.Sqrt(float64(before))
		vector.AddScaled(dst, s.Vectors[int(w)*s.Dims:(int(w)+1)*s.Dims], s.Weights[w]*float32(share))
	}
	return unit(dst)
}

// sampled texts tell the common direction.
const sampled = 20000

// common is the first principal direction of the texts (Arora, Liang and Ma 2017), by power iteration.
func (s *Space) common(c *Corpus) []float32 {
	step := max(1, c.Len()/sampled)
	n := (c.Len() + step - 1) / step
	texts := newMatrix(n, s.Dims)
	vector.Blocks(n, 256, func(_, from, to int) {
		for i := from; i < to; i++ {
			s.sum(texts.row(i), c.Text(i*step))
		}
	})
	g := gram(texts, texts)
	direction := make([]float64, s.Dims)
	for i := range direction {
		direction[i] = 1 / math.Sqrt(float64(s.Dims))
	}
	for range 100 {
		next := make([]float64, s.Dims)
		length := 0.
		for i := range next {
			for j, x := range direction {
				next[i] += g[i][j] * x
			}
			length += next[i] * next[i]
		}
		if length == 0 {
			return nil
		}
		for i := range next {
			direction[i] = next[i] / math.Sqrt(length)
		}
	}
	common := make([]float32, s.Dims)
	for i, x := range direction {
		common[i] = float32(x)
	}
	return common
}

// unit brings a vector to length one, unless it is zero: then it tells so.
func unit(v []float32) bool {
	length := math.Sqrt(float64(vector.Dot(v, v)))
	if length < 1e-12 {
		clear(v)
		return false
	}
	for i := range v {
		v[i] = float32(float64(v[i]) / length)
	}
	return true
}
