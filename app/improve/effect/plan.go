package effect

import (
	"errors"
	"math"
)

// Level is the chance of an interval to be wrong, and Power the chance to see a fall of the planned size, unless a plan says
// otherwise.
const (
	Level = 0.05
	Power = 0.8
)

// complainersMost is the largest trial that is planned: what needs more is no trial that a shop can wait for.
const complainersMost = 20_000

// Plan says what a trial is to find, before it starts. NewPlan makes one; the same values make the same plan.
type Plan struct {
	Share float64 // of persons who are treated, 0 to 1
	Fall  float64 // of the complaint's rate that is hoped for: 0.3 is 30 % fewer
	Level float64
	Power float64
	// Complainers is how many persons have to complain in both arms together until such a fall is seen with Power. Zero: more
	// than a trial can have.
	Complainers int

	alpha, beta float64 // of the mixture
}

// ErrPlan is a plan that cannot be: a share or a fall that does not lie between 0 and 1.
var ErrPlan = errors.New("effect: share and fall lie between 0 and 1")

// NewPlan plans a trial with the usual Level and Power. Errors: ErrPlan.
func NewPlan(share, fall float64) (Plan, error) {
	if !(share > 0 && share < 1) || !(fall > 0 && fall < 1) {
		return Plan{}, ErrPlan
	}
	p := Plan{Share: share, Fall: fall, Level: Level, Power: Power}
	// The mixture lies around no effect, one standard deviation from the part that is treated if the hope comes true.
	off := share - p.part(1-fall)
	weight := max(share*(1-share)/(off*off)-1, 2)
	p.alpha, p.beta = share*weight, (1-share)*weight
	p.Complainers = p.needed()
	return p, nil
}

// part is that of the treated among those who complain, at a ratio of the arms' rates.
func (p Plan) part(ratio float64) float64 {
	return p.Share * ratio / (p.Share*ratio + 1 - p.Share)
}

// lookEvery is how much a trial is taken to have grown, by its part, from one look at it to the next: a day of a trial of three
// weeks. A verdict that is there between two looks and gone at the next is nobody's.
const lookEvery = 0.05

// needed counts through all ways in which a trial with the hoped fall may go, complaint by complaint, and gives after how many
// the verdict is there with Power.
func (p Plan) needed() int {
	part := p.part(1 - p.Fall)
	ways := make([]float64, 1, 1024) // chance of each number of treated, of trials without a verdict
	ways[0] = 1
	worked, bar, look := 0.0, -1, 1.0 // up to bar treated the verdict is there
	for n := 1; n <= complainersMost; n++ {
		ways = append(ways, 0)
		for x := n; x > 0; x-- {
			ways[x] = ways[x]*(1-part) + ways[x-1]*part
		}
		ways[0] *= 1 - part
		for p.works(Arms{bar + 1, n - bar - 1}) {
			bar++
		}
		if float64(n) < look {
			continue
		}
		look = float64(n) * (1 + lookEvery)
		for x := range bar + 1 {
			worked += ways[x]
			ways[x] = 0
		}
		if worked >= p.Power {
			return n
		}
	}
	return 0
}

// works tells whether the arms show that the treated complain less.
func (p Plan) works(a Arms) bool {
	return a.Untreated >= 0 && float64(a.Treated) < p.Share*float64(a.Sum()) && p.evidence(a, p.Share) >= -math.Log(p.Level)
}

// Persons is how many have to be watched, both arms together, when untreated ones complain at a rate: 0.02 is one in fifty.
// Zero: more than can be.
func (p Plan) Persons(rate float64) int {
	if p.Complainers == 0 || rate <= 0 {
		return 0
	}
	return int(math.Ceil(float64(p.Complainers) / (rate * (1 - p.Share*p.Fall))))
}
