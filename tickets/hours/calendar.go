package hours

import (
	"slices"
	"time"
)

// horizon is how many days ahead an opening is looked for; a desk that is closed for longer has no next opening.
const horizon = 400

// Calendar is a week in a zone.
type Calendar struct {
	week    Week
	zone    *time.Location
	special map[string][]Range
}

// In puts a week into a zone; nil means UTC.
func (w Week) In(zone *time.Location) Calendar {
	if zone == nil {
		zone = time.UTC
	}
	c := Calendar{week: w, zone: zone}
	if len(w.Special) > 0 {
		c.special = make(map[string][]Range, len(w.Special))
		for _, s := range w.Special {
			c.special[s.Date] = s.Ranges
		}
	}
	return c
}

// Span is a time of opening, the end excluded.
type Span struct{ From, To time.Time }

// wholeDay are the ranges of a day of a desk that never closes.
var wholeDay = []Range{{0, day}}

// On gives the ranges that begin on the date of at, and whether a special day made them.
func (c Calendar) On(at time.Time) (ranges []Range, special bool) {
	at = at.In(c.zone)
	if ranges, special = c.special[at.Format(time.DateOnly)]; special {
		return ranges, true
	}
	if !c.week.Weekly() {
		return wholeDay, false
	}
	return c.week.Days[at.Weekday()], false
}

// spans calls yield for every span that may end after at, in order of their beginnings, until it says false or the
// horizon is reached.
func (c Calendar) spans(at time.Time, yield func(Span) bool) {
	local := at.In(c.zone)
	y, m, d := local.Date()
	for n := -1; n <= horizon; n++ { // yesterday's night may not be over
		noon := time.Date(y, m, d+n, 12, 0, 0, 0, c.zone) // every date has a noon; not every one has a midnight
		ranges, _ := c.On(noon)
		today := make([]Span, 0, len(ranges))
		for _, r := range ranges {
			today = append(today, Span{c.wall(noon, r.From), c.wall(noon, r.From+r.Length())})
		}
		slices.SortFunc(today, func(a, b Span) int { return a.From.Compare(b.From) })
		for _, s := range today {
			if s.To.After(at) && s.To.After(s.From) && !yield(s) {
				return
			}
		}
	}
}

// wall is a time on the wall of a date; where the clocks skip it, the moment that takes its place.
func (c Calendar) wall(date time.Time, m Minute) time.Time {
	y, month, d := date.Date()
	return time.Date(y, month, d, 0, int(m), 0, 0, c.zone)
}

// Open tells whether the desk is open.
func (c Calendar) Open(at time.Time) bool {
	next, ok := c.NextOpen(at)
	return ok && next.Equal(at)
}

// NextOpen is when the desk is open again: at itself when it is open then. false: not within the next 400 days.
func (c Calendar) NextOpen(at time.Time) (next time.Time, ok bool) {
	c.spans(at, func(s Span) bool {
		next, ok = s.From, true
		if s.From.Before(at) {
			next = at
		}
		return false
	})
	return next, ok
}

// Closes is when the opening of at ends. false: it is closed then, or does not close within a week.
func (c Calendar) Closes(at time.Time) (end time.Time, ok bool) {
	c.spans(at, func(s Span) bool {
		begins := end
		if end.IsZero() {
			begins = at
		}
		if s.From.After(begins) {
			return false
		}
		if s.To.After(end) {
			end = s.To
		}
		return end.Before(at.AddDate(0, 0, 8))
	})
	return end, !end.IsZero() && end.Before(at.AddDate(0, 0, 8))
}

// OpenMinutes is how many minutes of opening lie between two moments, a begun one not counted; at most those of the 400
// days after from.
func (c Calendar) OpenMinutes(from, to time.Time) int {
	var sum time.Duration
	place := from
	c.spans(from, func(s Span) bool {
		if s.From.After(place) {
			place = s.From
		}
		if !place.Before(to) {
			return false
		}
		end := s.To
		if end.After(to) {
			end = to
		}
		if end.After(place) {
			sum += end.Sub(place)
			place = end
		}
		return true
	})
	return int(sum / time.Minute)
}

// Add is the moment at which so many minutes of opening have passed since at. false: not within the next 400 days.
func (c Calendar) Add(at time.Time, minutes int) (time.Time, bool) {
	left, place, ok := time.Duration(minutes)*time.Minute, at, false
	c.spans(at, func(s Span) bool {
		if s.From.After(place) {
			place = s.From
		}
		if open := s.To.Sub(place); open < left {
			left -= max(open, 0)
			if s.To.After(place) {
				place = s.To
			}
			return true
		}
		place, ok = place.Add(left), true
		return false
	})
	return place, ok
}
