package tickets

import (
	"context"
	"errors"
	"strings"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// errGone says inside the package that somebody is not there any more.
var errGone = errors.New("gone")

// UndoHeld takes a held reply back before the contact sees it. Its text becomes the agent's draft again, before what she
// has begun meanwhile, and its files wait for her next message. The draft comes back; its body is empty for a reply of
// files only. Errors: NotFound, Denied (only its author may), Conflict ("error.message.not_held": released or undone).
func (s *Service) UndoHeld(ctx context.Context, a Actor, message id.ID) (*Draft, error) {
	var out *Draft
	err := s.work(ctx, a, func(c conn) error {
		t, m, err := s.messageUnderLock(c, message)
		if err != nil {
			return err
		}
		if a.Kind != ActorAgent || m.AuthorKind != ActorAgent || m.AuthorID != a.ID {
			return fault.New(fault.Denied, "error.denied")
		}
		if m.State != StateHeld {
			return fault.New(fault.Conflict, "error.message.not_held")
		}
		out, err = s.begin(c, t, a, Millis(s.now())).undo(m)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// undo takes a held reply back, and gives its author's draft. Of an erased contact's ticket nothing is left to be one.
func (e *edit) undo(m *Message) (d *Draft, err error) {
	if d, err = e.draftAgain(m); err != nil {
		return nil, err
	}
	if _, err := e.c.exec(`UPDATE attachments SET message_id = NULL, created_at = ? WHERE message_id = ?`, e.at, int64(m.ID)); err != nil {
		return nil, err
	}
	m.State, m.Body, m.BodySealed, m.ChangedAt, m.Files, m.Attachments = StateUndone, "", nil, new(e.at), 0, nil
	if _, err := e.c.exec(`UPDATE messages SET state = ?, body = NULL, files = 0, changed_at = ? WHERE id = ?`, string(m.State), e.at, int64(m.ID)); err != nil {
		return nil, err
	}
	e.event(EventMessageUndone, m.ID, "")
	e.kind, e.message = ChangeState, m
	return d, e.save()
}

// draftAgain puts a held reply's text before what its author has begun to write since.
func (e *edit) draftAgain(m *Message) (*Draft, error) {
	d := &Draft{AgentID: m.AuthorID, TicketID: e.t.ID, Kind: KindReply, ID: e.s.ids.Next(), UpdatedAt: e.at}
	if e.t.KeyID == 0 {
		return d, nil
	}
	begun, err := e.s.drafts(e.c, d.AgentID, d.TicketID)
	if err != nil {
		return nil, err
	}
	d.Body = m.Body
	for i := range begun {
		if begun[i].Kind == KindReply {
			d.Body = strings.TrimPrefix(m.Body+"\n\n"+begun[i].Body, "\n\n")
		}
	}
	if d.Body == "" {
		return d, nil
	}
	return d, e.s.putDraft(e.c, e.t.KeyID, d)
}

// putDraft keeps a draft in the place of the one before. No limit stops it: nothing that was typed is lost.
func (s *Service) putDraft(c conn, key id.ID, d *Draft) (err error) {
	if d.BodySealed, err = s.sealed(c, key, "drafts", "body", d.ID, d.Body); err != nil {
		return err
	}
	_, err = c.exec(`INSERT INTO drafts (agent_id, ticket_id, kind, id, body, updated_at) VALUES (?, ?, ?, ?, ?, ?)
 ON CONFLICT (agent_id, ticket_id, kind) DO UPDATE SET id = excluded.id, body = excluded.body, updated_at = excluded.updated_at`,
		int64(d.AgentID), int64(d.TicketID), string(d.Kind), int64(d.ID), d.BodySealed, d.UpdatedAt)
	return err
}
