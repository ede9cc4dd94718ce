package tickets

import (
	"context"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// A held reply stands in the timeline for the agents from the moment it was written, with its pos, and the contact does
// not have it yet: it has no seq, and status, assignee, clocks and what is undelivered move only when it is released. The
// row is all there is: whoever calls Release (a job, another node, again after a crash) finds it held or not held any
// more, under the ticket's lock.

// HoldMax is how long a reply can be held.
const HoldMax = 366 * 24 * time.Hour

// MailHold is how long an agent may take back an answer that goes out as a mail.
const MailHold = 10 * time.Second

// heldData is what the event of a held reply says.
func heldData(until int64) string {
	return `{"held":true,"until":` + strconv.FormatInt(until, 10) + `}`
}

// Held tells whether an event is of a reply that the contact did not get with it.
func (e *Event) Held() bool {
	return e.Type == EventMessageCreated && strings.HasPrefix(e.Data, `{"held":true`)
}

// checkHold refuses to hold what is no agent's reply, or for too long.
func checkHold(a Actor, o *Outgoing) error {
	if o.Hold < 0 || o.Hold > HoldMax || o.Hold > 0 && (o.Kind != KindReply || a.Kind != ActorAgent) {
		return fault.InvalidField("hold", "invalid", "error.message.hold", map[string]any{"days": int(HoldMax.Hours() / 24)})
	}
	return nil
}

// Release gives a held reply to the contact once it is due: it gets its seq and its time, and moves the ticket as a reply
// does. The contact who has written since still waits for an answer to that. It is released into its own ticket, however
// that stands, but one that is spam by now, or whose contact was erased: there it is undone, as Message.State says.
//
// A message that is not held any more changes nothing (Duplicate), so it may be called again and by several at once.
// Errors: NotFound, Conflict ("error.message.not_due", with RetryAfter).
func (s *Service) Release(ctx context.Context, message id.ID) (Posted, error) {
	return s.released(ctx, func(_ conn, m *Message) (Actor, error) {
		if wait := *m.HeldUntil - Millis(s.now()); wait > 0 {
			e := fault.New(fault.Conflict, "error.message.not_due")
			e.RetryAfter = time.Duration(wait) * time.Millisecond
			return Actor{}, e
		}
		return Actor{Kind: m.AuthorKind, ID: m.AuthorID}, nil
	}, message)
}

// ReleaseNow is Release before the time: for its author, managers, administrators and the desk itself. Errors: NotFound,
// Denied.
func (s *Service) ReleaseNow(ctx context.Context, a Actor, message id.ID) (Posted, error) {
	return s.released(ctx, func(c conn, m *Message) (Actor, error) {
		if a.Kind == ActorAgent && a.ID != m.AuthorID && a.Role == RoleAgent {
			return Actor{}, fault.New(fault.Denied, "error.denied")
		}
		return a, c.mayWork(a)
	}, message)
}

// released releases a message that is held, if may says who does it.
func (s *Service) released(ctx context.Context, may func(c conn, m *Message) (Actor, error), message id.ID) (Posted, error) {
	var out Posted
	err := s.store.Write(ctx, func(tx *gorm.DB) error {
		c := on(tx)
		t, m, err := s.messageUnderLock(c, message)
		if err != nil {
			return err
		}
		if out = (Posted{Ticket: t, Message: m, Duplicate: m.State != StateHeld}); out.Duplicate {
			return nil
		}
		by, err := may(c, m)
		if err != nil {
			return err
		}
		e := s.begin(c, t, by, Millis(s.now()))
		if t.KeyID == 0 || t.Status == StatusSpam {
			e.actor = system
			_, err = e.undo(m)
			return err
		}
		return e.release(m)
	})
	if err != nil {
		return Posted{}, err
	}
	return out, nil
}

// messageUnderLock reads a message as it is under its ticket's lock. Errors: NotFound.
func (s *Service) messageUnderLock(c conn, message id.ID) (*Ticket, *Message, error) {
	m, err := c.message(selectMessage+` WHERE m.id = ?`, int64(message))
	if err == nil && m == nil {
		err = fault.New(fault.NotFound, "error.message.not_found")
	}
	if err != nil {
		return nil, nil, err
	}
	t, err := s.locked(c, m.TicketID)
	if err != nil {
		return nil, nil, err
	}
	now, err := s.messages(c, selectMessage+` WHERE m.id = ?`, int64(message))
	if err == nil && len(now) == 0 {
		err = fault.New(fault.NotFound, "error.message.not_found")
	}
	if err != nil {
		return nil, nil, err
	}
	return t, &now[0], nil
}

// release shows a held reply to the contact. Her answers that came since it was written are not answered by it.
func (e *edit) release(m *Message) error {
	t, author := e.t, m.AuthorID
	newer := t.LastContactPos > m.Pos
	data := ""
	if !newer {
		data = e.carry(byReply)
	}
	t.LastSeq++
	m.State, m.Seq, m.CreatedAt, m.ChangedAt = StateAsWritten, new(t.LastSeq), e.at, new(e.at)
	t.LastReplyPos, t.LastMessageAt = max(t.LastReplyPos, m.Pos), max(t.LastMessageAt, e.at)
	if t.FirstRepliedAt == nil {
		t.FirstRepliedAt = new(e.at)
	}
	if err := e.previewOf(m); err != nil {
		return err
	}
	e.event(EventMessageReleased, m.ID, data)
	if newer {
		if err := e.waitsSince(m.Pos); err != nil {
			return err
		}
	} else {
		t.WaitingSince, t.AgentRead = nil, t.LastSeq
	}
	if t.AssigneeID == nil && t.Status != StatusClosed && e.c.agentWorks(author, errGone) == nil {
		e.assign(&author)
	}
	if _, err := e.c.exec(`UPDATE messages SET state = '', seq = ?, created_at = ?, changed_at = ? WHERE id = ?`, *m.Seq, e.at, e.at, int64(m.ID)); err != nil {
		return err
	}
	if err := e.expect(m, t.LastPos); err != nil {
		return err
	}
	e.kind, e.message = ChangeReleased, m
	if err := e.save(); err != nil {
		return err
	}
	return e.s.replied(e.c.tx, t, m)
}

// waitsSince moves since when the contact waits to her first message after a place; who does not wait still does not.
func (e *edit) waitsSince(pos int64) error {
	if e.t.WaitingSince == nil {
		return nil
	}
	first, err := e.c.firstOf(e.t.ID, pos)
	if first != nil {
		e.t.WaitingSince = first
	}
	return err
}

// firstOf gives when the first message after a place was written that is to be answered; nil when there is none.
func (c conn) firstOf(ticket id.ID, pos int64) (at *int64, err error) {
	err = c.row(`SELECT MIN(m.created_at) FROM messages m WHERE m.ticket_id = ? AND m.pos > ? AND m.kind = 'contact' AND m.moved_to IS NULL`,
		int64(ticket), pos).Scan(&at)
	return at, err
}
