package space

import (
	"math"
	"math/rand/v2"
	"sort"
)

const (
	spare      = 8 // directions beyond those asked for: the wanted ones are found more exactly
	iterations = 4
)

// factor gives the words' coordinates in the dims strongest directions of the association matrix, scaled by their
// strength: randomised subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4) with a Rayleigh-Ritz step,
// for a symmetric matrix.
func (a *association) factor(words, dims int) *matrix {
	q := newMatrix(words, min(dims+spare, words))
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same numbers in every run
	for i := range q.v {
		q.v[i] = float32(random.NormFloat64())
	}
	q = orthonormal(q, 1)
	for range iterations {
		q = orthonormal(a.times(q), 1)
	}
	q = orthonormal(q, 1)
	values, vectors := eigen(gram(q, a.times(q)))
	dims = min(dims, q.cols)
	scaled := make([][]float64, q.cols)
	for i := range scaled {
		scaled[i] = make([]float64, dims)
		for j := range dims {
			scaled[i][j] = vectors[i][j] * math.Abs(values[j])
		}
	}
	return q.apply(scaled, dims)
}

// eigen gives the eigenvalues of a symmetric matrix, the largest in amount first, and their vectors as columns, by
// cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations, 8.5).
func eigen(a [][]float64) (values []float64, vectors [][]float64) {
	n := len(a)
	v := make([][]float64, n)
	for i := range v {
		v[i] = make([]float64, n)
		v[i][i] = 1
		for j := range i {
			mean := (a[i][j] + a[j][i]) / 2
			a[i][j], a[j][i] = mean, mean
		}
	}
	for range 30 {
		if offDiagonal(a) < 1e-18 {
			break
		}
		for p := range n {
			for q := p + 1; q < n; q++ {
				rotate(a, v, p, q)
			}
		}
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return math.Abs(a[order[i]][order[i]]) > math.Abs(a[order[j]][order[j]]) })
	values = make([]float64, n)
	vectors = make([][]float64, n)
	for i := range vectors {
		vectors[i] = make([]float64, n)
		for j, o := range order {
			vectors[i][j] = v[i][o]
			values[j] = a[o][o]
		}
	}
	return values, vectors
}

// offDiagonal is what is left to rotate away, relative to the whole.
func offDiagonal(a [][]float64) float64 {
	off, all := 0., 0.
	for i := range a {
		for j, x := range a[i] {
			all += x * x
			if i != j {
				off += x * x
			}
		}
	}
	if all == 0 {
		return 0
	}
	return off / all
}

func rotate(a, v [][]float64, p, q int) {
	if math.Abs(a[p][q]) < 1e-300 {
		return
	}
	theta := (a[q][q] - a[p][p]) / (2 * a[p][q])
	t := 1 / (math.Abs(theta) + math.Sqrt(theta*theta+1))
	if theta < 0 {
		t = -t
	}
	c := 1 / math.Sqrt(t*t+1)
	s := t * c
	for k := range a {
		x, y := a[k][p], a[k][q]
		a[k][p], a[k][q] = c*x-s*y, s*x+c*y
	}
	for k := range a {
		x, y := a[p][k], a[q][k]
		a[p][k], a[q][k] = c*x-s*y, s*x+c*y
	}
	for k := range v {
		x, y := v[k][p], v[k][q]
		v[k][p], v[k][q] = c*x-s*y, s*x+c*y
	}
}
