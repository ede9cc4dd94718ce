package insights

import (
	"context"
	"time"

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
	out, span := map[id.ID]*series{}, f.span()
	add := func(ref id.ID, at int64, n int) { out[ref] = out[ref].plus(span.points, int(at), n) }
	switch {
	case f.narrowed() && f.step() == 1:
		return out, s.countedNarrow(ctx, kind, f, func(ref id.ID, at int64, n int) { add(ref, at-span.first, n) })
	case f.step() == 1:
		return out, s.sumDays(ctx, kind, f.From, f.To, func(ref id.ID, day int64, n int) { add(ref, dayOfCount(day)-span.first, n) })
	}
	for _, edge := range [][2]time.Time{{f.From, span.from}, {span.to, f.To}} {
		if err := s.edge(ctx, kind, f, edge[0], edge[1], func(ref id.ID, _ int64, n int) { add(ref, -1, n) }); err != nil {
			return nil, err
		}
	}
	return out, s.eachCount(ctx, func(ref id.ID, week int64, n int) { add(ref, week-span.first, n) },
		`SELECT w.ref, w.week, w.n FROM insight_weeks w WHERE w.kind = ? AND w.week >= ? AND w.week < ?`, kind+f.slice(), span.first, span.first+int64(span.points))
}

// edge reads the days at an end of a period that fill no week.
func (s *Service) edge(ctx context.Context, kind string, f Filter, from, to time.Time, add func(ref id.ID, at int64, n int)) error {
	if f.narrowed() {
		f.From, f.To = from, to
		return s.countedNarrow(ctx, kind, f, add)
	}
	return s.sumDays(ctx, kind, from, to, add)
}

// sumDays reads the counts of days from one up to another.
func (s *Service) sumDays(ctx context.Context, kind string, from, to time.Time, add func(ref id.ID, day int64, n int)) error {
	if !from.Before(to) {
		return nil
	}
	return s.eachCount(ctx, add, `SELECT d.ref, d.day, d.n FROM insight_days d WHERE d.kind = ? AND d.day >= ? AND d.day < ?`, kind, tickets.Millis(from), tickets.Millis(to))
}

// countedNarrow reads the rolls of some channels, languages and teams, by the number of the day.
func (s *Service) countedNarrow(ctx context.Context, kind string, f Filter, add func(ref id.ID, at int64, n int)) error {
	where, more := f.where(`r`)
	args := append([]any{halfDayMillis, dayMillis, kind, tickets.Millis(f.From), tickets.Millis(f.To)}, more...)
	return s.eachCount(ctx, add,
		`SELECT r.ref, (r.day + ?) / ?, SUM(r.n) FROM insight_rolls r WHERE r.kind = ? AND r.day >= ? AND r.day < ?`+where+` GROUP BY 1, 2`, args...)
}

// eachCount reads rows of a ref, a time and a count.
func (s *Service) eachCount(ctx context.Context, add func(ref id.ID, at int64, n int), query string, args ...any) error {
	rows, err := s.Store.Read(ctx).Raw(query, args...).Rows()
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var ref, at int64
		var n int
		if err := rows.Scan(&ref, &at, &n); err != nil {
			return err
		}
		add(id.ID(ref), at, n)
	}
	return rows.Err()
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

// productVoices are the clauses that are about a product, in order of time: rolls do not know products.
type productVoices []productVoice

type productVoice struct {
	subject, group, fine id.ID
	aspect               string
	day                  int64
}

// readProduct reads them for a period and the one before, once for all that is counted of them.
func (s *Service) readProduct(ctx context.Context, f Filter) (Filter, error) {
	if f.Product == "" || f.read != nil {
		return f, nil
	}
	where, more := f.where(`v`)
	rows, err := s.Store.Read(ctx).Raw(`SELECT v.subject_id, v.group_id, v.fine_id, v.aspect, v.day FROM insight_voice_products p JOIN insight_voices v ON v.id = p.voice_id
 WHERE p.sku = ? AND v.complaint AND v.day >= ? AND v.day < ?`+where+` ORDER BY v.at, v.id`, append([]any{f.Product, tickets.Millis(f.before().From), tickets.Millis(f.To)}, more...)...).Rows()
	if err != nil {
		return f, err
	}
	defer rows.Close() //nolint:errcheck // read only
	read := productVoices{}
	for rows.Next() {
		var v productVoice
		if err := rows.Scan((*int64)(&v.subject), (*int64)(&v.group), (*int64)(&v.fine), &v.aspect, &v.day); err != nil {
			return f, err
		}
		read = append(read, v)
	}
	f.read = &read
	return f, rows.Err()
}

// countedOfProduct counts clauses that are about a product. A subject counts once in each group.
func (s *Service) countedOfProduct(ctx context.Context, kind string, f Filter) (map[id.ID]*series, error) {
	f, err := s.readProduct(ctx, f)
	if err != nil {
		return nil, err
	}
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
	out, seen, span := map[id.ID]*series{}, map[[2]id.ID]bool{}, f.span()
	from, to := tickets.Millis(f.From), tickets.Millis(f.To)
	grouped := map[id.ID]bool{} // subjects that no longer count as in no group
	for _, v := range *f.read {
		grouped[v.subject] = grouped[v.subject] || kind == rollNone && v.group != 0
	}
	for _, v := range *f.read {
		if v.day < from || v.day >= to || grouped[v.subject] {
			continue
		}
		ref, counts := v.ref(kind, aspects)
		if key := [2]id.ID{ref, v.subject}; counts && !seen[key] {
			seen[key] = true
			out[ref] = out[ref].plus(span.points, f.point(v.day), 1)
		}
	}
	return out, nil
}

// ref is what a clause counts for in a kind of roll, if it does.
func (v *productVoice) ref(kind string, aspects map[string]id.ID) (ref id.ID, counts bool) {
	switch kind {
	case rollGroup:
		return v.group, v.group != 0
	case rollFine:
		return v.fine, v.fine != 0
	case rollNone:
		return 0, v.group == 0
	case rollAspect:
		return aspects[v.aspect], true
	}
	return 0, true
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
