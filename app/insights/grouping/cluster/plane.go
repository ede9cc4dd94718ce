package cluster

import (
	"math"
	"slices"
)

// Plane divides points: those of a kind lie above it, others below.
type Plane struct {
	Across []float32 // of full width
	Offset float32
}

// Told is a point of which is known on which side it lies, and how much that counts.
type Told struct {
	Point  int32
	Above  bool
	Weight float64
}

// Height is how far above the plane a point lies, below 0 under it: the log of the odds that it is of the kind.
func (d *Plane) Height(p *Points, i int) float32 { return p.dot(i, d.Across) + d.Offset }

const (
	divideSteps = 120
	// stiffness is the weight of the plane's own length: few points must not bend it towards themselves.
	stiffness = .001
)

// Divide finds the plane by logistic regression, in so many steps of Nesterov's descent (1983). Weights together are 1.
func Divide(p *Points, told []Told) *Plane {
	// The second derivative is at most a quarter of the squared length of a point and its offset, which is 2.
	const step = 1 / (.25*2 + stiffness)
	width := p.Width()
	at, before, slope := make([]float64, width+1), make([]float64, width+1), make([]float64, width+1)
	d := &Plane{Across: make([]float32, width)}
	for n := range divideSteps {
		speed := float64(n) / float64(n+3)
		for j, x := range at {
			at[j], before[j] = x+speed*(x-before[j]), x
		}
		d.set(at)
		for j, x := range at {
			slope[j] = stiffness * x
		}
		slope[width] = 0
		for _, t := range told {
			wrong := 1 / (1 + math.Exp(-float64(d.Height(p, int(t.Point)))))
			if t.Above {
				wrong--
			}
			p.addScaled(slope[:width], int(t.Point), t.Weight*wrong)
			slope[width] += t.Weight * wrong
		}
		for j := range at {
			at[j] -= step * slope[j]
		}
	}
	d.set(at)
	return d
}

func (d *Plane) set(at []float64) {
	for j := range d.Across {
		d.Across[j] = float32(at[j])
	}
	d.Offset = float32(at[len(at)-1])
}

// Divided weighs what is told so that those above have share of the weight together, and the others the rest.
func Divided(told []Told, share float64) []Told {
	above, below := 0., 0.
	for _, t := range told {
		if t.Above {
			above += t.Weight
		} else {
			below += t.Weight
		}
	}
	told = slices.Clone(told)
	for k := range told {
		if t := &told[k]; t.Above {
			t.Weight *= share / above
		} else {
			t.Weight *= (1 - share) / below
		}
	}
	return told
}
