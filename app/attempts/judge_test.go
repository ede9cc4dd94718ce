package attempts

import (
	"math"
	"math/rand/v2"
	"testing"
)

// minutes plays a shop minute by minute: perHour attempts on the average, of which rate come about.
type minutes struct {
	rnd  *rand.Rand
	last []Count // of the last hour
}

func (m *minutes) next(perHour, rate float64) {
	var c Count
	for range poisson(m.rnd, perHour/60) {
		if m.rnd.Float64() < rate {
			c.OK++
		} else {
			c.Failed++
		}
	}
	m.last = append(m.last, c)
	if len(m.last) > 60 {
		m.last = m.last[1:]
	}
}

func (m *minutes) spans() []Count {
	out := make([]Count, len(spans))
	for i, span := range spans {
		for _, c := range m.last[max(0, len(m.last)-int(span.back.Minutes())):] {
			out[i] = out[i].plus(c)
		}
	}
	return out
}

func poisson(rnd *rand.Rand, mean float64) int {
	limit, p, n := math.Exp(-mean), rnd.Float64(), 0
	for p > limit {
		p *= rnd.Float64()
		n++
	}
	return n
}

// usualOf draws what was counted in the same two hours of eight weeks.
func usualOf(rnd *rand.Rand, perHour, rate float64) (c Count) {
	for range poisson(rnd, perHour*16/10) * 10 {
		if rnd.Float64() < rate {
			c.OK++
		} else {
			c.Failed++
		}
	}
	return c
}

func TestStationaryTrafficIsQuiet(t *testing.T) {
	t.Parallel()
	const months = 6
	for _, shop := range []struct{ perHour, rate float64 }{{100, .97}, {40, .9}, {1000, .97}} {
		rnd := rand.New(rand.NewPCG(7, uint64(shop.perHour)))
		m := &minutes{rnd: rnd}
		alarms, standing := 0, false
		var usual Count
		for i := range months * 30 * 24 * 60 {
			if i%60 == 0 {
				usual = usualOf(rnd, shop.perHour, shop.rate)
			}
			m.next(shop.perHour, shop.rate)
			now := m.spans()
			if standing {
				standing = !DefaultSettings.over(now, usual)
			} else if DefaultSettings.fall(now, usual) >= 0 {
				standing = true
				alarms++
			}
		}
		t.Logf("%v an hour at %v: %d false alarms in %d months", shop.perHour, shop.rate, alarms, months)
		if alarms > months {
			t.Errorf("%v an hour at %v: %d false alarms in %d months, want at most one a month", shop.perHour, shop.rate, alarms, months)
		}
	}
}

func TestAFallIsSeenSoon(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(7, 8))
	const falls = 400
	soon, late, sum := 0, 0, 0
	for range falls {
		m, usual := &minutes{rnd: rnd}, usualOf(rnd, 100, .97)
		for range 60 {
			m.next(100, .97)
		}
		after := 0
		for after = 1; after <= 120; after++ {
			m.next(100, .80)
			if DefaultSettings.fall(m.spans(), usual) >= 0 {
				break
			}
		}
		sum += after
		if after <= 30 {
			soon++
		}
		if after > 60 {
			late++
		}
	}
	if mean := float64(sum) / falls; mean > 28 || soon < falls*7/10 || late > falls/20 {
		t.Errorf("seen after %.1f minutes on the average, within 30: %d, later than 60: %d of %d", mean, soon, late, falls)
	}
	t.Logf("seen after %.1f minutes on the average; within 30: %d of %d; later than 60: %d", float64(sum)/falls, soon, falls, late)
}
