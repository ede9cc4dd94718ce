package effect

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// shop plays the complaints of a shop. Days differ more than chance alone would let them, and who complains may do so again.
type shop struct{ r *rand.Rand }

func newShop(seed uint64) *shop { return &shop{rand.New(rand.NewPCG(seed, 20260101))} }

// day is how many complain on a day: negative binomial, its variance twice its mean.
func (s *shop) day(mean float64) int {
	if mean <= 0 {
		return 0
	}
	rate := distuv.Gamma{Alpha: mean, Beta: 1, Src: s.r}.Rand()
	return int(distuv.Poisson{Lambda: rate, Src: s.r}.Rand())
}

// risen plays four weeks of fifty groups that stay as they are and gives the weekday's mean of the one that seems to rise the
// most from the first two weeks to the last two, and what it had in those.
func (s *shop) risen() (mean float64, last []int) {
	most := 0.0
	for range 50 {
		usual := 2 + 8*s.r.Float64()
		var days [28]int
		first, second := 1.0, 1.0
		for d := range days {
			days[d] = s.day(usual)
			if d < 14 {
				first += float64(days[d])
			} else {
				second += float64(days[d])
			}
		}
		if rise := second / first; rise > most {
			most, mean, last = rise, usual, append([]int(nil), days[14:]...)
		}
	}
	return mean, last
}

// complain plays a day of a trial.
func (s *shop) complain(a Arms, p Plan, mean, ratio float64) Arms {
	for range s.day(mean) {
		if s.r.Float64() < 0.25 {
			continue // has complained before: counted already
		}
		switch treated := s.r.Float64() < p.Share; {
		case !treated:
			a.Untreated++
		case s.r.Float64() < ratio:
			a.Treated++
		}
	}
	return a
}

// trial plays a trial and looks at it every day, until it says something, so many days are over, or so many have complained.
func (s *shop) trial(p Plan, mean, ratio float64, days, most int) Verdict {
	var a Arms
	v := TooEarly
	for day := 0; day < days && a.Sum() < most; day++ {
		a = s.complain(a, p, mean, ratio)
		if v = p.Judge(a).Verdict; v == Worked || v == Worse {
			break
		}
	}
	return v
}

const (
	runs    = 2000
	horizon = 120 // days
)

func TestSimulatedTrialsOfTheFastestRisingGroupAreSeldomSaidToWorkWhenTheyDoNot(t *testing.T) {
	t.Parallel()
	p, err := NewPlan(0.5, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	said := map[Verdict]int{}
	for run := range runs {
		s := newShop(uint64(run))
		mean, _ := s.risen()
		said[s.trial(p, mean, 1, horizon, 10_000)]++
	}
	t.Logf("of %d: %v", runs, said)
	if said[Worked] > runs*5/100 || said[Worse] > runs*5/100 {
		t.Errorf("worked %d, worse %d of %d", said[Worked], said[Worse], runs)
	}
	if said[NoEffect] == 0 {
		t.Error("no trial came to its end")
	}
}

func TestSimulatedTrialsOfAChangeThatWorksSaySoWithThePlannedPower(t *testing.T) {
	t.Parallel()
	p, err := NewPlan(0.5, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	worked := 0
	for run := range runs {
		if newShop(uint64(run)).trial(p, 12, 1-p.Fall, 365, p.Complainers) == Worked {
			worked++
		}
	}
	t.Logf("worked in %d of %d", worked, runs)
	if worked < runs*80/100 {
		t.Errorf("worked in %d of %d, planned were %v", worked, runs, p.Power)
	}
}

// halves plays weeks before a change, leaves out those in which the group seemed to rise, and looks after each week after it.
func (s *shop) halves(ratio float64, after int) Verdict {
	mean, _ := s.risen()
	week := func(mean float64) (w Week) {
		for range 7 {
			w.Persons += s.day(mean)
		}
		w.Orders = 7000 + s.r.IntN(700)
		w.Persons = int(distuv.Binomial{N: float64(w.Persons), P: float64(w.Orders) / 7700, Src: s.r}.Rand())
		return w
	}
	h := Halves{Fall: 0.3, Level: Level}
	for range 8 {
		h.Before = append(h.Before, week(mean))
	}
	v := TooEarly
	for range after {
		h.After = append(h.After, week(mean*ratio))
		if v = h.Judge().Verdict; v == Fell || v == Rose {
			return v
		}
	}
	return v
}

func TestSimulatedWeeksThatStayAsTheyAreAreSeldomSaidToFall(t *testing.T) {
	t.Parallel()
	said, halved := map[Verdict]int{}, map[Verdict]int{}
	for run := range runs {
		said[newShop(uint64(run)).halves(1, 26)]++
		halved[newShop(uint64(run)).halves(0.5, 26)]++
	}
	t.Logf("no change: %v; half: %v", said, halved)
	if said[Fell] > runs*5/100 || said[Rose] > runs*5/100 || said[Worked]+halved[Worked] > 0 {
		t.Errorf("%v of %d", said, runs)
	}
	if halved[Fell] < runs*80/100 {
		t.Errorf("a fall by half: %v of %d", halved, runs)
	}
}
