package insights

import (
	"cmp"
	"context"
	"slices"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Needed is from how many complaints on groups mean something; under that the plain list says more.
const Needed = 100

// exposureLeast is from how many paid orders in each period on these are what counts are held against, and no longer days.
const exposureLeast = 20

// Report is what was complained of in a period, and in the one before, which is as long.
type Report struct {
	Filter  Filter
	Groups  []Row // ranked
	Muted   []Row
	Aspects []AspectRow // the most first
	// Subjects are tickets, responses and imported lines with a complaint; each counts once.
	Subjects, SubjectsBefore int
	Change                   Change
	Ungrouped                int // subjects no clause of which belongs to a group
	Trend                    []int
	Orders
	Known    int // complaints over all time, as far as Needed
	Currency string
}

// Orders are those that were paid in a period and in the one before; 0: none are known, or nobody knows whose: those of a product.
type Orders struct{ Paid, PaidBefore int }

// Compared tells that changes are those of counts per order, not per day.
func (o Orders) Compared() bool { return o.Paid >= exposureLeast && o.PaidBefore >= exposureLeast }

// Row is a group in a report.
type Row struct {
	Group
	N, Before int
	Change    Change
	Trend     []int
	Costs     []Money // nil where the filter is narrower than its period
	Finding   *Finding
}

// AspectRow is an aspect in a report.
type AspectRow struct {
	Name      string // empty: none
	N, Before int
	Change    Change
}

// Per1000 is a rate per 1,000 paid orders; ok is false when no order is known.
func Per1000(n, paid int) (rate float64, ok bool) {
	if paid == 0 {
		return 0, false
	}
	return float64(n) * 1000 / float64(paid), true
}

// UngroupedShare is the part of subjects that no group has, in per cent.
func (r *Report) UngroupedShare() int {
	if r.Subjects == 0 {
		return 0
	}
	return (r.Ungrouped*100 + r.Subjects/2) / r.Subjects
}

// period is a report's counts of a kind, now and before.
type period struct{ now, before map[id.ID]*series }

func (s *Service) period(ctx context.Context, kind string, f Filter) (p period, err error) {
	if p.now, err = s.countedIn(ctx, kind, f); err != nil {
		return p, err
	}
	p.before, err = s.countedIn(ctx, kind, f.before())
	return p, err
}

// of gives the two series of a ref; neither is nil.
func (p period) of(ref id.ID, f Filter) (now, before *series) {
	return p.now[ref].plus(f.points(), 0, 0), p.before[ref].plus(f.points(), 0, 0)
}

// refs are all that were counted in either period.
func (p period) refs() []id.ID {
	var out []id.ID
	for ref := range p.now {
		out = append(out, ref)
	}
	for ref := range p.before {
		if p.now[ref] == nil {
			out = append(out, ref)
		}
	}
	slices.Sort(out)
	return out
}

// Report counts a period from rolls; only one of a product reads single clauses.
func (s *Service) Report(ctx context.Context, f Filter) (*Report, error) {
	f, err := s.readProduct(ctx, f)
	if err != nil {
		return nil, err
	}
	r := &Report{Filter: f}
	e, err := s.exposure(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := s.totals(ctx, r, e); err != nil {
		return nil, err
	}
	if err := s.fillGroups(ctx, r, e); err != nil {
		return nil, err
	}
	if err := s.fillAspects(ctx, r, e); err != nil {
		return nil, err
	}
	r.rank()
	return r, nil
}

// exposure fills the orders of a report and says what its counts are held against. Of today only the part that has passed counts.
func (s *Service) exposure(ctx context.Context, r *Report) (e exposure, err error) {
	f, before := r.Filter, r.Filter.before()
	if r.Paid, err = s.paid(ctx, f); err != nil {
		return e, err
	}
	if r.PaidBefore, err = s.paid(ctx, before); err != nil {
		return e, err
	}
	if r.Compared() {
		return exposure{float64(r.Paid), float64(r.PaidBefore)}, nil
	}
	end := f.To
	if now := s.Now(); now.Before(end) {
		end = now
	}
	return exposure{max(0, end.Sub(f.From).Hours()/24), float64(before.days())}, nil
}

// paid is how many orders were paid in a period.
func (s *Service) paid(ctx context.Context, f Filter) (n int, err error) {
	if s.Paid == nil || f.Product != "" {
		return 0, nil
	}
	quarters, err := s.Paid(ctx, tickets.Millis(f.From), tickets.Millis(f.To))
	for _, one := range quarters {
		n += int(one)
	}
	return n, err
}

func (s *Service) totals(ctx context.Context, r *Report, e exposure) error {
	all, err := s.period(ctx, rollAll, r.Filter)
	if err != nil {
		return err
	}
	now, before := all.of(0, r.Filter)
	r.Subjects, r.SubjectsBefore, r.Trend = now.n, before.n, now.trend
	r.Change = holdAgainst(now, before, e, r.Filter.step())
	r.Change.Marked = r.Change.Chance <= discoveredPart
	none, err := s.countedIn(ctx, rollNone, r.Filter)
	if err != nil {
		return err
	}
	if none[0] != nil {
		r.Ungrouped = none[0].n
	}
	if r.Known, err = s.known(ctx); err != nil {
		return err
	}
	shop, err := s.Tickets.Shop(ctx)
	r.Currency = shop.Currency
	return err
}

// known counts complaints, as far as Needed.
func (s *Service) known(ctx context.Context) (n int, err error) {
	err = s.Store.Read(ctx).Raw(`SELECT COUNT(*) FROM (SELECT 1 FROM insight_voices v WHERE v.complaint LIMIT ?) x`, Needed).Row().Scan(&n)
	return n, err
}

func (s *Service) fillGroups(ctx context.Context, r *Report, e exposure) error {
	counts, err := s.period(ctx, rollGroup, r.Filter)
	if err != nil {
		return err
	}
	resolve, err := s.Resolve(ctx)
	if err != nil {
		return err
	}
	counts.now, counts.before = resolved(counts.now, resolve, r.Filter), resolved(counts.before, resolve, r.Filter)
	groups, err := s.named(ctx, counts.refs())
	if err != nil {
		return err
	}
	costs, err := s.costs(ctx, r.Filter, resolve)
	if err != nil {
		return err
	}
	findings, err := s.foundIn(ctx, r.Filter, resolve)
	if err != nil {
		return err
	}
	var rows []Row
	for _, ref := range counts.refs() {
		g, ok := groups[ref]
		if !ok {
			continue
		}
		now, before := counts.of(ref, r.Filter)
		rows = append(rows, Row{Group: *g, N: now.n, Before: before.n, Trend: now.trend, Change: holdAgainst(now, before, e, r.Filter.step()), Costs: costs[ref], Finding: findings[ref]})
	}
	markRows(rows)
	for _, row := range rows {
		if row.State == Muted {
			r.Muted = append(r.Muted, row)
		} else {
			r.Groups = append(r.Groups, row)
		}
	}
	return nil
}

func markRows(rows []Row) {
	changes := make([]*Change, 0, len(rows))
	for i := range rows {
		if rows[i].N+rows[i].Before >= changeLeast {
			changes = append(changes, &rows[i].Change)
		}
	}
	mark(changes)
}

// resolved adds what still lies with merged groups to those that they are shown in.
func resolved(counts map[id.ID]*series, resolve map[id.ID]id.ID, f Filter) map[id.ID]*series {
	out := make(map[id.ID]*series, len(counts))
	for ref, one := range counts {
		if into, merged := resolve[ref]; merged {
			ref = into
		}
		if out[ref] == nil {
			out[ref] = &series{trend: make([]int, f.points())}
		}
		out[ref].add(one)
	}
	return out
}

// named gives groups by their ids; those too that nothing has belonged to for long.
func (s *Service) named(ctx context.Context, refs []id.ID) (map[id.ID]*Group, error) {
	seen, err := s.Groups(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[id.ID]*Group, len(seen))
	for i := range seen {
		out[seen[i].ID] = &seen[i]
	}
	missing := slices.DeleteFunc(slices.Clone(refs), func(ref id.ID) bool { return out[ref] != nil })
	for part := range slices.Chunk(missing, 500) {
		more, err := s.groups(s.Store.Read(ctx), ` WHERE g.level = 'group' AND g.id IN ?`, int64s(part))
		if err != nil {
			return nil, err
		}
		for i := range more {
			out[more[i].ID] = &more[i]
		}
	}
	return out, nil
}

func (s *Service) fillAspects(ctx context.Context, r *Report, e exposure) error {
	counts, err := s.period(ctx, rollAspect, r.Filter)
	if err != nil {
		return err
	}
	refs, err := s.aspectNames(ctx)
	if err != nil {
		return err
	}
	var changes []*Change
	for _, ref := range counts.refs() {
		now, before := counts.of(ref, r.Filter)
		r.Aspects = append(r.Aspects, AspectRow{refs[ref], now.n, before.n, holdAgainst(now, before, e, r.Filter.step())})
	}
	for i := range r.Aspects {
		changes = append(changes, &r.Aspects[i].Change)
	}
	mark(changes)
	slices.SortFunc(r.Aspects, func(a, b AspectRow) int { return cmp.Or(b.N-a.N, cmp.Compare(a.Name, b.Name)) })
	return nil
}

// rank puts the groups in order.
func (r *Report) rank() {
	key := func(row *Row) float64 { return float64(row.N) } // the rate is in the same order: all are of the same orders
	switch r.Filter.Sort {
	case ByRise:
		key = (*Row).rise
	case ByCost:
		key = func(row *Row) float64 { return float64(row.cost(r.Currency)) }
	}
	for _, list := range [][]Row{r.Groups, r.Muted} {
		slices.SortStableFunc(list, func(a, b Row) int {
			return cmp.Or(cmp.Compare(key(&b), key(&a)), cmp.Compare(b.N, a.N), cmp.Compare(a.ID, b.ID))
		})
	}
}

// rise is by how much a group has risen; what is no more than noise stands behind what is.
func (row *Row) rise() float64 {
	const few = 3 // subjects that are added to both, so that 0 → 2 is no great rise
	expected := float64(row.Before)
	if row.Change.Ratio > 0 {
		expected = float64(row.N) / row.Change.Ratio
	}
	rise := (float64(row.N) + few) / (expected + few)
	if row.Change.Up() {
		rise += 1000
	}
	return rise
}
