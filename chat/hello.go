package chat

import (
	"context"
	"slices"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// sayHello answers the first frame, or a later one by which a client heals a gap: who is it, what has she got, and from
// there on all that is hers. On the lane.
func (v *visitor) sayHello(ctx context.Context, in *incoming) error {
	d := v.conn.desk
	var k *known
	var inbox *tickets.Inbox
	err := v.reading(ctx, func() (err error) {
		k, inbox, err = d.admit(ctx, in.Session)
		return err
	})
	if p := refusal(err); p != nil {
		v.fail(in, p)
		v.conn.close(p.closeCode(), string(p.code))
		return nil
	}
	if err != nil {
		return err
	}
	if !d.mayCall(inbox, v.conn.origin) {
		v.fail(in, denied("chat.error.origin", "allowed_origins"))
		v.conn.close(closeRefused, "origin")
		return nil
	}
	if wait := d.calls.take(k.session.ID); wait > 0 {
		return tooMany(wait)
	}
	v.enter(k)
	places, current, err := v.wanted(ctx, in)
	if err == nil {
		err = v.welcome(ctx, places, current)
	}
	if err != nil {
		if ours(err) { // nothing would be delivered from here on: she comes back on a new connection
			v.conn.close(closeInternal, "try again")
		}
		return err
	}
	if err := d.tickets.Seen(ctx, k.contact.ID); err != nil {
		_ = d.problem(err, "visitor", "hello") // logged; she is in all the same
	}
	return nil
}

// refusal is a problem that ends the connection: the session or what it may do is wrong.
func refusal(err error) *problem {
	if err == nil || ours(err) {
		return nil
	}
	if p := problemOf(err); p.code == codeDenied {
		return p
	}
	return nil
}

// closeCode tells a wrong session, which the client renews, from a refusal, which is final.
func (p *problem) closeCode() int {
	if p.key == "chat.error.session" {
		return closeSession
	}
	return closeRefused
}

// enter makes the connection the session's.
func (v *visitor) enter(k *known) {
	d := v.conn.desk
	if v.sess != nil { // a second hello starts over
		v.follow.finish(func() { d.hub.leaveVisitor(v) })
	}
	v.sess, v.places, v.floor, v.aliases = k.session, nil, 0, nil
	v.newest.Store(0)
	v.maker = d.maker(localeOf(k.session.Context.Locale))
	v.conn.setLocale(v.maker.locale)
	v.follow = follow{hub: d.hub, conn: v.conn, who: v, filling: true}
	d.hub.call(func() { d.hub.enterVisitor(v) })
}

// wanted reads which tickets the client names. Another's ticket does not exist for her.
func (v *visitor) wanted(ctx context.Context, in *incoming) (places []place, current *tickets.Ticket, err error) {
	d := v.conn.desk
	named := in.Tickets
	if in.Ticket != "" {
		named = map[string]int64{in.Ticket: in.After}
	}
	if len(named) > namedMax {
		return nil, nil, newProblem(codeInvalid, "chat.error.named", "max", namedMax)
	}
	err = v.reading(ctx, func() (err error) {
		// The newest ticket is read before the current one: what begins in between is either the current one or newer.
		newest, err := d.tickets.EarlierTickets(ctx, v.sess.ContactID, 0, 1)
		if err != nil {
			return err
		}
		if len(newest) > 0 {
			v.floor = newest[0].ID
		}
		if current, err = d.tickets.CurrentChat(ctx, v.sess.InboxID, v.sess.ContactID); err != nil {
			return err
		}
		if v.aliases, err = d.tickets.Aliases(ctx, v.sess.ContactID); err != nil {
			return err
		}
		for text, after := range named {
			t, err := v.own(ctx, text, current)
			if err != nil {
				return err
			}
			places = append(places, place{ticket: t.ID, seq: clampSeq(after, t)})
		}
		return d.names.need(ctx, tickets.ActorContact, v.sess.ContactID)
	})
	if err == nil && len(named) == 0 && current != nil {
		places = []place{{ticket: current.ID, seq: clampSeq(in.After, current)}}
	}
	return places, current, err
}

// clampSeq takes a client's word for what it has, as far as that can be.
func clampSeq(after int64, t *tickets.Ticket) int64 { return min(max(after, 0), t.LastSeq) }

// own gives a ticket of hers.
func (v *visitor) own(ctx context.Context, text string, current *tickets.Ticket) (*tickets.Ticket, error) {
	one, err := id.Parse(text)
	if err != nil {
		return nil, newProblem(codeNotFound, "chat.error.ticket")
	}
	if current != nil && current.ID == one {
		return current, nil
	}
	t, err := v.conn.desk.tickets.Ticket(ctx, one)
	if fault.Is(err, fault.NotFound) || (err == nil && !v.owns(t)) {
		return nil, newProblem(codeNotFound, "chat.error.ticket")
	}
	return t, err
}

// welcome greets her and starts to fill. Whoever names nothing gets the current ticket, or only what begins from now
// on.
func (v *visitor) welcome(ctx context.Context, places []place, current *tickets.Ticket) error {
	d := v.conn.desk
	box, err := d.tickets.Inbox(ctx, v.sess.InboxID)
	if err != nil {
		return err
	}
	look := d.outlook(ctx, box)
	w := welcomeFrame{Type: "welcome", Online: look.Online, AnswerBy: stampOf(look.AnswerBy), Contact: v.sess.ContactID}
	if current != nil {
		status := shown(current.Status)
		w.Ticket, w.Seq, w.Number, w.Status = current.ID, current.LastSeq, &current.Number, &status
		err := v.reading(ctx, func() (err error) {
			w.Queue, err = d.queuePlace(ctx, current)
			return err
		})
		if err != nil {
			return err
		}
	}
	slices.SortFunc(places, func(a, b place) int { return int(a.ticket - b.ticket) })
	for _, p := range places {
		v.addPlace(p.ticket, p.seq)
	}
	if len(places) > 0 {
		v.floor = places[0].ticket
	}
	v.greeted.Store(true)
	v.conn.heard()
	v.conn.send(textFrame(w))
	d.hub.do(func() { v.follow.fill(true) })
	return nil
}

// queuePlace gives the place in the queue of a shopper whom nobody has taken up: 1 is the next. The queue is that of all
// inboxes, for the same agents serve them.
func (d *Desk) queuePlace(ctx context.Context, t *tickets.Ticket) (*int, error) {
	n, waits, err := d.tickets.QueueAhead(ctx, t)
	if !waits || err != nil {
		return nil, err
	}
	n++
	return &n, nil
}
