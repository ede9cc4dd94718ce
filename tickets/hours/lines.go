package hours

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Text gives a text of the reader's language; the keys are hours.*.
type Text func(key string, args map[string]any) string

// ahead is how long before a special day people are told of it.
const ahead = 30 * 24 * time.Hour

// Lines says the hours in words, a line for each run of days that are alike, Monday first, and one for each special day
// of the next month: 周一至周五 9:00–18:00 · 周六、周日 休息 · 10月1日（国庆节） 休息.
func (w Week) Lines(now time.Time, zone *time.Location, text Text) []string {
	var out []string
	switch {
	case w.Weekly():
		for from := 1; from <= 7; {
			to := from
			for to < 7 && slices.Equal(w.Days[(to+1)%7], w.Days[from%7]) {
				to++
			}
			out = append(out, text("hours.line", map[string]any{"days": dayNames(from, to, text), "times": times(w.Days[from%7], text)}))
			from = to + 1
		}
	case len(w.Special) > 0:
		out = append(out, text("hours.always", nil))
	default:
		return []string{text("hours.always", nil)}
	}
	for _, s := range w.Soon(now, zone) {
		out = append(out, text("hours.line", map[string]any{"days": s.Name(zone, text), "times": times(s.Ranges, text)}))
	}
	return out
}

// Soon gives the special days of the next month, in their order.
func (w Week) Soon(now time.Time, zone *time.Location) (out []Special) {
	from, to := now.In(zone).Format(time.DateOnly), now.Add(ahead).In(zone).Format(time.DateOnly)
	for _, s := range w.Special {
		if s.Date >= from && s.Date <= to {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Special) int { return strings.Compare(a.Date, b.Date) })
	return out
}

// Name is the day in words, with its label.
func (s Special) Name(zone *time.Location, text Text) string {
	date, err := time.ParseInLocation(time.DateOnly, s.Date, zone)
	if err != nil {
		return s.Date
	}
	name := text("hours.date", map[string]any{"month": text("hours.month."+strconv.Itoa(int(date.Month())), nil), "day": date.Day()})
	if s.Label != "" {
		name = text("hours.labelled", map[string]any{"date": name, "label": s.Label})
	}
	return name
}

func dayNames(from, to int, text Text) string {
	name := func(d int) string { return text("hours.day."+strconv.Itoa(d%7), nil) }
	switch to - from {
	case 0:
		return name(from)
	case 1:
		return text("hours.both", map[string]any{"from": name(from), "to": name(to)})
	}
	return text("hours.days", map[string]any{"from": name(from), "to": name(to)})
}

func times(ranges []Range, text Text) string {
	if len(ranges) == 0 {
		return text("hours.closed", nil)
	}
	parts := make([]string, len(ranges))
	for i, r := range ranges {
		key := "hours.range"
		if r.PastMidnight() {
			key = "hours.night"
		}
		if r.From == 0 && r.To == day {
			parts[i] = text("hours.whole", nil)
			continue
		}
		parts[i] = text(key, map[string]any{"from": short(r.From), "to": short(r.To)})
	}
	out := parts[0]
	for _, part := range parts[1:] {
		out = text("hours.and", map[string]any{"one": out, "other": part})
	}
	return out
}

// short leaves out a leading zero: 9:00.
func short(m Minute) string { return strings.TrimPrefix(m.String(), "0") }
