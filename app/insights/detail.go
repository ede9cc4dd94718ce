package insights

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	quotesShown   = 6
	productsShown = 20
	// looked is how many of the newest clauses of a period are asked for their goods and orders.
	looked = 2000
)

// Part is a part of a group's subjects.
type Part struct {
	Word string // channel, language, team's id, SKU, step or reason
	N    int
}

// Detail is all that is known of one group in a period.
type Detail struct {
	Row
	Filter   Filter
	Subjects int // of all groups
	Orders
	Channels       []Part
	Languages      []Part
	Teams          []Part
	Products       []Part
	Steps, Reasons []Part // of the order attempts of the same orders and people that did not come about
	Looked         int    // newest clauses that goods, steps and reasons were taken from
	LookedAll      bool   // these are all of the period
	Fines          []FineRow
	Placed         int // clauses that people have put here one by one, over all time
	Quotes         []Quote
	Twin           *Group // nil: none is offered
}

// FineRow is a fine group in a detail.
type FineRow struct {
	Group
	N, Before int
}

// Tried is what an order attempt that did not come about failed by.
type Tried struct{ Step, Reason string }

// Detail counts one group; of one that was merged that in which it is shown. Errors: NotFound.
func (s *Service) Detail(ctx context.Context, group id.ID, f Filter) (*Detail, error) {
	g, err := s.Group(ctx, group)
	if err != nil {
		return nil, err
	}
	if g.Level == LevelFine && g.ParentID != nil {
		if g, err = s.Group(ctx, *g.ParentID); err != nil {
			return nil, err
		}
	}
	r, err := s.Report(ctx, f)
	if err != nil {
		return nil, err
	}
	d := &Detail{Row: r.row(g), Filter: r.Filter, Subjects: r.Subjects, Orders: r.Orders}
	resolve, err := s.Resolve(ctx)
	if err != nil {
		return nil, err
	}
	refs := withMerged([]id.ID{g.ID}, resolve)
	if err := s.fillParts(ctx, d, refs); err != nil {
		return nil, err
	}
	if err := s.fillLooked(ctx, d, refs); err != nil {
		return nil, err
	}
	if err := s.fillFines(ctx, d); err != nil {
		return nil, err
	}
	if err := s.fillPlaced(ctx, d); err != nil {
		return nil, err
	}
	if d.Quotes, err = s.typical(ctx, d); err != nil {
		return nil, err
	}
	return d, s.fillTwin(ctx, d)
}

// row finds a group in a report; one that nobody complained of is there with nothing.
func (r *Report) row(g *Group) Row {
	for _, list := range [][]Row{r.Groups, r.Muted} {
		for i := range list {
			if list[i].ID == g.ID {
				list[i].Group = *g // not the one that is kept in memory for a moment
				return list[i]
			}
		}
	}
	return Row{Group: *g, Trend: make([]int, r.Filter.points()), Change: Change{Chance: 1}}
}

// fillParts splits the subjects by channel, language and team.
func (s *Service) fillParts(ctx context.Context, d *Detail, refs []id.ID) error {
	if d.Filter.Product != "" {
		return nil // rolls do not know products
	}
	where, more := d.Filter.where(`r`)
	rows, err := s.Store.Read(ctx).Raw(`SELECT r.channel, r.language, r.team_id, SUM(r.n) FROM insight_rolls r WHERE r.kind = ? AND r.ref IN ? AND r.day >= ? AND r.day < ?`+where+
		` GROUP BY 1, 2, 3`, append([]any{rollGroup, int64s(refs), tickets.Millis(d.Filter.From), tickets.Millis(d.Filter.To)}, more...)...).Rows()
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // read only
	channels, languages, teams := map[string]int{}, map[string]int{}, map[string]int{}
	for rows.Next() {
		var channel, language string
		var team int64
		var n int
		if err := rows.Scan(&channel, &language, &team, &n); err != nil {
			return err
		}
		channels[channel] += n
		languages[language] += n
		teams[strconv.FormatInt(team, 10)] += n
	}
	d.Channels, d.Languages, d.Teams = partsOf(channels, 0), partsOf(languages, 0), partsOf(teams, 0)
	return rows.Err()
}

// partsOf puts counts in order, the most first; most 0: all of them.
func partsOf(counts map[string]int, most int) []Part {
	var out []Part
	for word, n := range counts {
		if n > 0 {
			out = append(out, Part{word, n})
		}
	}
	slices.SortFunc(out, func(a, b Part) int { return cmp.Or(b.N-a.N, cmp.Compare(a.Word, b.Word)) })
	if most > 0 && len(out) > most {
		out = out[:most]
	}
	return out
}

// fillLooked asks the newest clauses for their goods, orders and people.
func (s *Service) fillLooked(ctx context.Context, d *Detail, refs []id.ID) error {
	l, err := s.look(ctx, d.Filter, refs)
	if err != nil {
		return err
	}
	d.Looked, d.LookedAll = len(l.voices), len(l.voices) < looked
	if d.Products, err = s.products(ctx, l); err != nil || s.Attempts == nil {
		return err
	}
	tried, err := s.Attempts(ctx, l.orders, l.contacts, d.Filter.From.Add(-attemptsBefore), d.Filter.To)
	steps, reasons := map[string]int{}, map[string]int{}
	for one, n := range tried {
		steps[one.Step] += n
		reasons[one.Reason] += n
	}
	d.Steps, d.Reasons = partsOf(steps, productsShown), partsOf(reasons, 0)
	return err
}

