package tickets

import (
	"context"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// SetStatus moves a ticket by hand, where moves.go allows it. The status that it has already is no error. A chat
// ticket cannot become active again while its contact has another open one in the inbox. Errors: Denied, NotFound,
// Invalid (no such status), Conflict ("error.ticket.move", "error.ticket.other_open").
func (s *Service) SetStatus(ctx context.Context, a Actor, ticket id.ID, to Status) (*Ticket, error) {
	if !to.Valid() {
		return nil, fault.InvalidField("status", "invalid", "error.ticket.status", nil)
	}
	t, err := s.change(ctx, a, ticket, func(e *edit) error {
		from := e.t.Status
		if from == to {
			return nil
		}
		if !mayMove(from, to, byHand) {
			return illegalMove(from, to)
		}
		if to.Active() && !from.Active() {
			if err := e.alone(); err != nil {
				return err
			}
		}
		e.move(to)
		return nil
	})
	if isDuplicate(err) { // another ticket of the contact was opened at the same moment
		return nil, otherOpen()
	}
	return t, err
}

// alone refuses to make a chat ticket active while its contact has another active one in the inbox.
func (e *edit) alone() error {
	if e.t.Channel != ChannelChat {
		return nil
	}
	other, _, err := e.s.openChat(e.c, openChatQuery, e.t.InboxID, e.t.ContactID)
	if err != nil {
		return err
	}
	if other != nil && other.ID != e.t.ID {
		return otherOpen()
	}
	return nil
}

func otherOpen() error { return fault.New(fault.Conflict, "error.ticket.other_open") }

// SetPriority changes how urgent a ticket is. Errors: Denied, NotFound, Invalid.
func (s *Service) SetPriority(ctx context.Context, a Actor, ticket id.ID, to Priority) (*Ticket, error) {
	if !to.Valid() {
		return nil, fault.InvalidField("priority", "invalid", "error.ticket.priority", nil)
	}
	return s.change(ctx, a, ticket, func(e *edit) error {
		if from := e.t.Priority; from != to {
			e.t.Priority = to
			e.event(EventPriorityChanged, 0, fromTo(from, to))
		}
		return nil
	})
}

// SetSubject changes what a ticket is about; the empty subject is allowed. Errors: Denied, NotFound, Invalid, Conflict
// (the contact was erased).
func (s *Service) SetSubject(ctx context.Context, a Actor, ticket id.ID, subject string) (*Ticket, error) {
	subject, err := normalLine("subject", subject, SubjectMax)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, a, ticket, func(e *edit) (err error) {
		if e.t.Subject == subject {
			return nil
		}
		e.t.Subject = subject
		e.t.SubjectSealed, err = s.sealed(e.c, e.t.KeyID, "tickets", "subject", e.t.ID, subject)
		e.event(EventSubjectChanged, 0, "")
		return err
	})
}
