package space

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"huiyin/app/insights/grouping/vector"
)

// someMatters makes texts of six matters: words 0-9 stand together, and words 10-19, and so on.
func someMatters(n int) *Corpus {
	random := rand.New(rand.NewPCG(3, 3))
	var c Corpus
	for i := range n {
		var text []int32
		for range 5 {
			text = append(text, int32(i%6*10+random.IntN(10)))
		}
		c.Add(text)
	}
	return &c
}

func docs(c *Corpus, words int) []int32 {
	d := make([]int32, words)
	for t := range c.Len() {
		ids := slices.Clone(c.Text(t))
		slices.Sort(ids)
		for _, w := range slices.Compact(ids) {
			d[w]++
		}
	}
	return d
}

func TestTextsOfOneMatterLieTogether(t *testing.T) {
	t.Parallel()
	c := someMatters(400)
	s := Learn(c, docs(c, 60))
	place := func(ids ...int32) []float32 {
		v := make([]float32, Dims)
		if !s.Place(v, ids) {
			t.Fatalf("%v lies nowhere", ids)
		}
		return v
	}
	// No word is shared.
	if same, other := vector.Dot(place(0, 1, 2), place(5, 6, 7)), vector.Dot(place(0, 1, 2), place(15, 16, 17)); same < other+.3 {
		t.Errorf("one matter: %.2f, two: %.2f", same, other)
	}
	if s.Place(make([]float32, Dims), nil) {
		t.Error("a text without words lies somewhere")
	}
}

func TestPlacesDoNotDependOnProcessors(t *testing.T) { //nolint:paralleltest // sets GOMAXPROCS
	c := someMatters(3000)
	learn := func(processors int) *Space {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		return Learn(c, docs(c, 60))
	}
	one, many := learn(1), learn(5)
	if !slices.Equal(one.Vectors, many.Vectors) || !slices.Equal(one.Common, many.Common) || !slices.Equal(one.Weights, many.Weights) {
		t.Error("places differ between one processor and five")
	}
}

// By hand: texts "0 1" and "0 2", each twice. Masses 4, 2, 2 of 8 (in units of the weight of neighbours); p(0,1) = 2/8.
// p = ½, ¼, ¼; q = 4^.75, 2^.75, 2^.75 over their sum 6.191829: .456803, .271599, .271599.
// log(p01) - ½(log(½·.456803) + log(¼·.271599)) = -1.386294 + ½(1.476550 + 2.689730) = .696846.
func TestAssociationAgainstFiguresWorkedOutByHand(t *testing.T) {
	t.Parallel()
	var c Corpus
	for range 2 {
		c.Add([]int32{0, 1})
		c.Add([]int32{0, 2})
	}
	a := associate(&c, 3)
	if !slices.Equal(a.starts, []int64{0, 2, 3, 4}) || !slices.Equal(a.cols, []int32{1, 2, 0, 0}) {
		t.Fatalf("rows %v of columns %v", a.starts, a.cols)
	}
	for _, v := range a.vals {
		if math.Abs(float64(v)-.696846) > 1e-4 {
			t.Errorf("association %v, want .696846", v)
		}
	}
}

func TestEigenvaluesOfAKnownMatrix(t *testing.T) {
	t.Parallel()
	values, vectors := eigen([][]float64{{2, 1, 0}, {1, 2, 0}, {0, 0, -5}}) // 3, 1 and -5
	for i, want := range []float64{-5, 3, 1} {
		if math.Abs(values[i]-want) > 1e-9 {
			t.Errorf("value %d is %v, want %v", i, values[i], want)
		}
	}
	if math.Abs(math.Abs(vectors[0][1])-math.Sqrt(.5)) > 1e-9 {
		t.Errorf("vectors are %v", vectors)
	}
}

func TestABasisIsOrthonormalAlsoWhereColumnsDepend(t *testing.T) {
	t.Parallel()
	m := newMatrix(50, 4)
	random := rand.New(rand.NewPCG(5, 5))
	for r := range m.rows {
		for c := range 3 {
			m.row(r)[c] = float32(random.NormFloat64())
		}
		m.row(r)[3] = m.row(r)[0] - 2*m.row(r)[1]
	}
	g := gram(orthonormal(m, 2), orthonormal(m, 2))
	for i := range g {
		for j := range g[i] {
			want := 0.
			if i == j && i < 3 {
				want = 1
			}
			if math.Abs(g[i][j]-want) > 1e-5 {
				t.Errorf("product %d,%d is %v, want %v", i, j, g[i][j], want)
			}
		}
	}
}
