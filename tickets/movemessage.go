package tickets

import (
	"context"
	"errors"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// A message that came into the wrong ticket is moved: it is copied into the right one as the newest there, sealed with
// that contact's key, and the original keeps its pos and seq without a body. Nothing is renumbered. Moving the copy back
// is the undo.

// errMoved says inside the package that something has changed between the plan of a move and its transaction.
var errMoved = errors.New("the plan of a move is out of date")

// MoveMessage moves what a contact wrote into another ticket, or into a new one of its writer (into is zero) in the same
// inbox and with the same subject. A ticket that was merged stands for where it went. The target is reopened and waits as
// when a contact writes; the source is closed when it was the only message of a contact in it, and opened again when that
// message comes back. An automatic reply stays a note, but in a new ticket it is what its contact says. Target and copy
// come back.
//
// Errors: Denied, NotFound, Conflict ("error.move.same", "error.move.kind": no contact wrote it, "error.move.state": it
// was recalled, erased or moved, "error.ticket.closed", "error.ticket.spam", "error.ticket.other_open",
// "error.contact.erased"), and those of Options.CopyFile.
func (s *Service) MoveMessage(ctx context.Context, a Actor, message, into id.ID) (*Ticket, *Message, error) {
	var t *Ticket
	var m *Message
	for range 3 {
		p, err := s.planMove(ctx, a, message, into)
		if err != nil {
			return nil, nil, err
		}
		err = s.work(ctx, a, func(c conn) (err error) {
			t, m, err = s.moveNow(c, a, message, into, p)
			return err
		})
		switch {
		case isDuplicate(err):
			return nil, nil, otherOpen()
		case !errors.Is(err, errMoved):
			return t, m, err
		}
	}
	return nil, nil, fault.Wrap(fault.Conflict, "error.move.state", errMoved)
}

// move is a message on its way, with what is locked.
type move struct {
	s       *Service
	c       conn
	actor   Actor
	plan    *movePlan
	message *Message
	from    *edit
	to      *edit
	author  *Contact // whom the writer has become; of the desk's words nobody
	split   bool     // with others of its ticket: it stays of its kind
	copy    *Message
	renamed map[id.ID]id.ID // the message's files, by their ids before
}

func (s *Service) moveNow(c conn, a Actor, message, into id.ID, p *movePlan) (*Ticket, *Message, error) {
	v := &move{s: s, c: c, actor: a, plan: p}
	if err := v.lock(message, into); err != nil {
		return nil, nil, err
	}
	if err := v.mayMove(); err != nil {
		return nil, nil, err
	}
	for _, step := range []func() error{v.say, v.begin, v.insert, v.files, v.leave} {
		if err := step(); err != nil {
			return nil, nil, err
		}
	}
	if err := s.saveBoth(c, v.from, v.to); err != nil {
		return nil, nil, err
	}
	if v.to.t.Tags == nil {
		if err := s.loadTags(c, v.to.t); err != nil {
			return nil, nil, err
		}
	}
	return v.to.t, v.copy, s.moved(c.tx, v.message.ID, v.copy, v.to.t, v.renamed)
}

// lock reads writer, message and tickets, in the order in which everybody locks.
func (v *move) lock(message, into id.ID) (err error) {
	s, c := v.s, v.c
	at := Millis(s.now())
	if v.author, err = c.heldContact(v.plan.author); err != nil {
		return err
	}
	if into == 0 {
		var t *Ticket
		if t, v.message, err = s.messageUnderLock(c, message); err != nil {
			return err
		}
		v.from = s.begin(c, t, v.actor, at)
		v.to, err = v.newTicket(v.author, at)
		return err
	}
	if into, err = c.endOfMerges(into); err != nil {
		return err
	}
	if into == v.plan.from {
		return fault.New(fault.Conflict, "error.move.same")
	}
	pair, err := s.lockTwo(c, v.plan.from, into)
	if err != nil {
		return err
	}
	v.from, v.to = s.begin(c, pair.from, v.actor, at), s.begin(c, pair.into, v.actor, at)
	now, err := s.messages(c, selectMessage+` WHERE m.id = ?`, int64(message))
	if err != nil || len(now) == 0 {
		return errors.Join(errMoved, err)
	}
	v.message = &now[0]
	return v.comesBack()
}

// comesBack opens the target again where the message came from there and its move had closed it.
func (v *move) comesBack() error {
	if v.message.CopiedFrom == nil {
		return nil
	}
	was, err := v.c.message(selectMessage+` WHERE m.id = ?`, int64(*v.message.CopiedFrom))
	if err != nil || was == nil || was.TicketID != v.to.t.ID || v.to.t.Status != StatusClosed {
		return err
	}
	before, err := v.c.beforeMove(v.to.t.ID, was.ID)
	if before == "" || err != nil {
		return err
	}
	if before.Active() {
		if err := v.to.alone(); err != nil {
			return err
		}
	}
	v.to.t.ClosedAt = nil
	v.to.move(before)
	return nil
}

// mayMove gives the reason why the message cannot be moved, or nil.
func (v *move) mayMove() error {
	m, to := v.message, v.to.t
	if err := movable(m); err != nil {
		return err
	}
	if v.author.KeyID == 0 || v.from.t.KeyID == 0 || to.KeyID == 0 {
		return fault.New(fault.Conflict, "error.contact.erased")
	}
	switch to.Status {
	case StatusClosed:
		return fault.New(fault.Conflict, "error.ticket.closed")
	case StatusSpam:
		return fault.New(fault.Conflict, "error.ticket.spam")
	case StatusSolved:
		if m.Kind == KindContact {
			return v.to.alone()
		}
	}
	return nil
}

// movable refuses what no contact wrote, and what does not stand as it was written.
func movable(m *Message) error {
	switch {
	case m.AuthorKind != ActorContact:
		return fault.New(fault.Conflict, "error.move.kind")
	case m.State != StateAsWritten:
		return fault.New(fault.Conflict, "error.move.state")
	}
	return nil
}
