package spike

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// The rule that doc.go tells of. All were chosen on simulated shops (simulation_test.go).
const (
	baselineDays  = 42 // which the last ones are held against
	spreadDays    = 84 // in which it is seen how much days differ
	window        = 3  // days
	week          = 7
	level         = 2e-3
	discoveries   = 0.05 // part of false ones among those that are told
	least         = 6    // tickets
	times         = 2    // what is usual
	newDays       = 7
	dispersionOne = 0.25 // variance beyond chance, by the mean squared, that is guessed of a group with no history
	guessDays     = 28   // how many days of its own weigh as much as that guess
)

// Group is what is known of a group of complaints.
type Group struct {
	ID int64
	// Days are its tickets by day, the last one the day that has just ended. 91 are looked at; fewer are of a young desk.
	Days []int
	// Age is how many days ago its first ticket came; at least 0.
	Age int
}

// Finding is a group that has risen or is new, with why.
type Finding struct {
	ID       int64
	New      bool    // its first ticket came within a week: there is nothing to hold it against
	Days     int     // over which it is counted: 3, or 7 for a group with less than one ticket a day
	Observed int     // tickets in these days
	Expected float64 // of the days before, for the same days of the week
	Chance   float64 // of so many or more, if all was as before
}

// Weekdays are how busy each day of the week is, on the average 1, by the days of all groups together; the last one of days is
// that with index 0, the one before has index 1, and so on. Under four weeks all are alike.
func Weekdays(all []int) [week]float64 {
	out := [week]float64{1, 1, 1, 1, 1, 1, 1}
	if len(all) < 4*week {
		return out
	}
	var sums [week]float64
	days := len(all) / week * week
	total := 0.0
	for back := range days {
		n := float64(all[len(all)-1-back])
		sums[back%week] += n
		total += n
	}
	if total == 0 {
		return out
	}
	const smooth = 50 // tickets that are alike all week, so that a small shop's chance days do not count
	for i := range out {
		out[i] = (sums[i] + smooth/week) / (total/week + smooth/week)
	}
	return out
}

// Look gives the groups that stand out on the last day, those that are the least likely by chance first; new ones, by size,
// come after them.
func Look(groups []Group, weekdays [week]float64) []Finding {
	var risen, fresh []Finding
	tests := 0
	for _, g := range groups {
		if g.Age < newDays {
			if n := sum(tail(g.Days, newDays)); n >= least {
				fresh = append(fresh, Finding{ID: g.ID, New: true, Days: newDays, Observed: n})
			}
			continue
		}
		tests++
		if f := g.test(weekdays); f.stands() {
			risen = append(risen, f)
		}
	}
	slices.SortFunc(risen, func(a, b Finding) int { return cmp.Or(cmp.Compare(a.Chance, b.Chance), cmp.Compare(a.ID, b.ID)) })
	slices.SortFunc(fresh, func(a, b Finding) int { return cmp.Or(b.Observed-a.Observed, cmp.Compare(a.ID, b.ID)) })
	return append(risen[:discovered(risen, tests)], fresh...)
}

// discovered is how many of the findings, in order, the rule of Benjamini and Hochberg keeps of so many tests.
func discovered(list []Finding, tests int) int {
	kept := 0
	for i, f := range list {
		if f.Chance <= discoveries*float64(i+1)/float64(tests) {
			kept = i + 1
		}
	}
	return kept
}

func (f Finding) stands() bool {
	return f.Observed >= least && float64(f.Observed) >= times*f.Expected && f.Chance <= level
}

// test holds the last days against those before.
func (g Group) test(weekdays [week]float64) Finding {
	days := window
	before := g.before(days, baselineDays)
	if mean(before) < 1 {
		days = week
		before = g.before(days, baselineDays)
	}
	f := Finding{ID: g.ID, Days: days, Observed: sum(tail(g.Days, days)), Chance: 1}
	if len(before) < week {
		return f
	}
	rate := perDay(before, days, weekdays)
	for back := range days {
		f.Expected += rate * weekdays[back]
	}
	f.Chance = tailChance(f.Observed, f.Expected, size(g.before(days, spreadDays), days, weekdays))
	return f
}

// before are the days before the last ones, at most so many.
func (g Group) before(days, most int) []int {
	if len(g.Days) <= days {
		return nil
	}
	return tail(g.Days[:len(g.Days)-days], most)
}

// perDay is how many come on a day of the average week. So many days have passed since the last of these.
func perDay(before []int, days int, weekdays [week]float64) float64 {
	busy := 0.0
	for i := range before {
		busy += weekdays[(days+len(before)-1-i)%week]
	}
	return float64(sum(before)) / busy
}

// size is the negative binomial's, for the sum of so many days: the smaller, the more days vary beyond chance. It is taken from
// the days before them, by moments; a few of them say little, so a usual value joins them.
func size(before []int, days int, weekdays [week]float64) float64 {
	rate := perDay(before, days, weekdays)
	if rate == 0 {
		return math.Inf(1)
	}
	beyond, squares := 0.0, 0.0
	for i, n := range before {
		expected := rate * weekdays[(days+len(before)-1-i)%week]
		off := float64(n) - expected
		beyond += off*off - expected
		squares += expected * expected
	}
	n := float64(len(before))
	dispersion := (max(beyond/squares, 0)*n + dispersionOne*guessDays) / (n + guessDays)
	return float64(days) / dispersion
}

// tailChance is the chance of observed or more, of a negative binomial with a mean and a size: the incomplete beta function
// (Abramowitz, Stegun 26.5.26).
func tailChance(observed int, mean, size float64) float64 {
	switch {
	case observed <= 0:
		return 1
	case mean <= 0:
		mean = 0.5 // nothing came before: half a ticket stands for what might have
	}
	if math.IsInf(size, 1) || size > 1e6 {
		return mathext.GammaIncReg(float64(observed), mean) // Poisson
	}
	return mathext.RegIncBeta(float64(observed), size, mean/(mean+size))
}

func tail(days []int, n int) []int { return days[max(0, len(days)-n):] }

func sum(days []int) (n int) {
	for _, d := range days {
		n += d
	}
	return n
}

func mean(days []int) float64 {
	if len(days) == 0 {
		return 0
	}
	return float64(sum(days)) / float64(len(days))
}
