package attempts

import (
	"cmp"
	"context"
	"slices"
	"time"

	"huiyin/tickets"
)

// hoursMost is the longest period that is shown hour by hour; a longer one is shown day by day.
const hoursMost = 73 * time.Hour

// Report is what came of the attempts of a period.
type Report struct {
	Total   Count
	ByDay   bool      // Parts are days; otherwise hours
	Parts   []Part    // of the period, in order, without gaps
	Hours   [24]Count // by the hour of the day, in the shop's zone
	Steps   []Row     // the ones with the most misses first
	Reasons []Row     // of those that did not come about
	Devices []Row
}

// Part is a piece of the period.
type Part struct {
	From, To time.Time
	Count
}

// Row is the attempts of one step, reason or device.
type Row struct {
	Word string
	Count
}

// Report counts a period, half open, from rolls alone; its ends are cut to quarters of an hour. Days and hours are those of
// from's zone.
func (s *Service) Report(ctx context.Context, origin string, from, to time.Time) (*Report, error) {
	r := &Report{ByDay: to.Sub(from) > hoursMost}
	r.Parts = parts(from, to, r.ByDay)
	if err := s.byTime(ctx, r, origin, from, to); err != nil {
		return nil, err
	}
	return r, s.byWord(ctx, r, origin, from, to)
}

func parts(from, to time.Time, byDay bool) (list []Part) {
	for at := from; at.Before(to); {
		next := time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, at.Location())
		if !byDay {
			next = at.Add(time.Hour) // an hour of a clock change is shown twice or not at all, as it was
		}
		if next.After(to) {
			next = to
		}
		list = append(list, Part{From: at, To: next})
		at = next
	}
	return list
}

func (s *Service) byTime(ctx context.Context, r *Report, origin string, from, to time.Time) error {
	rows, err := s.Store.Read(ctx).Raw(`SELECT quarter, outcome, n FROM attempt_quarters WHERE origin = ? AND quarter >= ? AND quarter < ? ORDER BY quarter`,
		origin, floor(from), tickets.Millis(to)).Rows()
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // read only
	part := 0
	for rows.Next() {
		var at int64
		var outcome Outcome
		var n int
		if err := rows.Scan(&at, &outcome, &n); err != nil {
			return err
		}
		for part < len(r.Parts)-1 && at >= r.Parts[part].To.UnixMilli() {
			part++
		}
		r.Parts[part].add(outcome, n)
		r.Hours[time.UnixMilli(at).In(from.Location()).Hour()].add(outcome, n)
		r.Total.add(outcome, n)
	}
	return rows.Err()
}

// byWord counts steps, reasons and devices: whole days (UTC) from the rolls of days, what is left at both ends from those of
// quarters.
func (s *Service) byWord(ctx context.Context, r *Report, origin string, from, to time.Time) error {
	const words = `SELECT step, reason, device, outcome, SUM(n) FROM `
	const group = ` GROUP BY step, reason, device, outcome`
	begin, end := floor(from), tickets.Millis(to)
	firstDay, lastDay := (begin+dayMillis-1)/dayMillis*dayMillis, end/dayMillis*dayMillis
	query, args := words+`attempt_rolls WHERE origin = ? AND quarter >= ? AND quarter < ?`+group, []any{origin, begin, end}
	if firstDay < lastDay {
		query = words + `attempt_days WHERE origin = ? AND day >= ? AND day < ?` + group +
			` UNION ALL ` + words + `attempt_rolls WHERE origin = ? AND quarter >= ? AND quarter < ?` + group +
			` UNION ALL ` + words + `attempt_rolls WHERE origin = ? AND quarter >= ? AND quarter < ?` + group
		args = []any{origin, firstDay, lastDay, origin, begin, firstDay, origin, lastDay, end}
	}
	rows, err := s.Store.Read(ctx).Raw(query, args...).Rows()
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // read only
	steps, reasons, devices := map[string]*Count{}, map[string]*Count{}, map[string]*Count{}
	for rows.Next() {
		var step, reason, device string
		var outcome Outcome
		var n int
		if err := rows.Scan(&step, &reason, &device, &outcome, &n); err != nil {
			return err
		}
		countOf(steps, step).add(outcome, n)
		countOf(devices, device).add(outcome, n)
		if outcome != OK {
			countOf(reasons, reason).add(outcome, n)
		}
	}
	r.Steps, r.Reasons, r.Devices = sorted(steps), sorted(reasons), sorted(devices)
	return rows.Err()
}

func countOf(counts map[string]*Count, word string) *Count {
	c, ok := counts[word]
	if !ok {
		c = &Count{}
		counts[word] = c
	}
	return c
}

// sorted puts first where the most did not come about.
func sorted(counts map[string]*Count) []Row {
	out := make([]Row, 0, len(counts))
	for word, c := range counts {
		out = append(out, Row{word, *c})
	}
	slices.SortFunc(out, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.Missed(), a.Missed()), cmp.Compare(b.All(), a.All()), cmp.Compare(a.Word, b.Word))
	})
	return out
}
