package chat

import (
	"context"
	"errors"
	"slices"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

var errGone = errors.New("the client is gone")

// reading runs fn with one of the places at the database, if she is still there when it is her turn: under a rush, as after
// a restart, the turns go to those who wait for an answer, not to connections that were given up.
func (v *visitor) reading(ctx context.Context, fn func() error) error {
	return v.conn.desk.reading(ctx, func() error {
		if v.conn.isClosing() {
			return errGone
		}
		return fn()
	})
}

// read implements follower: the rest of each ticket that she follows, in the order of the tickets, then every other
// ticket after the first of them from its beginning.
func (v *visitor) read(ctx context.Context, all bool) (some bool, err error) {
	for _, p := range slices.Clone(v.places) {
		more, err := v.readTicket(ctx, p.ticket, all)
		if some = some || more; err != nil {
			return some, err
		}
	}
	for after := v.floor; ; {
		var later []tickets.Ticket
		err := v.reading(ctx, func() (err error) {
			later, err = v.conn.desk.tickets.ContactTickets(ctx, v.sess.ContactID, v.sess.InboxID, after, pageSize)
			return err
		})
		if err != nil || len(later) == 0 {
			return some, err
		}
		for i := range later {
			if after = later[i].ID; v.place(after) != nil {
				continue
			}
			v.addPlace(after, 0)
			more, err := v.readFrom(ctx, &later[i], false)
			if some = some || more; err != nil {
				return some, err
			}
		}
	}
}

func (v *visitor) readTicket(ctx context.Context, ticket id.ID, all bool) (bool, error) {
	var t *tickets.Ticket
	err := v.reading(ctx, func() (err error) {
		t, err = v.conn.desk.tickets.Ticket(ctx, ticket)
		return err
	})
	if fault.Is(err, fault.NotFound) || (err == nil && !v.owns(t)) {
		v.places = slices.DeleteFunc(v.places, func(p place) bool { return p.ticket == ticket })
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return v.readFrom(ctx, t, all)
}

// owns is the one rule of what a shopper may see.
func (v *visitor) owns(t *tickets.Ticket) bool {
	return t.ContactID == v.sess.ContactID && t.InboxID == v.sess.InboxID
}

// readFrom sends what lies beyond her place in one ticket.
func (v *visitor) readFrom(ctx context.Context, t *tickets.Ticket, all bool) (some bool, err error) {
	p := v.place(t.ID)
	if all && p.seq > 0 {
		if err := v.readChanged(ctx, p); err != nil {
			return false, err
		}
	}
	for p.seq < t.LastSeq {
		page, err := v.page(ctx, p)
		if err != nil {
			return some, err
		}
		if len(page) == 0 {
			break
		}
		for i := range page {
			m := v.maker.message(&page[i], false)
			if m == nil || *page[i].Seq != p.seq+1 {
				return some, errors.New("messages are missing")
			}
			v.conn.send(textFrame(m))
			p.seq, some = p.seq+1, true
		}
		if !v.follow.more() {
			return some, errGone
		}
	}
	return some, v.readMarks(ctx, t, p)
}

func (v *visitor) page(ctx context.Context, p *place) (page []tickets.Message, err error) {
	d := v.conn.desk
	err = d.reading(ctx, func() error {
		if page, err = d.tickets.Visible(ctx, p.ticket, p.seq, pageSize); err != nil {
			return err
		}
		return d.names.needMessages(ctx, page)
	})
	return page, err
}

func (v *visitor) readChanged(ctx context.Context, p *place) error {
	d := v.conn.desk
	var list []tickets.Message
	err := d.reading(ctx, func() (err error) {
		list, err = d.tickets.ChangedSince(ctx, p.ticket, p.seq)
		return err
	})
	for i := range list {
		v.conn.send(textFrame(d.changed(p.ticket, markOf(&list[i]), false)))
	}
	return err
}

func (v *visitor) readMarks(ctx context.Context, t *tickets.Ticket, p *place) error {
	n := newsOf(tickets.Change{Ticket: t})
	if n.Assignee != 0 {
		err := v.reading(ctx, func() error { return v.conn.desk.names.need(ctx, tickets.ActorAgent, n.Assignee) })
		if err != nil {
			return err
		}
	}
	v.marks(p, n)
	return nil
}
