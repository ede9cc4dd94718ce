package demo

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// How the conversations are spread over the time before now.
const (
	threadCount  = 300
	waitingCount = 7
	openCount    = 13
	pendingCount = 9
	snoozedCount = 3
	todayCount   = 14 // solved in the last hours
	historyDays  = 120
	englishShare = 0.28
)

// zone is where the shop is.
var zone = time.FixedZone("CST", 8*60*60)

// hours says how many shoppers write at each hour of the shop's day.
var hours = [24]int{5, 3, 2, 2, 1, 2, 3, 6, 10, 15, 18, 17, 15, 14, 15, 16, 15, 14, 14, 17, 20, 20, 16, 10}

// outline is a conversation before its words are filled in.
type outline struct {
	*scenario
	how   ending
	beats []beat
	rest  []beat // what has not happened yet
	start time.Time
	who   int // place in shoppers(); -1 a visitor
}

func (o *outline) end() time.Time { return o.start.Add(o.beats[len(o.beats)-1].at) }

// schedule decides which conversations there were and when, in the order of their beginning.
func schedule(r *rand.Rand, lib *library, now time.Time) []*outline {
	decks := map[string]*deck{}
	for locale, all := range lib.scenarios {
		decks[locale] = &deck{r: r, all: all, turns: map[*scenario]int{}}
	}
	var list []*outline
	add := func(n int, how ending, when func() time.Time, byEnd bool) {
		for range n {
			locale := zh
			if r.Float64() < englishShare {
				locale = en
			}
			s, turn := decks[locale].draw(how == done && !byEnd)
			list = append(list, newOutline(r, s, turn, how, when(), byEnd))
		}
	}
	ago := func(from, to time.Duration) func() time.Time {
		return func() time.Time { return now.Add(-between(r, from, to)) }
	}
	add(waitingCount, waiting, ago(time.Minute, 45*time.Minute), true)
	add(openCount, open, ago(20*time.Second, 25*time.Minute), true)
	add(pendingCount, pending, ago(8*time.Minute, 18*time.Hour), true)
	add(snoozedCount, snoozed, ago(2*time.Hour, 30*time.Hour), true)
	add(todayCount, done, ago(20*time.Minute, 14*time.Hour), true)
	add(threadCount-len(list), done, func() time.Time { return pastTime(r, now) }, false)
	for _, o := range list { // what would reach into the future ended some hours ago instead
		if o.how == done && o.end().After(now.Add(-20*time.Minute)) {
			o.start = o.start.Add(-o.end().Sub(ago(time.Hour, 12*time.Hour)()))
		}
	}
	slices.SortStableFunc(list, func(a, b *outline) int { return cmp.Compare(a.start.UnixMilli(), b.start.UnixMilli()) })
	return list
}

func newOutline(r *rand.Rand, s *scenario, turn int, how ending, at time.Time, byEnd bool) *outline {
	if s.when == "night" {
		at = time.Date(at.In(zone).Year(), at.In(zone).Month(), at.In(zone).Day(), r.IntN(5), r.IntN(60), r.IntN(60), 0, zone)
	}
	all := beats(r, s, turn, at)
	o := &outline{scenario: s, how: how, beats: all, start: at}
	if how != done {
		o.beats = cut(r, all, how)
		o.rest = all[len(o.beats):]
	}
	if byEnd {
		o.start = at.Add(-o.beats[len(o.beats)-1].at)
	}
	return o
}

// pastTime is a moment of the months before: the nearer, the more shoppers there were.
func pastTime(r *rand.Rand, now time.Time) time.Time {
	ago := 1 + int(float64(historyDays-1)*math.Pow(r.Float64(), 1.3))
	sum := 0
	for _, n := range hours {
		sum += n
	}
	hour, n := 0, r.IntN(sum)
	for n >= hours[hour] {
		n -= hours[hour]
		hour++
	}
	day := now.In(zone).AddDate(0, 0, -ago)
	return time.Date(day.Year(), day.Month(), day.Day(), hour, r.IntN(60), r.IntN(60), r.IntN(1000)*int(time.Millisecond), zone)
}

// deck deals the scenarios of a language so that none comes again before all have come.
type deck struct {
	r     *rand.Rand
	all   []scenario
	left  []*scenario
	turns map[*scenario]int
}

// draw gives the next scenario and how often it was drawn before. Those that belong to an hour or end otherwise than
// solved wait for a place in the past.
func (d *deck) draw(past bool) (s *scenario, turn int) {
	for {
		for i, s := range d.left {
			if past || (s.when == "" && s.ends == "solved") {
				d.left = slices.Delete(d.left, i, i+1)
				d.turns[s]++
				return s, d.turns[s] - 1
			}
		}
		for _, i := range d.r.Perm(len(d.all)) {
			d.left = append(d.left, &d.all[i])
		}
	}
}
