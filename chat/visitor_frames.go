package chat

import (
	"context"
	"errors"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// frame implements party. What needs the database, or the order of the frames, goes to the lane.
func (v *visitor) frame(data []byte) {
	in, p := parse(data)
	if p != nil {
		v.fail(in, p)
		return
	}
	switch in.Type {
	case "ping":
		v.conn.pong(in, v.fail)
	case "hello":
		v.job(in, v.sayHello)
	case "send":
		v.limited(in, v.send)
	case "recall":
		v.limited(in, v.recall)
	case "typing":
		v.job(in, v.typing)
	case "read":
		v.job(in, v.markRead)
	default:
		v.fail(in, newProblem(codeUnknownType, "chat.error.unknown_type"))
	}
}

// begin implements party: nobody is known before hello.
func (v *visitor) begin() {}

// silent implements party.
func (v *visitor) silent() bool { return !v.greeted.Load() }

// ended implements party.
func (v *visitor) ended() {
	// The lane may still be storing what she sent; it is left to finish, then nobody refers to the visitor any more.
	v.conn.lane.push(v.conn.desk.spawn, func() {
		if v.sess != nil {
			v.follow.finish(func() { v.conn.desk.hub.leaveVisitor(v) })
		}
	})
}

// job runs fn on the lane and answers what goes wrong.
func (v *visitor) job(in *incoming, fn func(context.Context, *incoming) error) {
	v.conn.job(&v.conn.lane, func(ctx context.Context) {
		if in.Type != "hello" && v.silent() {
			v.fail(in, newProblem(codeDenied, "chat.error.hello_first"))
			return
		}
		if err := fn(ctx, in); err != nil {
			v.fail(in, v.conn.desk.problem(err, "visitor", in.Type))
		}
	})
}

// limited refuses a frame that comes too soon after too many others of the session.
func (v *visitor) limited(in *incoming, fn func(context.Context, *incoming) error) {
	v.job(in, func(ctx context.Context, in *incoming) error {
		if wait := v.conn.desk.sends.take(v.sess.ID); wait > 0 {
			return tooMany(wait)
		}
		return fn(ctx, in)
	})
}

func (v *visitor) fail(in *incoming, p *problem) {
	v.conn.send(textFrame(v.conn.desk.errorFrame(v.conn.language(), in, p)))
}

// send stores what she wrote and acknowledges it when it is safe.
func (v *visitor) send(ctx context.Context, in *incoming) error {
	began := time.Now()
	ack, err := v.conn.desk.receive(ctx, v.sess, v.aliases, in)
	var p *problem
	if errors.As(err, &p) && p.ends {
		v.fail(in, p)
		v.conn.close(p.closeCode(), string(p.code))
		return nil
	}
	if err != nil {
		return err
	}
	v.conn.desk.metrics.ack.Observe(time.Since(began).Seconds())
	v.about(ack.Ticket)
	v.conn.send(textFrame(ack))
	return nil
}

// meant is the ticket that a frame is about: the named one, else the newest.
func (v *visitor) meant(in *incoming) (id.ID, error) {
	t, p := in.ticketID()
	if p != nil {
		return 0, p
	}
	if t == 0 {
		t = v.current()
	}
	if t == 0 {
		return 0, newProblem(codeNotFound, "chat.error.ticket")
	}
	return t, nil
}

func (v *visitor) actor() tickets.Actor {
	return tickets.Actor{Kind: tickets.ActorContact, ID: v.sess.ContactID}
}

func (v *visitor) recall(ctx context.Context, in *incoming) error {
	t, err := v.meant(in)
	if err != nil {
		return err
	}
	_, err = v.conn.desk.tickets.Recall(ctx, v.actor(), t, in.Seq)
	return err
}

// markRead takes a read mark; marks that come too fast are dropped, the next one says more.
func (v *visitor) markRead(ctx context.Context, in *incoming) error {
	if v.conn.desk.marks.take(markKey{v.sess.ID, in.Type}) > 0 {
		return nil
	}
	t, err := v.meant(in)
	if err != nil {
		return err
	}
	return v.conn.desk.tickets.MarkRead(ctx, v.actor(), t, in.Seq)
}

// typing is shown for a moment and never stored.
func (v *visitor) typing(_ context.Context, in *incoming) error {
	d := v.conn.desk
	if d.marks.take(markKey{v.sess.ID, in.Type}) > 0 || v.current() == 0 {
		return nil
	}
	d.typed(typingNews{Ticket: v.current(), Contact: v.sess.ContactID, Inbox: v.sess.InboxID, Kind: tickets.ActorContact, Who: v.sess.ContactID, On: in.On})
	return nil
}
