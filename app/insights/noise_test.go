package insights

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// played is a period of a group whose days vary as those of complaints do.
func played(r *rand.Rand, days int, mean, size float64) *series {
	s := &series{trend: make([]int, days)}
	for i := range days {
		today := mean
		if !math.IsInf(size, 1) {
			today = distuv.Gamma{Alpha: size, Beta: size / mean, Src: r}.Rand()
		}
		n := int(distuv.Poisson{Lambda: today, Src: r}.Rand())
		s.n, s.trend[i] = s.n+n, n
	}
	return s
}

func TestWhatDiffersByChanceIsSeldomMarkedAndWhatHasChangedOften(t *testing.T) {
	t.Parallel()
	const runs = 2000
	for _, test := range []struct {
		name       string
		days       int
		mean, size float64
		times      float64
		low, high  float64 // part of runs with a chance below 5 %
	}{
		{"28 days, 5 a day, Poisson", 28, 5, math.Inf(1), 1, 0, .05},
		{"28 days, 5 a day, overdispersed", 28, 5, 4, 1, 0, .07},
		{"28 days, 20 a day, overdispersed", 28, 20, 4, 1, 0, .08},
		{"7 days, 3 a day, overdispersed", 7, 3, 4, 1, 0, .06},
		{"28 days, 5 a day, overdispersed, half as many again", 28, 5, 4, 1.5, .6, 1},
		{"28 days, 5 a day, overdispersed, three times", 28, 5, 4, 3, .99, 1},
		{"7 days, 3 a day, overdispersed, three times", 7, 3, 4, 3, .8, 1},
	} {
		r := rand.New(rand.NewPCG(11, uint64(test.mean)))
		marked := 0
		for range runs {
			before, now := played(r, test.days, test.mean, test.size), played(r, test.days, test.mean*test.times, test.size)
			if holdAgainst(now, before, exposure{1, 1}, 1).Chance < .05 {
				marked++
			}
		}
		if part := float64(marked) / runs; part < test.low || part > test.high {
			t.Errorf("%s: %.3f, want %.2f to %.2f", test.name, part, test.low, test.high)
		}
	}
}

// The exact test of two rates as it is: 12 against 4 in as much time, by a table of the binomial distribution of 16 at one half.
func TestTheChanceIsThatOfTheTextbook(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ n, all, share, want float64 }{
		{12, 16, .5, 2 * 0.0384}, {4, 16, .5, 2 * 0.0384}, {8, 16, .5, 1}, {0, 5, .5, 2 * 0.03125}, {5, 5, .5, 2 * 0.03125}, {3, 10, .1, 2 * 0.0702},
	} {
		if got := twoSided(test.n, test.all, test.share); math.Abs(got-test.want) > 5e-4 {
			t.Errorf("%v of %v: %.4f, want %.4f", test.n, test.all, got, test.want)
		}
	}
}

func TestOfManyGroupsFewAreMarkedByChance(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	wrong, right := 0, 0
	for range 50 {
		changes := make([]Change, 100)
		list := make([]*Change, 100)
		for i := range changes {
			times := 1.0
			if i < 5 {
				times = 4
			}
			changes[i] = holdAgainst(played(r, 28, 2*times, 4), played(r, 28, 2, 4), exposure{1, 1}, 1)
			list[i] = &changes[i]
		}
		mark(list)
		for i := range changes {
			switch {
			case changes[i].Marked && i < 5:
				right++
			case changes[i].Marked:
				wrong++
			}
		}
	}
	if right < 200 || float64(wrong) > .12*float64(right) {
		t.Errorf("%d true and %d false ones are marked of 250 and 4750", right, wrong)
	}
}
