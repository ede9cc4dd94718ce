package tickets

import (
	"context"

	"huiyin/tickets/id"
)

// Head is how far a ticket goes: what a screen compares with what it shows.
type Head struct {
	Ticket  id.ID
	Contact id.ID
	Inbox   id.ID
	LastSeq int64
	LastPos int64
}

const selectHead = `SELECT t.id, t.contact_id, t.inbox_id, t.last_seq, t.last_pos FROM tickets t WHERE `

// Heads gives the heads of tickets.
func (s *Service) Heads(ctx context.Context, tickets []id.ID) ([]Head, error) {
	return s.heads(ctx, `t.id`, tickets)
}

// ContactHeads gives the heads of all tickets of contacts.
func (s *Service) ContactHeads(ctx context.Context, contacts []id.ID) ([]Head, error) {
	return s.heads(ctx, `t.contact_id`, contacts)
}

func (s *Service) heads(ctx context.Context, column string, ids []id.ID) (out []Head, err error) {
	in, args := list(int64s(ids))
	err = on(s.store.Read(ctx)).each(func(scan func(...any) error) error {
		h := Head{}
		err := scan((*int64)(&h.Ticket), (*int64)(&h.Contact), (*int64)(&h.Inbox), &h.LastSeq, &h.LastPos)
		out = append(out, h)
		return err
	}, selectHead+column+` IN `+in, args...)
	return out, err
}

func int64s(ids []id.ID) []int64 {
	out := make([]int64, len(ids))
	for i, one := range ids {
		out[i] = int64(one)
	}
	return out
}

// queueMost is how far QueueAhead counts: beyond it the exact place helps nobody.
const queueMost = 100

// QueueAhead tells how many tickets of the unassigned list have waited longer than this one, up to 100; false when it does not
// wait for somebody to take it up.
func (s *Service) QueueAhead(ctx context.Context, t *Ticket) (ahead int, waits bool, err error) {
	if t.AssigneeID != nil || t.WaitingSince == nil || t.SnoozedUntil != nil || !t.Status.Active() {
		return 0, false, nil
	}
	err = on(s.store.Read(ctx)).row(`SELECT COUNT(*) FROM (SELECT 1 FROM tickets t WHERE t.assignee_id IS NULL
 AND t.status IN ('new','open','pending') AND t.snoozed_until IS NULL AND (t.waiting_since, t.id) < (?, ?) LIMIT ?) x`, *t.WaitingSince, int64(t.ID), queueMost).Scan(&ahead)
	return ahead, err == nil, err
}
