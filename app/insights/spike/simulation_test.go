package spike

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// play is a year of a group without a rise, and what comes after it when the complaint is three times as frequent for three days.
type play struct {
	r    *rand.Rand
	mean float64
	size float64 // of the negative binomial; +Inf: Poisson
}

// usualWeek is how busy the days of the simulated shop are: the weekend more than the rest.
var usualWeek = [7]float64{1.25, 1.2, 0.95, 0.9, 0.9, 0.85, 0.95}

func (p play) day(back int, times float64) int {
	mean := p.mean * times * usualWeek[back%7]
	if !math.IsInf(p.size, 1) {
		mean = distuv.Gamma{Alpha: p.size, Beta: p.size / mean, Src: p.r}.Rand()
	}
	return int(distuv.Poisson{Lambda: mean, Src: p.r}.Rand())
}

// rule says whether the days, the last one first in the shop's week at back, are an alarm.
type rule func(days []int, shift int) bool

func ours(days []int, shift int) bool {
	var weekdays [7]float64
	for i := range weekdays {
		weekdays[i] = usualWeek[(i+shift)%7]
	}
	f := Group{Days: days, Age: len(days)}.test(weekdays)
	return f.stands()
}

// threeSigma is what most desks do: a day above the mean of four weeks and three standard deviations.
func threeSigma(days []int, _ int) bool {
	before := days[len(days)-29 : len(days)-1]
	m, squares := mean(before), 0.0
	for _, n := range before {
		squares += (float64(n) - m) * (float64(n) - m)
	}
	return float64(days[len(days)-1]) > m+3*math.Sqrt(squares/27)
}

// score gives false alarms a year, one in three days being one, and the part of rises that are told within four days.
func (p play) score(says rule, series int) (alarms, caught float64) {
	const history, year = 91, 365
	for range series {
		days := make([]int, history+year)
		for i := range days {
			days[i] = p.day(len(days)-1-i, 1)
		}
		held := 0
		for end := history; end <= len(days); end++ {
			if held--; held <= 0 && says(days[:end], len(days)-end) {
				alarms++
				held = window
			}
		}
		for after := range 4 {
			times := 3.0
			if after == 3 {
				times = 1
			}
			days = append(days, p.day(7-1-after, times))
			if says(days, 6-after) {
				caught++
				break
			}
		}
	}
	return alarms / float64(series), caught / float64(series)
}

func TestSimulatedRisesAreToldAndFalseAlarmsAreFew(t *testing.T) {
	t.Parallel()
	const series = 1000
	for _, test := range []struct {
		name           string
		mean, size     float64
		alarms, caught float64 // at most, at least
	}{
		{"2 a day, Poisson", 2, math.Inf(1), 0.5, 0.3},
		{"2 a day, overdispersed", 2, 4, 1.5, 0.3},
		{"10 a day, Poisson", 10, math.Inf(1), 0.5, 0.95},
		{"10 a day, overdispersed", 10, 4, 1.5, 0.70},
	} {
		p := play{rand.New(rand.NewPCG(7, uint64(test.mean*test.size))), test.mean, test.size}
		alarms, caught := p.score(ours, series)
		usualAlarms, usualCaught := p.score(threeSigma, series)
		t.Logf("%s: ours %.2f false alarms a year, %.2f caught; mean and three standard deviations %.2f, %.2f", test.name, alarms, caught, usualAlarms, usualCaught)
		if alarms > test.alarms || caught < test.caught {
			t.Errorf("%s: %.2f false alarms a year, %.2f caught", test.name, alarms, caught)
		}
		if usualAlarms < 2*alarms {
			t.Errorf("%s: the usual rule cries wolf %.2f times a year, ours %.2f", test.name, usualAlarms, alarms)
		}
	}
}
