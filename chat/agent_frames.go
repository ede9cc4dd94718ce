package chat

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// frame implements party.
func (a *agent) frame(data []byte) {
	in, p := parse(data)
	if p != nil {
		a.fail(in, p)
		return
	}
	switch in.Type {
	case "ping":
		a.conn.pong(in, a.fail)
	case "subscribe":
		a.job(&a.conn.lane, in, a.subscribe)
	case "unsubscribe":
		a.job(&a.conn.lane, in, a.unsubscribe)
	case "watch":
		a.job(&a.conn.lane, in, a.watch)
	case "send":
		a.job(a.writing.of(in.Ticket), in, a.send)
	case "recall":
		a.job(a.writing.of(in.Ticket), in, a.recall)
	case "typing":
		a.job(a.writing.of(in.Ticket), in, a.typing)
	case "read":
		a.job(a.writing.of(in.Ticket), in, a.markRead)
	default:
		a.fail(in, newProblem(codeUnknownType, "chat.error.unknown_type"))
	}
}

func (a *agent) job(l *lane, in *incoming, fn func(context.Context, *incoming) error) {
	a.conn.job(l, func(ctx context.Context) {
		if err := fn(ctx, in); err != nil {
			a.fail(in, a.conn.desk.problem(err, "agent", in.Type))
		}
	})
}

func (a *agent) fail(in *incoming, p *problem) {
	a.conn.send(textFrame(a.conn.desk.errorFrame(a.conn.language(), in, p)))
}

// subscribe follows a ticket; for one that is followed already it starts over.
func (a *agent) subscribe(ctx context.Context, in *incoming) error {
	t, err := a.ticket(ctx, in)
	if err != nil {
		return err
	}
	a.drop(t.ID)
	if len(a.follows) >= subscribeMax {
		return newProblem(codeTooMany, "chat.error.subscriptions", "max", subscribeMax)
	}
	d := a.conn.desk
	f := &agentFollow{agent: a, ticket: t.ID, contact: t.ContactID, last: min(max(in.After, 0), t.LastPos)}
	f.follow = follow{hub: d.hub, conn: a.conn, who: f, filling: true}
	a.follows[t.ID] = f
	if mayWrite(a.actor, t) {
		a.passes.keep(passTo(t))
	}
	d.hub.do(func() {
		d.hub.enterFollow(f)
		f.follow.fill(true)
	})
	return nil
}

func (a *agent) unsubscribe(_ context.Context, in *incoming) error {
	one, p := in.ticketID()
	if p != nil {
		return p
	}
	a.drop(one)
	return nil
}

// drop ends the follow of a ticket and waits until nothing of it is sent any more.
func (a *agent) drop(ticket id.ID) {
	if f := a.follows[ticket]; f != nil {
		delete(a.follows, ticket)
		a.passes.drop(ticket)
		f.follow.finish(func() { a.conn.desk.hub.leaveFollow(f) })
	}
}

// send posts a reply or note, unless the agent has not seen what is newer.
func (a *agent) send(ctx context.Context, in *incoming) error {
	if p := in.checkSend(); p != nil {
		return p
	}
	kind := tickets.MessageKind(in.Kind)
	if kind != tickets.KindReply && kind != tickets.KindNote {
		return newProblem(codeInvalid, "chat.error.wrong_type", "field", "kind")
	}
	d := a.conn.desk
	if wait := d.posts.take(a.actor.ID); wait > 0 {
		return tooMany(wait)
	}
	t, err := a.writable(ctx, in)
	if err != nil {
		return err
	}
	files, _ := in.fileIDs() // checkSend refused what is none
	began := time.Now()
	got, err := d.tickets.Post(ctx, a.actor, tickets.Outgoing{TicketID: t.ticket, Kind: kind, ClientID: in.ID, Body: in.Body, Seen: in.Seen, Attachments: files})
	if f := fault.As(err); f != nil && f.Key == "error.newer_messages" {
		return a.newer(ctx, in, t.ticket, problemOf(err))
	}
	if err != nil {
		return err
	}
	d.metrics.ack.Observe(time.Since(began).Seconds())
	m := got.Message
	a.conn.send(textFrame(&ackFrame{ID: in.ID, Ticket: m.TicketID, Seq: m.Seq, Pos: m.Pos, At: m.CreatedAt, Masked: m.Masked.Kinds()}))
	return nil
}

// newer answers with what the agent has not seen: what the contact and colleagues have said last.
func (a *agent) newer(ctx context.Context, in *incoming, ticket id.ID, p *problem) error {
	const most = 50
	d := a.conn.desk
	f := d.errorFrame(a.conn.language(), in, p)
	err := d.reading(ctx, func() error {
		list, err := a.since(ctx, ticket, *in.Seen, most)
		if err != nil {
			return err
		}
		for _, m := range list {
			if err := d.names.need(ctx, m.AuthorKind, m.AuthorID); err != nil {
				return err
			}
			if b, err := json.Marshal(d.maker(a.conn.language()).message(m, true)); err == nil {
				f.Newer = append(f.Newer, b)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.conn.send(textFrame(f))
	return nil
}

// since gives the newest messages of others after a place, at most so many, by place.
func (a *agent) since(ctx context.Context, ticket id.ID, seen int64, most int) (out []*tickets.Message, err error) {
	for before := int64(0); len(out) < most; {
		list, err := a.conn.desk.tickets.TimelineBefore(ctx, ticket, before, tickets.PageMax)
		if err != nil {
			return nil, err
		}
		for _, e := range slices.Backward(list) {
			m := e.Message
			if m == nil || m.Pos <= seen || len(out) >= most || (m.AuthorKind == tickets.ActorAgent && m.AuthorID == a.actor.ID) {
				continue
			}
			out = append(out, m)
		}
		if len(list) == 0 || *list[0].Event.Pos <= seen+1 {
			break
		}
		before = *list[0].Event.Pos
	}
	slices.Reverse(out)
	return out, nil
}

func (a *agent) recall(ctx context.Context, in *incoming) error {
	t, err := a.writable(ctx, in)
	if err != nil {
		return err
	}
	_, err = a.conn.desk.tickets.Recall(ctx, a.actor, t.ticket, in.Seq)
	return err
}

func (a *agent) markRead(ctx context.Context, in *incoming) error {
	if a.conn.desk.marks.take(markKey{a.actor.ID, in.Type}) > 0 {
		return nil
	}
	t, err := a.ticket(ctx, in)
	if err != nil {
		return err
	}
	return a.conn.desk.tickets.MarkRead(ctx, a.actor, t.ID, in.Seq)
}

func (a *agent) typing(ctx context.Context, in *incoming) error {
	d := a.conn.desk
	if d.marks.take(markKey{a.actor.ID, in.Type}) > 0 {
		return nil
	}
	t, err := a.writable(ctx, in)
	if err != nil {
		return err
	}
	d.typed(typingNews{
		Ticket: t.ticket, Contact: t.contact, Inbox: t.inbox, Kind: tickets.ActorAgent, Who: a.actor.ID, On: in.On,
		Note: tickets.MessageKind(in.Kind) == tickets.KindNote,
	})
	return nil
}
