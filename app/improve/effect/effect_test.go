package effect

import (
	"fmt"
	"math"
	"testing"
)

func near(t *testing.T, what string, got, want, off float64) {
	t.Helper()
	if math.Abs(got-want) > off {
		t.Errorf("%s: %.5f, want %.5f", what, got, want)
	}
}

func TestFixedIntervalsAreThoseOfTheTextbooks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		source    string
		a         Arms
		share     float64
		ratio     float64
		low, high float64
		off       float64
	}{
		// Breast cancer of women with and without fluoroscopy: 41 in 28,010 and 15 in 19,017 person-years (Boice, Monson 1977;
		// Rothman, Greenland, Modern Epidemiology; exact interval as in the manual of Stata's ir).
		{"Boice and Monson", Arms{41, 15}, 28010.0 / (28010 + 19017), 1.855759, 1.005684, 3.6093, 0.003},
		// Clopper, Pearson 1934: 1 of 10 gives 0.0025 to 0.4450 for the part itself (share 1/2: odds).
		{"1 of 10", Arms{1, 9}, 0.5, 1.0 / 9, 0.002529 / (1 - 0.002529), 0.445016 / (1 - 0.445016), 0.0005},
		// Nobody of 10: the rule of three's exact form, 1 - 0.025^(1/10) = 0.30850.
		{"0 of 10", Arms{0, 10}, 0.5, 0, 0, 0.308497 / (1 - 0.308497), 0.0005},
	} {
		got := FixedInterval(test.a, test.share, 0.05)
		near(t, test.source+" ratio", got.Ratio, test.ratio, 1e-5)
		near(t, test.source+" low", got.Low, test.low, test.off)
		near(t, test.source+" high", got.High, test.high, test.off)
	}
}

