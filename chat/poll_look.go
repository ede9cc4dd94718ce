package chat

import (
	"context"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// look reads what a poll would answer now.
func (d *Desk) look(ctx context.Context, c *caller, req pollRequest) (a *pollAnswer, err error) {
	look := d.outlook(ctx, c.inbox)
	a = &pollAnswer{Items: []*messageFrame{}, Changed: []*changedFrame{}, Online: look.Online, AnswerBy: stampOf(look.AnswerBy)}
	err = d.reading(ctx, func() error {
		t, err := c.ticket(ctx, req.ticket)
		if t == nil || err != nil {
			return err
		}
		a.Ticket, a.Seq, a.Status, a.Read = t.ID, t.LastSeq, shown(t.Status), pollRead{t.ContactRead, t.AgentRead}
		after := clampSeq(req.after, t)
		if err := c.messages(ctx, a, t, after); err != nil {
			return err
		}
		if after+int64(len(a.Items)) < t.LastSeq {
			return nil
		}
		later, err := d.tickets.ContactTickets(ctx, c.k.session.ContactID, c.k.session.InboxID, t.ID, 1)
		if len(later) > 0 {
			a.Next = later[0].ID
		}
		return err
	})
	return a, err
}

// ticket gives the named ticket of hers, or the current one, or nil.
func (c *caller) ticket(ctx context.Context, one id.ID) (*tickets.Ticket, error) {
	s := c.k.session
	if one == 0 {
		return c.desk.tickets.CurrentChat(ctx, s.InboxID, s.ContactID)
	}
	t, err := c.desk.tickets.Ticket(ctx, one)
	if fault.Is(err, fault.NotFound) || (err == nil && (t.ContactID != s.ContactID || t.InboxID != s.InboxID)) {
		return nil, newProblem(codeNotFound, "chat.error.ticket")
	}
	return t, err
}

// messages fills in what lies beyond after, and what earlier messages have become.
func (c *caller) messages(ctx context.Context, a *pollAnswer, t *tickets.Ticket, after int64) error {
	d := c.desk
	if after < t.LastSeq {
		page, err := d.tickets.Visible(ctx, t.ID, after, pollItems)
		if err != nil {
			return err
		}
		if err := d.names.needMessages(ctx, page); err != nil {
			return err
		}
		for i := range page {
			f := d.maker(c.locale).message(&page[i], false)
			if f == nil {
				return unavailable()
			}
			a.Items = append(a.Items, f)
		}
	}
	if after == 0 {
		return nil
	}
	old, err := d.tickets.ChangedSince(ctx, t.ID, after)
	for i := range old {
		a.Changed = append(a.Changed, d.changed(t.ID, markOf(&old[i]), false))
	}
	return err
}
