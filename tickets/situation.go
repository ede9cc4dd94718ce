package tickets

import (
	"context"

	"huiyin/tickets/id"
)

// Situation is who has to do with a ticket now, and since when its contact waits: what those who are told of tickets
// need, without anything that a person wrote.
type Situation struct {
	Ticket   id.ID
	Number   int64
	Channel  Channel
	Inbox    id.ID
	Assignee *id.ID
	Team     *id.ID
	Waiting  *int64 // Unix ms; nil while nobody has to answer: answered, solved, snoozed
}

// Situations gives the situations of tickets, in no order; tickets that are not there are left out.
func (s *Service) Situations(ctx context.Context, tickets []id.ID) (out []Situation, err error) {
	if len(tickets) == 0 {
		return nil, nil
	}
	in, args := list(int64s(tickets))
	err = on(s.store.Read(ctx)).each(func(scan func(...any) error) error {
		var one Situation
		var status Status
		var snoozed *int64
		err := scan((*int64)(&one.Ticket), &one.Number, (*string)(&one.Channel), (*int64)(&one.Inbox), &one.Assignee, &one.Team, (*string)(&status), &snoozed, &one.Waiting)
		if !status.Active() || snoozed != nil {
			one.Waiting = nil
		}
		out = append(out, one)
		return err
	}, `SELECT t.id, t.number, t.channel, t.inbox_id, t.assignee_id, t.team_id, t.status, t.snoozed_until, t.waiting_since FROM tickets t WHERE t.id IN `+in, args...)
	return out, err
}
