package tickets

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// RecallWindow is how long a message can be taken back by whoever wrote it.
const RecallWindow = 2 * time.Minute

// Recall takes back a message that the actor has written herself, within RecallWindow. Its body is emptied in the
// database too; it keeps its pos and seq. Recalling it again changes nothing. Errors: NotFound (no such ticket, or
// message, for her), Denied (somebody else's message), Conflict (too late).
func (s *Service) Recall(ctx context.Context, a Actor, ticket id.ID, seq int64) (*Message, error) {
	var out *Message
	err := s.store.Write(ctx, func(tx *gorm.DB) (err error) {
		out, err = s.recall(on(tx), a, ticket, seq)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Service) recall(c conn, a Actor, ticket id.ID, seq int64) (*Message, error) {
	t, err := s.locked(c, ticket)
	if err != nil {
		return nil, err
	}
	if err := s.mayTouch(c, a, t); err != nil {
		return nil, err
	}
	m, err := c.message(selectMessage+` WHERE m.ticket_id = ? AND m.seq = ?`, int64(ticket), seq)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, fault.New(fault.NotFound, "error.message.not_found")
	}
	if err := s.openMessage(c, m); err != nil {
		return nil, err
	}
	if own, err := c.wrote(a, m); !own || err != nil {
		return nil, orDenied(err)
	}
	if m.State != StateAsWritten {
		return m, nil
	}
	e := s.begin(c, t, a, Millis(s.now()))
	if e.at-m.CreatedAt > RecallWindow.Milliseconds() {
		late := fault.New(fault.Conflict, "error.message.recall_late")
		late.Args = map[string]any{"minutes": int(RecallWindow.Minutes())}
		return nil, late
	}
	return m, e.takeBack(m)
}

// takeBack empties the message and, where it was the newest that the contact may see, the ticket's preview.
func (e *edit) takeBack(m *Message) error {
	m.State, m.Body, m.BodySealed, m.ChangedAt = StateRecalled, "", nil, new(e.at)
	if _, err := e.c.exec(`UPDATE messages SET body = NULL, state = ?, changed_at = ? WHERE id = ?`,
		string(m.State), e.at, int64(m.ID)); err != nil {
		return err
	}
	if m.Files > 0 {
		if _, err := e.c.exec(`UPDATE attachments SET message_id = NULL, state = 'gone' WHERE message_id = ?`, int64(m.ID)); err != nil {
			return err
		}
		m.Attachments = nil
	}
	if *m.Seq == e.t.LastSeq {
		if err := e.previewBefore(*m.Seq); err != nil {
			return err
		}
	}
	e.event(EventMessageRecalled, m.ID, "")
	e.kind, e.message = ChangeState, m
	return e.save()
}

// previewBefore shows the newest message before seq that still has a body.
func (e *edit) previewBefore(seq int64) error {
	m, err := e.c.message(selectMessage+` WHERE m.ticket_id = ? AND m.seq < ? AND m.state = '' ORDER BY m.seq DESC LIMIT 1`, int64(e.t.ID), seq)
	if err != nil {
		return err
	}
	if m == nil {
		return e.preview("")
	}
	if err := e.s.openMessage(e.c, m); err != nil {
		return err
	}
	return e.previewOf(m)
}

// mayTouch lets a contact at her own ticket and whoever works at the desk at any. To another contact the ticket does
// not exist.
func (s *Service) mayTouch(c conn, a Actor, t *Ticket) error {
	if a.Kind != ActorContact {
		return c.mayWork(a)
	}
	if a.ID == t.ContactID {
		return nil
	}
	if living, err := c.livingContact(a.ID); err == nil && living.ID == t.ContactID {
		return nil
	}
	return fault.New(fault.NotFound, "error.ticket.not_found")
}

// wrote tells whether the message is the actor's own: she wrote it, or a contact who was merged into her, or whom she
// was merged into.
func (c conn) wrote(a Actor, m *Message) (bool, error) {
	if m.AuthorKind != a.Kind || a.Kind == ActorSystem {
		return false, nil
	}
	if m.AuthorID == a.ID || a.Kind == ActorAgent {
		return m.AuthorID == a.ID, nil
	}
	var n int
	err := c.row(`SELECT COUNT(*) FROM contacts a JOIN contacts b ON COALESCE(a.merged_into, a.id) = COALESCE(b.merged_into, b.id)
 WHERE a.id = ? AND b.id = ?`, int64(a.ID), int64(m.AuthorID)).Scan(&n)
	return n == 1, err
}

// orDenied gives the error, or Denied in its absence.
func orDenied(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Denied, "error.denied")
}
