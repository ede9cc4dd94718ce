package attempts

import "math"

// chanceOfMore is the chance that of n attempts at least missed do not come about, when of usual earlier ones usualMissed did
// not: the tail of the beta-binomial distribution with Jeffreys' prior. Unlike a binomial test it knows that what is usual
// was itself counted, from few attempts or from many.
func chanceOfMore(missed, n, usualMissed, usual int) float64 {
	if missed <= 0 {
		return 1
	}
	a, b := float64(usualMissed)+0.5, float64(usual-usualMissed)+0.5
	k, size := float64(missed), float64(n)
	term := math.Exp(logChoose(size, k) + logBeta(k+a, size-k+b) - logBeta(a, b))
	sum := term
	for ; k < size; k++ { // term(k+1) / term(k)
		term *= (size - k) / (k + 1) * (k + a) / (size - k - 1 + b)
		sum += term
		if term < sum*1e-9 {
			break
		}
	}
	return min(sum, 1)
}

func logChoose(n, k float64) float64 { return logGamma(n+1) - logGamma(k+1) - logGamma(n-k+1) }

func logBeta(a, b float64) float64 { return logGamma(a) + logGamma(b) - logGamma(a+b) }

func logGamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}
