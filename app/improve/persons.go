package improve

import (
	"context"
	"slices"
	"time"

	"huiyin/app/improve/effect"
	"huiyin/app/insights"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// who is a person that complains: a contact, or what was said by somebody whom nobody knows.
type who struct {
	contact id.ID
	subject id.ID
	order   string
}

func whoOf(c *insights.Complaint) who {
	switch {
	case c.Contact != nil:
		return who{contact: *c.Contact}
	case len(c.OrderHash) > 0:
		return who{order: string(c.OrderHash)}
	}
	return who{subject: c.Subject}
}

// lookedUp is how many rows of others are asked for at once.
const lookedUp = 400

// armsOf counts the persons who complained of groups while a trial ran, each once, in the arm of the order that it is about, or
// else in that which she had been put into before. unknown are those of whom nobody knows.
func (s *Service) armsOf(ctx context.Context, t *Trial, groups []id.ID, to time.Time) (arms effect.Arms, unknown int, err error) {
	var all []insights.Complaint
	err = s.Insights.Complainers(ctx, groups, time.UnixMilli(t.StartedAt), to, func(c insights.Complaint) error {
		all = append(all, c)
		return nil
	})
	if err != nil {
		return arms, 0, err
	}
	orders, err := s.ordersArms(ctx, t, all)
	if err != nil {
		return arms, 0, err
	}
	exposed, err := s.exposures(ctx, t, all)
	if err != nil {
		return arms, 0, err
	}
	persons := map[who]*bool{}
	for i := range all {
		c := &all[i]
		one := whoOf(c)
		if persons[one] != nil {
			continue
		}
		persons[one] = nil
		if treated, said := orders[string(c.OrderHash)]; said {
			persons[one] = &treated
		} else if e, known := exposed[one.contact]; known && one.contact != 0 && e.at <= tickets.Millis(c.At) {
			persons[one] = &e.treated
		}
	}
	for _, treated := range persons {
		switch {
		case treated == nil:
			unknown++
		case *treated:
			arms.Treated++
		default:
			arms.Untreated++
		}
	}
	return arms, unknown, nil
}

// ordersArms tells of the orders that complaints are about whether they were treated.
func (s *Service) ordersArms(ctx context.Context, t *Trial, all []insights.Complaint) (map[string]bool, error) {
	var hashes [][]byte
	seen := map[string]bool{}
	for i := range all {
		if hash := all[i].OrderHash; len(hash) > 0 && !seen[string(hash)] {
			seen[string(hash)] = true
			hashes = append(hashes, hash)
		}
	}
	out := map[string]bool{}
	for part := range slices.Chunk(hashes, lookedUp) {
		arms, err := s.Orders.Arms(ctx, t.Key, part)
		if err != nil {
			return nil, err
		}
		for hash, arm := range arms {
			if arm == ArmTreated || arm == ArmUntreated {
				out[hash] = arm == ArmTreated
			}
		}
	}
	return out, nil
}

// exposure is the arm that somebody was put into.
type exposure struct {
	treated bool
	at      int64
}

// exposures gives the arms of those who complain, by contact: as the desk knew her when she was assigned, or by the shop's id
// by which it knows her now; where the shop assigns, as it said when she tried to order.
func (s *Service) exposures(ctx context.Context, t *Trial, all []insights.Complaint) (map[id.ID]exposure, error) {
	out := map[id.ID]exposure{}
	var contacts []id.ID
	seen := map[id.ID]bool{}
	for i := range all {
		if c := all[i].Contact; c != nil && !seen[*c] {
			seen[*c] = true
			contacts = append(contacts, *c)
		}
	}
	for part := range slices.Chunk(contacts, lookedUp) {
		if t.Mode == ByFlag {
			if err := s.tried(ctx, t, part, out); err != nil {
				return nil, err
			}
			continue
		}
		keys, err := s.Tickets.ShopKeys(ctx, part)
		if err != nil {
			return nil, err
		}
		owners, hashes := map[string]id.ID{}, [][]byte{}
		for contact, list := range keys {
			for _, key := range list {
				owners[string(key)], hashes = contact, append(hashes, key)
			}
		}
		if err := s.exposedBy(ctx, t, `contact_id IN ?`, part, owners, out); err != nil {
			return nil, err
		}
		if len(hashes) == 0 {
			continue
		}
		if err := s.exposedBy(ctx, t, `unit_hash IN ?`, hashes, owners, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// tried adds the arms in which contacts tried to order.
func (s *Service) tried(ctx context.Context, t *Trial, contacts []id.ID, out map[id.ID]exposure) error {
	seen, err := s.Tried(ctx, t.Key, contacts)
	for contact, one := range seen {
		if one.Arm == ArmTreated || one.Arm == ArmUntreated {
			out[contact] = exposure{treated: one.Arm == ArmTreated, at: one.At}
		}
	}
	return err
}

// exposedBy adds exposures; of two of one person the first counts. Those of other trials are left out here: somebody is in few
// trials, and a database that looks for both may go through all who are in this one.
func (s *Service) exposedBy(ctx context.Context, t *Trial, where string, values any, owners map[string]id.ID, out map[id.ID]exposure) error {
	rows, err := s.Store.Read(ctx).Raw(`SELECT trial_id, unit_hash, COALESCE(contact_id, 0), treated, first_at FROM improve_exposures WHERE `+where, values).Rows()
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var unit []byte
		var trial, contact id.ID
		var e exposure
		if err := rows.Scan((*int64)(&trial), &unit, (*int64)(&contact), &e.treated, &e.at); err != nil {
			return err
		}
		if trial != t.ID {
			continue
		}
		if owner, known := owners[string(unit)]; known {
			contact = owner
		}
		if was, known := out[contact]; !known || e.at < was.at {
			out[contact] = e
		}
	}
	return rows.Err()
}

// watched tells how many were assigned to each arm of a trial.
func (s *Service) watched(ctx context.Context, t *Trial) (arms effect.Arms, err error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT treated, COUNT(*) FROM improve_exposures WHERE trial_id = ? GROUP BY treated`, int64(t.ID)).Rows()
	if err != nil {
		return arms, err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var treated bool
		var n int
		if err := rows.Scan(&treated, &n); err != nil {
			return arms, err
		}
		if treated {
			arms.Treated = n
		} else {
			arms.Untreated = n
		}
	}
	return arms, rows.Err()
}
