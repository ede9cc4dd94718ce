package spike

import (
	"math"
	"slices"
	"testing"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-4*max(want, 1e-3) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestChancesAreThoseOfTheDistributions(t *testing.T) {
	t.Parallel()
	// By hand: negative binomial, size 2, mean 2: p = 1/2, P(0) = 1/4, P(1) = 1/4, P(2) = 3/16.
	near(t, "one or more", tailChance(1, 2, 2), 0.75)
	near(t, "two or more", tailChance(2, 2, 2), 0.5)
	near(t, "three or more", tailChance(3, 2, 2), 0.3125)
	// Poisson with mean 1: 1 - e^-1, 1 - 2e^-1.
	near(t, "Poisson, one or more", tailChance(1, 1, math.Inf(1)), 1-math.Exp(-1))
	near(t, "Poisson, two or more", tailChance(2, 1, math.Inf(1)), 1-2*math.Exp(-1))
	near(t, "nothing", tailChance(0, 3, 2), 1)
}

func level28(n int) []int { return slices.Repeat([]int{n}, 40) }

func TestARiseStandsOutAndSaysWhy(t *testing.T) {
	t.Parallel()
	even := Weekdays(nil)
	quiet := level28(10)
	risen := append(level28(10), 30, 31, 29)
	rare := append(slices.Repeat([]int{1, 0, 0, 0}, 12), 2, 2, 1, 2, 1, 2, 2)
	got := Look([]Group{{1, quiet, 90}, {2, risen, 90}, {3, rare, 90}, {4, []int{0, 0, 4, 3}, 2}, {5, []int{2, 1}, 1}}, even)
	if len(got) != 3 {
		t.Fatalf("%+v", got)
	}
	if f := got[0]; f.ID != 2 || f.Days != 3 || f.Observed != 90 || math.Abs(f.Expected-30) > 0.01 || f.New {
		t.Errorf("the risen one: %+v", f)
	}
	if f := got[1]; f.ID != 3 || f.Days != 7 || f.Observed != 12 || f.Expected > 2.5 {
		t.Errorf("the rare one, by weeks: %+v", f)
	}
	if f := got[2]; f.ID != 4 || !f.New || f.Observed != 7 {
		t.Errorf("the new one: %+v", f)
	}
}

func TestABusyDayOfEveryWeekIsNoRise(t *testing.T) {
	t.Parallel()
	var days, all []int
	for i := range 42 {
		n := 6
		if back := 41 - i; back%7 == 0 || back%7 == 1 { // today and yesterday are the weekend
			n = 24
		}
		days = append(days, n)
		all = append(all, 10*n)
	}
	if got := Look([]Group{{1, days, 90}}, Weekdays(all)); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if got := Look([]Group{{1, append(level28(6), 24, 24, 24), 90}}, Weekdays(nil)); len(got) != 1 {
		t.Errorf("without the weekdays it would stand out: %+v", got)
	}
}

func TestTooLittleIsNoRise(t *testing.T) {
	t.Parallel()
	for name, g := range map[string]Group{
		"nothing at all": {1, nil, 30}, "a young desk": {1, []int{0, 9}, 30}, "five tickets": {1, append(make([]int, 40), 1, 1, 1, 1, 0, 0, 1), 60},
		"less than twice": {1, append(level28(10), 18, 19, 18), 60}, "three new ones": {1, []int{3}, 0},
	} {
		if got := Look([]Group{g}, Weekdays(nil)); len(got) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestOfManyGroupsThoseThatChanceBringsAreLeftOut(t *testing.T) {
	t.Parallel()
	list := []Finding{{Chance: 0.0001}, {Chance: 0.0004}, {Chance: 0.0009}, {Chance: 0.001}}
	if got := discovered(list, 200); got != 4 {
		t.Errorf("4 of 200: %d", got)
	}
	if got := discovered(list[3:], 200); got != 0 {
		t.Errorf("one in a thousand of 200: %d", got)
	}
}
