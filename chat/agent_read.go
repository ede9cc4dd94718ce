package chat

import (
	"context"
	"errors"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// read implements follower: the fields first, then the timeline beyond the place.
func (f *agentFollow) read(ctx context.Context, all bool) (some bool, err error) {
	d := f.agent.conn.desk
	var t *tickets.Ticket
	err = d.reading(ctx, func() (err error) {
		if t, err = d.tickets.Ticket(ctx, f.ticket); err != nil {
			return err
		}
		if err = d.names.need(ctx, tickets.ActorContact, t.ContactID); err == nil && t.AssigneeID != nil {
			err = d.names.need(ctx, tickets.ActorAgent, *t.AssigneeID)
		}
		return err
	})
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if !f.tell(t, true) {
		return false, errors.New("names are missing")
	}
	if all && f.last > 0 {
		if err := f.readChanged(ctx, t); err != nil {
			return false, err
		}
	}
	for f.last < t.LastPos {
		n, err := f.page(ctx)
		if some = some || n > 0; err != nil {
			return some, err
		}
		if n == 0 {
			break
		}
		if !f.follow.more() {
			return some, errGone
		}
	}
	f.marks(newsOf(tickets.Change{Ticket: t}))
	return some, nil
}

// page sends the next page of the timeline and tells how many rows it had.
func (f *agentFollow) page(ctx context.Context) (int, error) {
	d := f.agent.conn.desk
	var list []tickets.Entry
	err := d.reading(ctx, func() (err error) {
		if list, err = d.tickets.Timeline(ctx, f.ticket, f.last, pageSize); err != nil {
			return err
		}
		for i := range list {
			if err = f.names(ctx, &list[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for i := range list {
		e := &list[i]
		built := f.entry(&e.Event, e.Message)
		if built == nil || *e.Event.Pos != f.last+1 {
			return i, errors.New("places are missing")
		}
		f.agent.conn.send(built)
		f.last++
	}
	return len(list), nil
}

func (f *agentFollow) names(ctx context.Context, e *tickets.Entry) error {
	n := f.agent.conn.desk.names
	if err := n.need(ctx, e.Event.ActorKind, e.Event.ActorID); err != nil {
		return err
	}
	if e.Message != nil {
		return n.need(ctx, e.Message.AuthorKind, e.Message.AuthorID)
	}
	if kind := subjectKind(e.Event.Type); kind != "" && e.Event.SubjectID != nil {
		return n.need(ctx, kind, *e.Event.SubjectID)
	}
	return nil
}

// readChanged says again what became of the messages that she has.
func (f *agentFollow) readChanged(ctx context.Context, t *tickets.Ticket) error {
	d := f.agent.conn.desk
	var list []tickets.Message
	err := d.reading(ctx, func() (err error) {
		list, err = d.tickets.ChangedPlaces(ctx, t.ID, f.last)
		return err
	})
	for i := range list {
		f.agent.conn.send(textFrame(d.changed(t.ID, markOf(&list[i]), true)))
	}
	return err
}
