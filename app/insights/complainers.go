package insights

import (
	"context"
	"slices"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Complaint is that a subject belongs to a group: somebody complained of it.
type Complaint struct {
	Group     id.ID  // in which it is shown
	Contact   *id.ID // nil: nobody known, or erased
	Subject   id.ID
	Source    string
	OrderHash []byte // nil: of no order
	At        time.Time
}

// complaintsAtOnce is how many clauses are read at once.
const complaintsAtOnce = 1000

// Complainers tells fn who complained of which of the groups from a time up to another, in order of time. A subject comes once
// for each group, however much it says. fn may write: nothing is held open meanwhile.
func (s *Service) Complainers(ctx context.Context, groups []id.ID, from, to time.Time, fn func(Complaint) error) error {
	resolve, err := s.Resolve(ctx)
	if err != nil {
		return err
	}
	refs := withMerged(groups, resolve)
	seen := map[[2]id.ID]bool{}
	at, last := tickets.Millis(from), id.ID(-1)
	for len(refs) > 0 {
		list, err := s.complaints(ctx, refs, at, last, tickets.Millis(to))
		if err != nil {
			return err
		}
		for _, one := range list {
			at, last = one.At.UnixMilli(), one.voice
			if into, merged := resolve[one.Group]; merged {
				one.Group = into
			}
			if key := [2]id.ID{one.Group, one.Subject}; !seen[key] {
				seen[key] = true
				if err := fn(one.Complaint); err != nil {
					return err
				}
			}
		}
		if len(list) < complaintsAtOnce {
			break
		}
	}
	return nil
}

// withMerged are groups with all that were merged into them.
func withMerged(groups []id.ID, resolve map[id.ID]id.ID) []id.ID {
	shown := map[id.ID]bool{}
	for _, g := range groups {
		if into, merged := resolve[g]; merged {
			g = into
		}
		shown[g] = true
	}
	var out []id.ID
	for g := range shown {
		out = append(out, g)
	}
	for from, into := range resolve {
		if shown[into] {
			out = append(out, from)
		}
	}
	slices.Sort(out)
	return out
}

type complaintRow struct {
	Complaint
	voice id.ID
}

// complaints reads the next clauses after one. Each group is read by its index; the first of all are what is wanted.
func (s *Service) complaints(ctx context.Context, groups []id.ID, at int64, after id.ID, to int64) ([]complaintRow, error) {
	var out []complaintRow
	for _, g := range groups {
		rows, err := s.Store.Read(ctx).Raw(`SELECT v.id, v.group_id, v.contact_id, v.subject_id, v.source, v.order_hash, v.at FROM insight_voices v
 WHERE v.group_id = ? AND v.complaint AND (v.at, v.id) > (?, ?) AND v.at < ? ORDER BY v.at, v.id LIMIT ?`, int64(g), at, int64(after), to, complaintsAtOnce).Rows()
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var one complaintRow
			var at int64
			if err := rows.Scan((*int64)(&one.voice), (*int64)(&one.Group), &one.Contact, (*int64)(&one.Subject), &one.Source, &one.OrderHash, &at); err != nil {
				return nil, firstOf(err, rows.Close())
			}
			one.At = time.UnixMilli(at)
			out = append(out, one)
		}
		if err := firstOf(rows.Err(), rows.Close()); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b complaintRow) int {
		if n := a.At.Compare(b.At); n != 0 {
			return n
		}
		return int(min(1, max(-1, a.voice-b.voice)))
	})
	return out[:min(len(out), complaintsAtOnce)], nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