func TestAnIntervalThatHoldsAtAllTimesIsWiderThanAFixedOne(t *testing.T) {
	t.Parallel()
	p, err := NewPlan(0.5, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []Arms{{1, 3}, {0, 7}, {7, 0}, {40, 60}, {60, 40}, {500, 700}, {0, 0}} {
		fixed, always := FixedInterval(a, p.Share, p.Level), p.Interval(a)
		if always.Low > fixed.Low || always.High < fixed.High {
			t.Errorf("%v: always %v, fixed %v", a, always, fixed)
		}
		if !(always.Low <= always.Ratio && always.Ratio <= always.High) {
			t.Errorf("%v: %v leaves out what was seen", a, always)
		}
	}
	if got := p.Interval(Arms{}); got.Low != 0 || !math.IsInf(got.High, 1) || got.Ratio != 1 {
		t.Errorf("nobody has complained: %v", got)
	}
}

// crossing is the exact chance that a trial ever says a verdict while up to most persons complain, at a true ratio, and how
// many complain on the average until then.
func crossing(p Plan, ratio float64, most int, says func(Verdict) bool) (chance float64) {
	part := p.part(ratio)
	ways := []float64{1}
	for n := 1; n <= most; n++ {
		ways = append(ways, 0)
		for x := n; x > 0; x-- {
			ways[x] = ways[x]*(1-part) + ways[x-1]*part
		}
		ways[0] *= 1 - part
		for x := range ways {
			if ways[x] > 1e-12 && says(p.Judge(Arms{x, n - x}).Verdict) {
				chance += ways[x]
				ways[x] = 0
			}
		}
	}
	return chance
}

func TestAChangeThatDoesNothingIsSaidToWorkInFewTrialsHoweverOftenTheyAreLookedAt(t *testing.T) {
	t.Parallel()
	for _, share := range []float64{0.5, 0.2, 0.05} {
		p, err := NewPlan(share, 0.3)
		if err != nil {
			t.Fatal(err)
		}
		is := func(v Verdict) func(Verdict) bool { return func(got Verdict) bool { return got == v } }
		worked, worse := crossing(p, 1, 600, is(Worked)), crossing(p, 1, 600, is(Worse))
		t.Logf("share %v: worked %.4f, worse %.4f", share, worked, worse)
		if worked+worse > p.Level {
			t.Errorf("share %v: worked in %.4f, worse in %.4f of trials", share, worked, worse)
		}
		if worked == 0 {
			t.Errorf("share %v: nothing was counted", share)
		}
	}
}

func TestAPlanKeepsItsPowerAndNeedsMoreForLess(t *testing.T) {
	t.Parallel()
	last := 0
	for _, fall := range []float64{0.5, 0.4, 0.3} {
		p, err := NewPlan(0.5, fall)
		if err != nil {
			t.Fatal(err)
		}
		got := crossing(p, 1-fall, p.Complainers, func(v Verdict) bool { return v == Worked })
		t.Logf("fall %v: %d complainers, power %.4f", fall, p.Complainers, got)
		if got < Power || got > Power+0.05 { // it is looked at after each complaint here
			t.Errorf("fall %v: power %.4f after %d", fall, got, p.Complainers)
		}
		if p.Complainers <= last {
			t.Errorf("a fall of %v needs %d, a larger one %d", fall, p.Complainers, last)
		}
		last = p.Complainers
	}
	few, err := NewPlan(0.05, 0.3)
	if err != nil || few.Complainers <= last {
		t.Errorf("a small share needs %d, halves %d (%v)", few.Complainers, last, err)
	}
	tiny, err := NewPlan(0.5, 0.01)
	if err != nil || tiny.Complainers != 0 || tiny.Persons(0.1) != 0 {
		t.Errorf("a fall that no shop can see is planned with %d", tiny.Complainers)
	}
	if p, _ := NewPlan(0.5, 0.3); p.Persons(0.02) != int(math.Ceil(float64(p.Complainers)/(0.02*0.85))) {
		t.Errorf("%d persons", p.Persons(0.02))
	}
	for _, wrong := range [][2]float64{{0, 0.3}, {1, 0.3}, {0.5, 0}, {0.5, 1}, {math.NaN(), 0.3}} {
		if _, err := NewPlan(wrong[0], wrong[1]); err == nil {
			t.Errorf("%v is no plan", wrong)
		}
	}
}

func TestAVerdictSaysWhatItsIntervalShows(t *testing.T) {
	t.Parallel()
	p, err := NewPlan(0.5, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		a    Arms
		want Verdict
	}{
		{Arms{0, 0}, TooEarly}, {Arms{3, 5}, TooEarly}, {Arms{100, 200}, Worked}, {Arms{200, 100}, Worse},
		{Arms{p.Complainers / 2, p.Complainers - p.Complainers/2}, NoEffect}, {Arms{130, 105}, NoEffect},
	} {
		got := p.Judge(test.a)
		if got.Verdict != test.want {
			t.Errorf("%v: %+v, want %s", test.a, got, test.want)
		}
		if more := p.Complainers - test.a.Sum(); test.want == TooEarly && got.More != more || test.want != TooEarly && got.More != 0 {
			t.Errorf("%v: %d more", test.a, got.More)
		}
	}
}

func weeks(n, persons, orders int) (out []Week) {
	for i := range n {
		out = append(out, Week{persons + []int{-2, 1, 2, -1}[i%4], orders})
	}
	return out
}

func TestWeeksWithoutAnUntreatedArmNeverSayWorked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		before, after []Week
		want          Verdict
	}{
		{weeks(8, 50, 10_000), weeks(8, 20, 10_000), Fell},
		{weeks(8, 20, 10_000), weeks(8, 50, 10_000), Rose},
		{weeks(8, 20, 10_000), weeks(4, 10, 5_000), TooEarly}, // half the orders, half the complaints
		{weeks(8, 50, 10_000), weeks(8, 25, 5_000), NoEffect}, // the same for longer: a fall of 30 % is ruled out
		{weeks(52, 400, 100_000), weeks(40, 400, 100_000), NoEffect},
		{weeks(3, 50, 10_000), weeks(8, 5, 10_000), TooEarly},
		{weeks(8, 50, 10_000), weeks(1, 5, 10_000), TooEarly},
		{nil, nil, TooEarly},
		{make([]Week, 8), make([]Week, 8), TooEarly},
	} {
		h := Halves{Before: test.before, After: test.after, Fall: 0.3, Level: Level}
		if got := h.Judge(); got.Verdict != test.want {
			t.Errorf("%v, then %v: %+v, want %s", total(test.before), total(test.after), got, test.want)
		}
	}
}

func ExamplePlan() {
	p, _ := NewPlan(0.5, 0.3)
	fmt.Println(p.Judge(Arms{Treated: 100, Untreated: 200}).Verdict)
	// Output: worked
}
