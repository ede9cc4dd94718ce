package effect

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Week is one week of a complaint, or what is left of it when days are left out.
type Week struct {
	Persons int // who complained, each once in the week
	Orders  int // paid ones, or visits: what the complaint is held against
}

const (
	// weeksBefore and weeksAfter are needed before anything is said: fewer do not tell how much weeks differ by themselves.
	weeksBefore = 4
	weeksAfter  = 2
)

// Halves compares weeks after a change with weeks before it.
type Halves struct {
	Before, After []Week
	Fall          float64 // that is hoped for
	Level         float64
}

// total sums weeks.
func total(weeks []Week) (sum Week) {
	for _, w := range weeks {
		sum.Persons += w.Persons
		sum.Orders += w.Orders
	}
	return sum
}

// Judge says what the weeks show today. It may be asked whenever a week is over: over all weeks together Fell is said of a
// rate that stays as it is with a chance of about Level.
func (h Halves) Judge() Result {
	before, after := total(h.Before), total(h.After)
	out := Result{Interval: Interval{Ratio: 1, High: math.Inf(1)}, Verdict: TooEarly}
	if len(h.Before) < weeksBefore || len(h.After) < weeksAfter || before.Persons == 0 || before.Orders == 0 || after.Orders == 0 {
		return out
	}
	expected := float64(before.Persons) / float64(before.Orders) * float64(after.Orders)
	out.Ratio = float64(after.Persons) / expected
	spread := h.spread()
	// Of few complaints, or none, the logarithm's variance is taken at half a complaint more (Haldane 1956, Anscombe 1956).
	logRatio := math.Log((float64(after.Persons) + 0.5) / (expected + 0.5*float64(after.Orders)/float64(before.Orders)))
	information := 1 / (spread * (1/(float64(after.Persons)+0.5) + 1/(float64(before.Persons)+0.5)))
	wide := radius(information, h.goal(), h.Level)
	out.Low, out.High = math.Exp(logRatio-wide), math.Exp(logRatio+wide)
	switch {
	case out.High < 1:
		out.Verdict = Fell
	case out.Low > 1:
		out.Verdict = Rose
	case out.Low > 1-h.Fall:
		out.Verdict = NoEffect
	}
	return out
}

// goal is the information at which a fall of the hoped size shows in a test that is made once, with the usual Power.
func (h Halves) goal() float64 {
	need := distuv.UnitNormal.Quantile(1-h.Level/2) + distuv.UnitNormal.Quantile(Power)
	size := math.Log(1 - h.Fall)
	return need * need / (size * size)
}

// radius is half the width of an interval that holds at all times, of an estimate with an information; it is the tightest
// about where the information is the goal (Howard et al. 2021, 3.2: the two-sided normal mixture).
func radius(information, goal, level float64) float64 {
	mixed := goal / (1 - 2*math.Log(level))
	v := information + mixed
	return math.Sqrt(v*math.Log(v/(mixed*level*level))) / information
}

// spread is how much more than chance alone weeks of one rate differ: the variance of the weeks' counts by their mean, within
// each half, and at least 1. With few weeks it is guessed too small as often as not, so the upper end of what it may be counts.
func (h Halves) spread() float64 {
	sum, free := 0.0, -2.0
	for _, half := range [][]Week{h.Before, h.After} {
		all := total(half)
		for _, w := range half {
			expected := float64(all.Persons) * float64(w.Orders) / float64(all.Orders)
			if expected <= 0 {
				continue
			}
			off := float64(w.Persons) - expected
			sum += off * off / expected
			free++
		}
	}
	if free < 1 {
		return 1
	}
	return max(1, sum/distuv.ChiSquared{K: free}.Quantile(0.25))
}
