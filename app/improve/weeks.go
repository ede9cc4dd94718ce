package improve

import (
	"context"
	"slices"
	"time"

	"huiyin/app/improve/effect"
	"huiyin/app/insights"
	"huiyin/tickets"
)

const (
	beforeMost = 12 // weeks
	afterMost  = 26
	riseDays   = 14 // before a task was made: that it rose then is why it was made
	dayOrders  = 1  // what a day counts where no orders are told of
)

// dayOf is the date of a time in a zone.
func dayOf(at time.Time, zone *time.Location) string { return at.In(zone).Format(time.DateOnly) }

// halves are the days around a change.
type halves struct {
	zone   *time.Location
	change time.Time // midnight
	weeks  [2]int    // before, after; whole ones
	out    map[string]string
	known  string // the first day of which orders are known; what was said before is held against nothing
}

func (h *halves) day(n int) time.Time { return h.change.AddDate(0, 0, n) }

// ofWeeks compares the weeks after a change for everybody with those before it.
func (s *Service) ofWeeks(ctx context.Context, t *Task, zone *time.Location) (*Effect, error) {
	change, err := time.ParseInLocation(time.DateOnly, t.ChangeDay, zone)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	if now.Before(change) {
		return nil, nil
	}
	h := &halves{zone: zone, change: change, weeks: [2]int{beforeMost, min(int(now.Sub(change).Hours()/24+0.1)/7, afterMost)}, out: map[string]string{}}
	if err := s.leaveOut(ctx, t, h); err != nil {
		return nil, err
	}
	persons, err := s.personsByDay(ctx, t, h)
	if err != nil {
		return nil, err
	}
	orders, unit, err := s.ordersByDay(ctx, h)
	if err != nil {
		return nil, err
	}
	before, after := h.sum(-h.weeks[0], 0, persons, orders), h.sum(0, h.weeks[1], persons, orders)
	e := &Effect{
		Of: OfWeeks, Unit: unit, From: t.ChangeDay, To: dayOf(h.day(7*h.weeks[1]-1), zone), WeeksBefore: len(before), WeeksAfter: len(after),
		Before: rateOf(before), After: rateOf(after),
	}
	for _, why := range h.out {
		if why == "campaign" {
			e.Campaign++
		} else {
			e.Rise++
		}
	}
	judged := effect.Halves{Before: before, After: after, Fall: float64(t.Target) / 100, Level: effect.Level}
	e.take(judged.Judge())
	if e.Verdict == effect.TooEarly {
		e.stillNeeds(judged.Fall)
	}
	return e, nil
}

func rateOf(weeks []effect.Week) (r Rate) {
	for _, w := range weeks {
		r.Persons += w.Persons
		r.Of += w.Orders
	}
	return r
}

// leaveOut finds the days that are unlike others: campaigns, and the rise for which the task was made.
func (s *Service) leaveOut(ctx context.Context, t *Task, h *halves) error {
	from, to := h.day(-7*h.weeks[0]), h.day(7*h.weeks[1])
	put := func(first, last time.Time, why string) {
		for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
			if key := dayOf(day, h.zone); !day.Before(from) && day.Before(to) && h.out[key] == "" {
				h.out[key] = why
			}
		}
	}
	marks, err := s.Insights.Marks(ctx, from, to)
	if err != nil {
		return err
	}
	for _, m := range marks {
		if m.Kind == insights.Campaign {
			put(m.From.In(h.zone), m.To.In(h.zone), "campaign")
		}
	}
	made := time.UnixMilli(t.CreatedAt).In(h.zone)
	made = time.Date(made.Year(), made.Month(), made.Day(), 0, 0, 0, 0, h.zone)
	if end := made.AddDate(0, 0, -1); end.Before(h.change) {
		put(made.AddDate(0, 0, -riseDays), end, "rise")
	} else {
		put(h.day(-riseDays), h.day(-1), "rise") // it was written down after the change
	}
	rises, err := s.Insights.Rises(ctx, from, h.change)
	if err != nil {
		return err
	}
	for _, r := range rises {
		if last := r.Day.In(h.zone); slices.Contains(t.Groups, r.Group) {
			put(last.AddDate(0, 0, 1-max(r.Days, 1)), last, "rise")
		}
	}
	return nil
}

// personsByDay gives who complained on each day.
func (s *Service) personsByDay(ctx context.Context, t *Task, h *halves) (map[string][]who, error) {
	out := map[string][]who{}
	err := s.Insights.Complainers(ctx, t.Groups, h.day(-7*h.weeks[0]), h.day(7*h.weeks[1]), func(c insights.Complaint) error {
		day := dayOf(c.At, h.zone)
		out[day] = append(out[day], whoOf(&c))
		return nil
	})
	return out, err
}

// ordersByDay gives how many orders were paid on each day; days themselves where no orders are told of.
func (s *Service) ordersByDay(ctx context.Context, h *halves) (map[string]int, string, error) {
	from, to := h.day(-7*h.weeks[0]), h.day(7*h.weeks[1])
	quarters, err := s.Orders.Paid(ctx, tickets.Millis(from), tickets.Millis(to))
	if err != nil {
		return nil, "", err
	}
	out, unit := map[string]int{}, PerOrders
	for quarter, n := range quarters {
		day := dayOf(time.UnixMilli(quarter), h.zone)
		if out[day] += int(n); h.known == "" || day < h.known {
			h.known = day
		}
	}
	if len(out) == 0 {
		unit = PerDays
		for day := from; day.Before(to); day = day.AddDate(0, 0, 1) {
			out[dayOf(day, h.zone)] = dayOrders
		}
	}
	return out, unit, nil
}

// sum makes weeks of days, without those that are left out. A week of which no orders are known is none.
func (h *halves) sum(first, end int, persons map[string][]who, orders map[string]int) (weeks []effect.Week) {
	for week := first; week < end; week++ {
		var w effect.Week
		seen := map[who]bool{}
		for day := range 7 {
			key := dayOf(h.day(7*week+day), h.zone)
			if h.out[key] != "" || key < h.known {
				continue
			}
			w.Orders += orders[key]
			for _, one := range persons[key] {
				seen[one] = true
			}
		}
		if w.Persons = len(seen); w.Orders > 0 {
			weeks = append(weeks, w)
		}
	}
	return weeks
}

// stillNeeds tells how long it takes from here until a fall of the hoped size would show, if it goes on like this.
func (e *Effect) stillNeeds(fall float64) {
	if e.Before.Persons == 0 {
		e.HarmOnly = true
		return
	}
	look := everybody(float64(e.Before.Persons)/float64(e.WeeksBefore), fall)
	if look.Weeks == 0 {
		e.HarmOnly = true
		return
	}
	e.MoreWeeks = max(look.Weeks-e.WeeksAfter, 1)
	if e.Unit == PerOrders {
		e.MoreOrders = e.MoreWeeks * e.Before.Of / e.WeeksBefore
	}
}
