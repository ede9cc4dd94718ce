package insights

import (
	"context"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// series is how many subjects there are in a period, and in each point of its trend.
type series struct {
	n     int
	trend []int
}

func (s *series) add(o *series) {
	s.n += o.n
	for i := range o.trend {
		s.trend[i] += o.trend[i]
	}
}

// countedIn gives the rolls of a kind by their refs.
func (s *Service) countedIn(ctx context.Context, kind string, f Filter) (map[id.ID]*series, error) {
	if f.Product != "" {
		return s.countedOfProduct(ctx, kind, f)
	}
	table := `insight_days`
	if f.narrowed() {
		table = `insight_rolls`
	}
	where, more := f.where(`r`)
	to, half := tickets.Millis(f.To), halfDay.Milliseconds()
	args := []any{to - half, 2 * half * int64(f.step()), kind, tickets.Millis(f.From), to}
	rows, err := s.Store.Read(ctx).Raw(`SELECT r.ref, (? - r.day) / ?, SUM(r.n) FROM `+table+` r WHERE r.kind = ? AND r.day >= ? AND r.day < ?`+where+` GROUP BY 1, 2`,
		append(args, more...)...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	out := map[id.ID]*series{}
	for rows.Next() {
		var ref id.ID
		var back, n int
		if err := rows.Scan((*int64)(&ref), &back, &n); err != nil {
			return nil, err
		}
		out[ref] = out[ref].plus(f.points(), f.points()-1-back, n)
	}
	return out, rows.Err()
}

// plus counts n more at a point; a series of nil is begun.
func (s *series) plus(points, at, n int) *series {
	if s == nil {
		s = &series{trend: make([]int, points)}
	}
	s.n += n
	if at >= 0 && at < points {
		s.trend[at] += n
	}
	return s
}

// countedOfProduct counts the clauses that are about a product: rolls do not know products. A subject counts once in each group.
func (s *Service) countedOfProduct(ctx context.Context, kind string, f Filter) (map[id.ID]*series, error) {
	aspects := map[string]id.ID{}
	if kind == rollAspect {
		names, err := s.aspectNames(ctx)
		if err != nil {
			return nil, err
		}
		for ref, name := range names {
			aspects[name] = ref
		}
	}
	where, more := f.where(`v`)
	rows, err := s.Store.Read(ctx).Raw(`SELECT v.subject_id, v.group_id, v.fine_id, v.aspect, v.day FROM insight_voice_products p JOIN insight_voices v ON v.id = p.voice_id
 WHERE p.sku = ? AND v.complaint AND v.day >= ? AND v.day < ?`+where+` ORDER BY v.at, v.id`, append([]any{f.Product, tickets.Millis(f.From), tickets.Millis(f.To)}, more...)...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	out, seen := map[id.ID]*series{}, map[[2]id.ID]bool{}
	for rows.Next() {
		var subject, group, fine id.ID
		var aspect string
		var day int64
		if err := rows.Scan((*int64)(&subject), (*int64)(&group), (*int64)(&fine), &aspect, &day); err != nil {
			return nil, err
		}
		ref, counts := id.ID(0), true
		switch kind {
		case rollGroup:
			ref, counts = group, group != 0
		case rollFine:
			ref, counts = fine, fine != 0
		case rollNone:
			counts = group == 0
		case rollAspect:
			ref = aspects[aspect]
		}
		if key := [2]id.ID{ref, subject}; counts && !seen[key] {
			seen[key] = true
			out[ref] = out[ref].plus(f.points(), f.point(day), 1)
		}
	}
	return out, rows.Err()
}

// aspectNames gives the names of aspects by their places in insight_aspects.
func (s *Service) aspectNames(ctx context.Context) (map[id.ID]string, error) {
	var list []struct {
		ID   int64
		Name string
	}
	err := s.Store.Read(ctx).Raw(`SELECT id, name FROM insight_aspects`).Scan(&list).Error
	out := make(map[id.ID]string, len(list))
	for _, one := range list {
		out[id.ID(one.ID)] = one.Name
	}
	return out, err
}
