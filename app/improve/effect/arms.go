package effect

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// Arms are the persons who complained while a trial ran, each counted once, in the arm that she had been put into before.
type Arms struct{ Treated, Untreated int }

// Sum is how many complained.
func (a Arms) Sum() int { return a.Treated + a.Untreated }

// Interval is a ratio of two rates with bounds: 1 is no change, 0.7 is 30 % fewer. High is +Inf where nothing bounds it.
type Interval struct{ Ratio, Low, High float64 }

// oddsRatio turns the part of the treated among those who complain into the ratio of the arms' rates.
func oddsRatio(part, share float64) float64 {
	if part >= 1 {
		return math.Inf(1)
	}
	return part / (1 - part) / (share / (1 - share))
}

// FixedInterval is the exact interval for a trial that is looked at once, at an end that was set before (Clopper, Pearson,
// Biometrika 26, 1934, on the treated among those who complained). share is the treated part of all persons, or of all that
// was watched; alpha the chance to miss, such as 0.05. A board that is looked at every day needs Plan.Interval.
func FixedInterval(a Arms, share, alpha float64) Interval {
	x, n := float64(a.Treated), float64(a.Sum())
	out := Interval{Ratio: a.ratio(share), Low: 0, High: math.Inf(1)}
	if x > 0 {
		out.Low = oddsRatio(distuv.Beta{Alpha: x, Beta: n - x + 1}.Quantile(alpha/2), share)
	}
	if x < n {
		out.High = oddsRatio(distuv.Beta{Alpha: x + 1, Beta: n - x}.Quantile(1-alpha/2), share)
	}
	return out
}

// ratio is the ratio of the rates as they were seen; 1 while nobody has complained.
func (a Arms) ratio(share float64) float64 {
	if a.Sum() == 0 {
		return 1
	}
	return oddsRatio(float64(a.Treated)/float64(a.Sum()), share)
}

// evidence is the logarithm of how much better a mixture of alternatives explains the arms than a fixed part does.
func (p Plan) evidence(a Arms, part float64) float64 {
	x, y := float64(a.Treated), float64(a.Untreated)
	return mathext.Lbeta(p.alpha+x, p.beta+y) - mathext.Lbeta(p.alpha, p.beta) - xlogy(x, part) - xlogy(y, 1-part)
}

// xlogy is x·log(y), and 0 where x is.
func xlogy(x, y float64) float64 {
	if x == 0 {
		return 0
	}
	return x * math.Log(y)
}

// Interval is the ratio of the treated arm's rate to the untreated one's. However often it is looked at, it leaves the true
// ratio out at any time with a chance of at most Level.
func (p Plan) Interval(a Arms) Interval {
	out := Interval{Ratio: a.ratio(p.Share), Low: 0, High: math.Inf(1)}
	if a.Sum() == 0 {
		return out
	}
	seen := float64(a.Treated) / float64(a.Sum())
	limit := -math.Log(p.Level)
	if a.Treated > 0 {
		out.Low = oddsRatio(p.bound(a, limit, seen, 0), p.Share)
	}
	if a.Untreated > 0 {
		out.High = oddsRatio(p.bound(a, limit, seen, 1), p.Share)
	}
	return out
}

// bound finds between what was seen and an end where the evidence against a part reaches the limit. It rises on the way.
func (p Plan) bound(a Arms, limit, seen, end float64) float64 {
	inside, outside := seen, end
	for range 60 {
		middle := (inside + outside) / 2
		if p.evidence(a, middle) < limit {
			inside = middle
		} else {
			outside = middle
		}
	}
	return outside
}
