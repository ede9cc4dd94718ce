package vector

import (
	"slices"
	"testing"
)

func TestBlocksDoEverythingOnceInBlocksOfTheirSize(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 4, 5, 1003} {
		const size = 4
		done, numbers := make([]int, n), make([]int, n)
		Blocks(n, size, func(block, from, to int) {
			for i := from; i < to; i++ {
				done[i]++
				numbers[i] = block
			}
		})
		for i := range done {
			if done[i] != 1 || numbers[i] != i/size {
				t.Errorf("%d of %d: done %d times, in block %d", i, n, done[i], numbers[i])
			}
		}
	}
}

func TestSumsOfEveryLengthCountEachPlaceOnce(t *testing.T) {
	t.Parallel()
	for n := range 11 {
		a, b, want := make([]float32, n), make([]float32, n+2), float32(0)
		for i := range a {
			a[i], b[i] = float32(i+1), float32(2*i-3)
			want += a[i] * b[i]
		}
		if got := Dot(a, b); got != want {
			t.Errorf("%d places: %v, want %v", n, got, want)
		}
		sum := slices.Clone(a)
		AddScaled(sum, b, 2)
		for i := range sum {
			if sum[i] != a[i]+2*b[i] {
				t.Errorf("place %d of %d: %v", i, n, sum[i])
			}
		}
	}
}
