package tickets

import (
	"context"
	"errors"
	"math"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// ContactFilter asks for contacts: all, the newest first, or who is known by an address. Contacts that were merged away are
// never among them.
type ContactFilter struct {
	Known  map[IdentityKind]string // verified identities; empty values are left out. All must hold
	Before id.ID                   // those made before this one; zero: from the newest
	Limit  int                     // 200 and one at most, so that a caller sees whether there are more
}

// Contacts gives the contacts of a filter with their identities. What cannot be an address finds nobody.
func (s *Service) Contacts(ctx context.Context, f ContactFilter) ([]Contact, error) {
	c := on(s.store.Read(ctx))
	if f.Before == 0 {
		f.Before = math.MaxInt64
	}
	query, args := selectContact+` WHERE p.merged_into IS NULL AND p.id < ?`, []any{int64(f.Before)}
	for kind, value := range f.Known {
		if value == "" {
			continue
		}
		n, err := s.normalIdentity(c, NewIdentity{Kind: kind, Value: value})
		if fault.Is(err, fault.Invalid) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		holder, err := s.holder(c, n)
		if holder == 0 || err != nil {
			return nil, err
		}
		query, args = query+` AND p.id = ?`, append(args, int64(holder))
	}
	var list []Contact
	err := c.each(func(scan func(...any) error) error {
		list = append(list, Contact{})
		return scan(list[len(list)-1].scanned()...)
	}, query+` ORDER BY p.id DESC LIMIT ?`, append(args, clamp(f.Limit, PageUsual, PageMax+1))...)
	for i := range list {
		p := &list[i]
		var failed error
		p.Identities, failed = s.identities(c, p.ID)
		err = errors.Join(err, s.openContact(c, p), failed)
	}
	return list, err
}

// Scores gives the ratings of some tickets: their scores, by ticket.
func (s *Service) Scores(ctx context.Context, tickets []id.ID) (map[id.ID]*int, error) {
	out := map[id.ID]*int{}
	if len(tickets) == 0 {
		return out, nil
	}
	in, args := list(tickets)
	err := on(s.store.Read(ctx)).each(func(scan func(...any) error) error {
		var ticket id.ID
		var score int
		err := scan((*int64)(&ticket), &score)
		out[ticket] = &score
		return err
	}, `SELECT r.ticket_id, r.score FROM ratings r WHERE r.ticket_id IN `+in, args...)
	return out, err
}
