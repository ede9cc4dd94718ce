package insights

import (
	"context"
	"strconv"
	"time"

	"gorm.io/gorm"

	"huiyin/app/insights/spike"
	"huiyin/tickets/id"
)

const (
	// lookDays are held against the last ones.
	lookDays = 91
	// findingHolds is how long a finding stands: so long the group is not found again.
	findingHolds = 3
	// youngDays is how old the desk's oldest complaint must be before a group may be new: on a young desk all are.
	youngDays = 14

	foundRise = "rise"
	sayRising = "insights.rising."
	// alertRising is the kind of the alerts; the group's id follows.
	alertRising = "insights.rising:"
)

// Look finds the groups that stand out today or in the days before, and tells the managers once of each. Today counts as far as
// it has come: what stands out at noon stands out at night. Muted groups are never told of.
func (s *Service) Look(ctx context.Context) error {
	// Days of the zone before would be none: all that is said today would come from nowhere.
	if err := s.Rezone(ctx); err != nil {
		return err
	}
	zone, err := s.zone(ctx)
	if err != nil {
		return err
	}
	days := daysUpTo(s.Now(), zone, lookDays)
	today := days[len(days)-1]
	groups, all, err := s.series(ctx, days)
	if err != nil {
		return err
	}
	list, err := s.Groups(ctx)
	if err != nil {
		return err
	}
	var look []spike.Group
	byID := map[id.ID]*Group{}
	for i := range list {
		g := &list[i]
		if counts := groups[g.ID]; counts != nil && g.State == Open {
			byID[g.ID] = g
			look = append(look, spike.Group{ID: int64(g.ID), Days: counts, Age: ageOf(g, s.Now())})
		}
	}
	young, err := s.young(ctx, today)
	if err != nil {
		return err
	}
	for _, f := range spike.Look(look, spike.Weekdays(all)) {
		if f.New && young {
			continue
		}
		if err := s.found(ctx, byID[id.ID(f.ID)], &f, days); err != nil {
			return err
		}
	}
	return s.lookOver(ctx, days)
}

// daysUpTo are the shop's midnights up to that before a time.
func daysUpTo(now time.Time, zone *time.Location, n int) []int64 {
	y, m, d := now.In(zone).Date()
	out := make([]int64, n)
	for i := range out {
		out[i] = time.Date(y, m, d-(n-1-i), 0, 0, 0, 0, zone).UnixMilli()
	}
	return out
}

// series gives how many complained on each of some days, of each group and together.
func (s *Service) series(ctx context.Context, days []int64) (groups map[id.ID][]int, all []int, err error) {
	shown, err := s.Resolve(ctx)
	if err != nil {
		return nil, nil, err
	}
	at := make(map[int64]int, len(days))
	for i, day := range days {
		at[day] = i
	}
	groups, all = map[id.ID][]int{}, make([]int, len(days))
	rows, err := s.Store.Read(ctx).Raw(`SELECT d.kind, d.ref, d.day, d.n FROM insight_days d WHERE d.kind IN ('all', 'group') AND d.day >= ?`, days[0]).Rows()
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var kind string
		var ref id.ID
		var day int64
		var n int
		if err := rows.Scan(&kind, (*int64)(&ref), &day, &n); err != nil {
			return nil, nil, err
		}
		i, known := at[day]
		if !known {
			continue // of another zone, or to come
		}
		if kind == rollAll {
			all[i] += n
			continue
		}
		if into, merged := shown[ref]; merged {
			ref = into
		}
		if groups[ref] == nil {
			groups[ref] = make([]int, len(days))
		}
		groups[ref][i] += n
	}
	return groups, all, rows.Err()
}

// young tells whether the desk has heard complaints for less than two weeks.
func (s *Service) young(ctx context.Context, today int64) (bool, error) {
	var first *int64
	err := s.Store.Read(ctx).Raw(`SELECT MIN(d.day) FROM insight_days d WHERE d.kind = 'all'`).Row().Scan(&first)
	return first == nil || today-*first < youngDays*int64(dayMillis), err
}

// found keeps a finding and tells of it, unless one of the days before still holds.
func (s *Service) found(ctx context.Context, g *Group, f *spike.Finding, days []int64) error {
	today := days[len(days)-1]
	kind := foundRise
	if f.New {
		kind = foundNew
	}
	fresh := false
	err := s.Store.Write(ctx, func(tx *gorm.DB) error {
		fresh = false
		done := tx.Exec(`INSERT INTO insight_findings (group_id, day, kind, days, observed, expected, chance, told_at) SELECT ?, ?, ?, ?, ?, ?, ?, ?
 WHERE NOT EXISTS (SELECT 1 FROM insight_findings f WHERE f.group_id = ? AND f.day > ?) ON CONFLICT DO NOTHING`,
			int64(g.ID), today, kind, f.Days, f.Observed, f.Expected, f.Chance, s.Now().UnixMilli(), int64(g.ID), days[len(days)-1-findingHolds])
		if done.Error != nil || done.RowsAffected == 0 {
			return done.Error
		}
		fresh = true
		return s.Tickets.GroupRisingTx(tx, g.ID, kind, f.Observed)
	})
	if err != nil || !fresh || s.Alert == nil {
		return err
	}
	s.Alert(ctx, alertRising+g.ID.String(), map[string]string{
		"group": g.Called(), "kind": "@" + sayRising + kind, "observed": strconv.Itoa(f.Observed), "days": strconv.Itoa(f.Days),
		"expected": strconv.FormatFloat(f.Expected, 'f', 1, 64),
	})
	return nil
}

// lookOver ends the alerts of findings that hold no longer.
func (s *Service) lookOver(ctx context.Context, days []int64) error {
	if s.AlertOver == nil {
		return nil
	}
	const back = 4 // days on which a desk may have stood still
	held := days[len(days)-1-findingHolds]
	var over []int64
	err := s.Store.Read(ctx).Raw(`SELECT DISTINCT f.group_id FROM insight_findings f WHERE f.day > ? AND f.day <= ? AND NOT EXISTS
 (SELECT 1 FROM insight_findings l WHERE l.group_id = f.group_id AND l.day > ?)`, days[len(days)-1-findingHolds-back], held, held).Scan(&over).Error
	for _, group := range over {
		s.AlertOver(ctx, alertRising+id.ID(group).String())
	}
	return err
}
