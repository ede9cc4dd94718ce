package insights

import (
	"context"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Finding is why a group stood out on a day: it rose, or was new. See package spike.
type Finding struct {
	Group    id.ID
	Day      time.Time // the last one that was counted
	New      bool
	Days     int // over which it was counted, up to that day
	Observed int
	Expected float64
	Chance   float64
}

// foundIn gives the last finding of each group in a period.
func (s *Service) foundIn(ctx context.Context, f Filter, resolve map[id.ID]id.ID) (map[id.ID]*Finding, error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT d.group_id, d.day, d.kind, d.days, d.observed, d.expected, d.chance FROM insight_findings d WHERE d.day >= ? AND d.day < ? ORDER BY d.day, d.group_id`,
		tickets.Millis(f.From), tickets.Millis(f.To)).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	out := map[id.ID]*Finding{}
	for rows.Next() {
		var d Finding
		var day int64
		var kind string
		if err := rows.Scan((*int64)(&d.Group), &day, &kind, &d.Days, &d.Observed, &d.Expected, &d.Chance); err != nil {
			return nil, err
		}
		if into, merged := resolve[d.Group]; merged {
			d.Group = into
		}
		d.Day, d.New = time.UnixMilli(day).In(f.From.Location()), kind == foundNew
		out[d.Group] = &d
	}
	return out, rows.Err()
}

// foundNew is the kind of a finding that is new; the other is a rise.
const foundNew = "new"
