package insights

import (
	"context"
	"time"

	"huiyin/tickets"
)

// Rises gives every day on which a group stood out because it rose, in order, from a time up to another. A group that was merged
// is the one that it went into.
func (s *Service) Rises(ctx context.Context, from, to time.Time) (list []Finding, err error) {
	shown, err := s.Resolve(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.Store.Read(ctx).Raw(`SELECT f.group_id, f.day, f.days, f.observed, f.expected, f.chance FROM insight_findings f WHERE f.day >= ? AND f.day < ? AND f.kind <> ? ORDER BY f.day, f.group_id`,
		tickets.Millis(from), tickets.Millis(to), foundNew).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var f Finding
		var day int64
		if err := rows.Scan((*int64)(&f.Group), &day, &f.Days, &f.Observed, &f.Expected, &f.Chance); err != nil {
			return nil, err
		}
		if into, merged := shown[f.Group]; merged {
			f.Group = into
		}
		f.Day = time.UnixMilli(day)
		list = append(list, f)
	}
	return list, rows.Err()
}
