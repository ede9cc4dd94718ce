package insights

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

const (
	changeLeast    = 6    // subjects in both periods together, below which nothing is said
	discoveredPart = 0.05 // part of false changes among those that are marked
	usualSpread    = 0.25 // variance of a day beyond chance, by the mean squared, that is guessed of a group with few days
	usualDays      = 28   // how many days of its own weigh as much as that guess
)

// Change is what has become of a group since the period before.
type Change struct {
	// Ratio is how many times as many there are as would be had all gone on as before; 0 when there were none before.
	Ratio float64
	// Chance is that of so large a difference, either way, if nothing had changed.
	Chance float64
	// Marked: it is more than noise.
	Marked bool
}

// Up tells that a marked change goes up.
func (c Change) Up() bool { return c.Marked && (c.Ratio > 1 || c.Ratio == 0) }

// Down tells that a marked change goes down.
func (c Change) Down() bool { return c.Marked && c.Ratio < 1 && c.Ratio > 0 }

// exposure is how much could have gone wrong in two periods: orders that were paid, else days.
type exposure struct{ now, before float64 }

// holdAgainst holds two periods against each other. Complaints come in bursts, so days vary more than those of a Poisson process:
// by how much is taken from the period before (variance = mean + spread · mean²: negative binomial). The counts are divided by
// what that makes of the variance of the sum (quasi-likelihood; McCullagh and Nelder, Generalized Linear Models, 1989, 6.2), and
// of what remains the exact test of two Poisson rates is made, given their sum (Przyborowski and Wilenski, Biometrika 31, 1940).
func holdAgainst(now, before *series, e exposure, step int) Change {
	n, m := float64(now.n), float64(before.n)
	out := Change{Chance: 1}
	if e.now <= 0 || e.before <= 0 || n+m == 0 {
		return out
	}
	if m > 0 {
		out.Ratio = n / e.now / (m / e.before)
	}
	if now.n+before.n < changeLeast {
		return out
	}
	days := float64(step * (len(now.trend) + len(before.trend)))
	over := 1 + spread(before.trend, step)*(n+m)/days
	share := e.now / (e.now + e.before)
	out.Chance = twoSided(n/over, (n+m)/over, share)
	return out
}

// spread is by how much days vary beyond chance, by the mean squared; a usual value joins what few days say.
func spread(trend []int, step int) float64 {
	sum := 0
	for _, n := range trend {
		sum += n
	}
	if len(trend) < 2 || sum == 0 {
		return usualSpread
	}
	points := float64(len(trend))
	mean, squares := float64(sum)/points, 0.0
	for _, n := range trend {
		squares += (float64(n) - mean) * (float64(n) - mean)
	}
	days := points * float64(step)
	found := max((squares/(points-1)-mean)/(mean*mean), 0) * float64(step) // of a day: that of a sum of independent days is as many times smaller
	return (found*days + usualSpread*usualDays) / (days + usualDays)
}

// twoSided is twice the smaller tail of a binomial distribution; its counts need not be whole.
func twoSided(n, all, share float64) float64 {
	more, fewer := 1.0, 1.0 // of n or more, of n or fewer
	if n > 0 {
		more = mathext.RegIncBeta(n, all-n+1, share)
	}
	if n < all {
		fewer = 1 - mathext.RegIncBeta(n+1, all-n, share)
	}
	return math.Min(1, 2*math.Min(more, fewer))
}

// mark marks the changes that are more than noise: of many groups some differ by chance, so the rule of Benjamini and Hochberg
// keeps the part of false ones among the marked at 5 %.
func mark(list []*Change) {
	order := slices.Clone(list)
	slices.SortStableFunc(order, func(a, b *Change) int { return cmp.Compare(a.Chance, b.Chance) })
	kept := 0
	for i, c := range order {
		if c.Chance <= discoveredPart*float64(i+1)/float64(len(order)) {
			kept = i + 1
		}
	}
	for _, c := range order[:kept] {
		c.Marked = true
	}
}
