package space

import (
	"math"

	"huiyin/app/insights/grouping/vector"
)

// matrix is a dense one, by rows.
type matrix struct {
	rows, cols int
	v          []float32
}

func newMatrix(rows, cols int) *matrix {
	return &matrix{rows, cols, make([]float32, rows*cols)}
}

func (m *matrix) row(i int) []float32 { return m.v[i*m.cols : (i+1)*m.cols] }

// times gives a·m.
func (a *association) times(m *matrix) *matrix {
	out := newMatrix(m.rows, m.cols)
	vector.Blocks(m.rows, 64, func(_, from, to int) {
		for i := from; i < to; i++ {
			row := out.row(i)
			for k := a.starts[i]; k < a.starts[i+1]; k++ {
				vector.AddScaled(row, m.row(int(a.cols[k])), a.vals[k])
			}
		}
	})
	return out
}

// gram gives aᵀ·b where that is symmetric, summed in blocks of rows that do not depend on the machine.
func gram(a, b *matrix) [][]float64 {
	const size = 512
	n := a.cols
	parts := make([][]float64, (a.rows+size-1)/size)
	vector.Blocks(a.rows, size, func(block, from, to int) {
		sum := make([]float64, n*n)
		right := make([]float64, n)
		for r := from; r < to; r++ {
			for j, y := range b.row(r) {
				right[j] = float64(y)
			}
			for i, x := range a.row(r) {
				vector.AddScaled(sum[i*n+i:(i+1)*n], right[i:], float64(x))
			}
		}
		parts[block] = sum
	})
	g := make([][]float64, n)
	for i := range g {
		g[i] = make([]float64, n)
		for _, p := range parts {
			for j := i; j < n; j++ {
				g[i][j] += p[i*n+j]
			}
		}
		for j := range i {
			g[i][j] = g[j][i]
		}
	}
	return g
}

// apply gives m·f for a square f.
func (m *matrix) apply(f [][]float64, cols int) *matrix {
	out := newMatrix(m.rows, cols)
	firsts := make([]int, len(f)) // that are not zero: a triangle is half the work
	for i := range f {
		for firsts[i] < cols && f[i][firsts[i]] == 0 {
			firsts[i]++
		}
	}
	vector.Blocks(m.rows, 256, func(_, from, to int) {
		sum := make([]float64, cols)
		for r := from; r < to; r++ {
			clear(sum)
			for i, x := range m.row(r) {
				first := firsts[i]
				vector.AddScaled(sum[first:], f[i][first:cols], float64(x))
			}
			for j, s := range sum {
				out.v[r*cols+j] = float32(s)
			}
		}
	})
	return out
}

// orthonormal gives an orthonormal basis of the columns of m by the Cholesky factor of mᵀm; done twice it is exact
// (Yamamoto et al. 2015). Columns that add nothing become zero.
func orthonormal(m *matrix, times int) *matrix {
	for range times {
		m = m.apply(inverseFactor(gram(m, m)), m.cols)
	}
	return m
}

// inverseFactor gives R⁻¹ of g = RᵀR, R upper triangular.
func inverseFactor(g [][]float64) [][]float64 {
	n := len(g)
	r := make([][]float64, n)
	largest := 0.
	for i := range g {
		r[i] = make([]float64, n)
		largest = max(largest, g[i][i])
	}
	for i := range n {
		pivot := g[i][i]
		for k := range i {
			pivot -= r[k][i] * r[k][i]
		}
		if pivot <= largest*1e-10 {
			continue
		}
		r[i][i] = math.Sqrt(pivot)
		for j := i + 1; j < n; j++ {
			s := g[i][j]
			for k := range i {
				s -= r[k][i] * r[k][j]
			}
			r[i][j] = s / r[i][i]
		}
	}
	inverse := make([][]float64, n)
	for i := range inverse {
		inverse[i] = make([]float64, n)
	}
	for j := range n {
		if r[j][j] == 0 {
			continue
		}
		inverse[j][j] = 1 / r[j][j]
		for i := j - 1; i >= 0; i-- {
			if r[i][i] == 0 {
				continue
			}
			s := 0.
			for k := i + 1; k <= j; k++ {
				s -= r[i][k] * inverse[k][j]
			}
			inverse[i][j] = s / r[i][i]
		}
	}
	return inverse
}