// attemptsBefore is how long before a complaint an attempt may lie that it is about.
const attemptsBefore = 7 * 24 * time.Hour

// lookedAt are the newest clauses of a group.
type lookedAt struct {
	voices   []int64
	subjects map[int64]id.ID // by clause
	orders   [][]byte
	contacts []id.ID // of clauses without an order
}

func (s *Service) look(ctx context.Context, f Filter, refs []id.ID) (l lookedAt, err error) {
	where, more := f.where(`v`)
	if f.Product != "" {
		where, more = where+` AND EXISTS (SELECT 1 FROM insight_voice_products p WHERE p.voice_id = v.id AND p.sku = ?)`, append(more, f.Product)
	}
	args := append([]any{int64s(refs), tickets.Millis(f.From), tickets.Millis(f.To)}, more...)
	rows, err := s.Store.Read(ctx).Raw(`SELECT v.id, v.subject_id, v.contact_id, v.order_hash FROM insight_voices v WHERE v.group_id IN ? AND v.complaint AND v.at >= ? AND v.at < ?`+where+
		` ORDER BY v.at DESC, v.id DESC LIMIT ?`, append(args, looked)...).Rows()
	if err != nil {
		return l, err
	}
	defer rows.Close() //nolint:errcheck // read only
	l.subjects = map[int64]id.ID{}
	orders, contacts := map[string]bool{}, map[id.ID]bool{}
	for rows.Next() {
		var voice int64
		var subject id.ID
		var contact *int64
		var order []byte
		if err := rows.Scan(&voice, (*int64)(&subject), &contact, &order); err != nil {
			return l, err
		}
		l.voices, l.subjects[voice] = append(l.voices, voice), subject
		switch {
		case order != nil && !orders[string(order)]:
			orders[string(order)] = true
			l.orders = append(l.orders, order)
		case order == nil && contact != nil && !contacts[id.ID(*contact)]:
			contacts[id.ID(*contact)] = true
			l.contacts = append(l.contacts, id.ID(*contact))
		}
	}
	return l, rows.Err()
}

// products counts the subjects of clauses by product.
func (s *Service) products(ctx context.Context, l lookedAt) ([]Part, error) {
	counts, seen := map[string]int{}, map[string]bool{}
	for part := range slices.Chunk(l.voices, 500) {
		rows, err := s.Store.Read(ctx).Raw(`SELECT p.sku, p.voice_id FROM insight_voice_products p WHERE p.voice_id IN ?`, part).Rows()
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var sku string
			var voice int64
			if err := rows.Scan(&sku, &voice); err != nil {
				return nil, firstOf(err, rows.Close())
			}
			if key := l.subjects[voice].String() + " " + sku; !seen[key] {
				seen[key] = true
				counts[sku]++
			}
		}
		if err := firstOf(rows.Err(), rows.Close()); err != nil {
			return nil, err
		}
	}
	return partsOf(counts, productsShown), nil
}

func (s *Service) fillFines(ctx context.Context, d *Detail) error {
	fines, err := s.Fines(ctx, d.ID)
	if err != nil || len(fines) == 0 {
		return err
	}
	counts, err := s.period(ctx, rollFine, d.Filter)
	if err != nil {
		return err
	}
	for i := range fines {
		now, before := counts.of(fines[i].ID, d.Filter)
		d.Fines = append(d.Fines, FineRow{fines[i], now.n, before.n})
	}
	slices.SortStableFunc(d.Fines, func(a, b FineRow) int { return cmp.Or(b.N-a.N, b.Size-a.Size) })
	return nil
}

// typical gives quotes: the clauses nearest to the middle of the group, then the newest ones of the period, each subject and each wording once.
func (s *Service) typical(ctx context.Context, d *Detail) ([]Quote, error) {
	if d.Filter.narrowed() { // what is nearest to the middle may be of something else
		return s.Subjects(ctx, Chosen{Filter: d.Filter, Groups: []id.ID{d.ID}}, Cursor{}, quotesShown)
	}
	list, err := s.quotes(s.Store.Read(ctx), `SELECT `+quoteColumns+` FROM insight_samples m JOIN insight_voices v ON v.id = m.voice_id
 WHERE m.group_id = ? AND v.body IS NOT NULL AND v.at >= ? AND v.at < ? ORDER BY m.n LIMIT ?`, int64(d.ID), tickets.Millis(d.Filter.From), tickets.Millis(d.Filter.To), quotesShown)
	if err != nil {
		return nil, err
	}
	if len(list) < quotesShown {
		newest, err := s.Subjects(ctx, Chosen{Filter: d.Filter, Groups: []id.ID{d.ID}}, Cursor{}, 4*quotesShown)
		if err != nil {
			return nil, err
		}
		list = append(list, newest...)
	}
	seen, said := map[id.ID]bool{}, map[string]bool{"": true}
	list = slices.DeleteFunc(list, func(q Quote) bool {
		again := seen[q.Subject] || said[q.Text]
		seen[q.Subject], said[q.Text] = true, true
		return again
	})
	return list[:min(len(list), quotesShown)], nil
}

// fillTwin offers the group of the same complaint in the other language, unless somebody has refused.
func (s *Service) fillTwin(ctx context.Context, d *Detail) error {
	if d.TwinID == nil || d.TwinRefused {
		return nil
	}
	twin, err := s.Group(ctx, *d.TwinID)
	if err == nil && twin.ID != d.ID && twin.Level == LevelGroup && twin.State != Gone {
		d.Twin = twin
	}
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
