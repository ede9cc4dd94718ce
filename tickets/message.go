package tickets

import (
	"database/sql"
	"errors"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// MessageKind is what a message is in its ticket.
type MessageKind string

// The kinds of message. Events are rows of the same timeline but no messages.
const (
	KindContact MessageKind = "contact"
	KindReply   MessageKind = "reply"
	KindNote    MessageKind = "note"
)

// MessageState says what happened to a message after it was written; the empty state is as written.
type MessageState string

// The states of a message.
const (
	StateAsWritten MessageState = ""
	StateRecalled  MessageState = "recalled"
	StateErased    MessageState = "erased"
	StateHeld      MessageState = "held"   // a reply that the contact does not see yet, see held.go
	StateUndone    MessageState = "undone" // a held reply that was taken back before she saw it
	StateMoved     MessageState = "moved"  // it stands in another ticket now, see movemessage.go
)

// Message is one thing said in a ticket.
type Message struct {
	ID           id.ID `gorm:"primaryKey;autoIncrement:false"`
	TicketID     id.ID
	Pos          int64  // 1, 2, 3 … over everything in the ticket, events too
	Seq          *int64 // 1, 2, 3 … over what the contact may see; nil for notes and replies that are held or undone
	Kind         MessageKind
	AuthorKind   ActorKind
	AuthorID     id.ID
	GuestID      *id.ID // the contact who wrote it, where she is not the ticket's: never the ticket's contact
	Dedupe       []byte // keyed hash of who sent it and the outer id
	ClientSealed []byte `gorm:"column:client_id"`
	BodySealed   []byte `gorm:"column:body"`
	ClientID     string `gorm:"-"` // the sender's own id of it
	Body         string `gorm:"-"`
	State        MessageState
	CreatedAt    int64 `gorm:"autoCreateTime:false"` // of a held reply: when it was released
	ChangedAt    *int64
	HeldUntil    *int64       // until when a reply is held, or was meant to be
	CopiedFrom   *id.ID       // the message of another ticket that was moved here as this one
	MovedTo      *id.ID       // the ticket that it was moved to
	Files        int          // how many Attachments it has
	Masked       Masked       // sorts of number that were hidden in the text
	Attachments  []Attachment `gorm:"-"`
}

const (
	messageColumns = `m.id, m.ticket_id, m.pos, m.seq, m.kind, m.author_kind, m.author_id, m.client_id, m.body, m.state, m.created_at, m.changed_at, m.files, m.masked, ` +
		`m.guest_id, m.held_until, m.copied_from, m.moved_to`

	selectMessage = `SELECT ` + messageColumns + ` FROM messages m`

	// A message that is there already changes nothing, so its ticket's numbers stay unused.
	insertMessage = `INSERT INTO messages (id, ticket_id, pos, seq, kind, author_kind, author_id, dedupe, client_id, body, state, created_at, files, masked,
 guest_id, held_until, copied_from)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (dedupe) WHERE dedupe IS NOT NULL DO NOTHING`
)

func (m *Message) scanned() []any {
	return []any{
		(*int64)(&m.ID), (*int64)(&m.TicketID), &m.Pos, &m.Seq, (*string)(&m.Kind), (*string)(&m.AuthorKind),
		(*int64)(&m.AuthorID), &m.ClientSealed, &m.BodySealed, (*string)(&m.State), &m.CreatedAt, &m.ChangedAt, &m.Files, (*int64)(&m.Masked),
		&m.GuestID, &m.HeldUntil, &m.CopiedFrom, &m.MovedTo,
	}
}

// message reads one message, still sealed; nil when there is none.
func (c conn) message(query string, args ...any) (*Message, error) {
	m := &Message{}
	err := c.row(query, args...).Scan(m.scanned()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// messages reads many and opens them.
func (s *Service) messages(c conn, query string, args ...any) ([]Message, error) {
	var out []Message
	err := c.each(func(scan func(...any) error) error {
		out = append(out, Message{})
		return scan(out[len(out)-1].scanned()...)
	}, query, args...)
	if err != nil {
		return nil, err
	}
	refs := make([]*Message, len(out))
	for i := range out {
		if err := s.openMessage(c, &out[i]); err != nil {
			return nil, err
		}
		refs[i] = &out[i]
	}
	return out, s.withFiles(c, refs...)
}

// insertMessage seals and adds the row; false says that its dedupe key is there already.
func (s *Service) insertMessage(c conn, key id.ID, m *Message) (bool, error) {
	if key == 0 { // also when there is nothing to seal
		return false, fault.New(fault.Conflict, "error.contact.erased")
	}
	var err error
	if m.BodySealed, err = s.sealed(c, key, "messages", "body", m.ID, m.Body); err != nil {
		return false, err
	}
	if m.ClientSealed, err = s.sealed(c, key, "messages", "client_id", m.ID, m.ClientID); err != nil {
		return false, err
	}
	n, err := c.exec(insertMessage, int64(m.ID), int64(m.TicketID), m.Pos, m.Seq, string(m.Kind), string(m.AuthorKind),
		int64(m.AuthorID), m.Dedupe, m.ClientSealed, m.BodySealed, string(m.State), m.CreatedAt, m.Files, int64(m.Masked),
		(*int64)(m.GuestID), m.HeldUntil, (*int64)(m.CopiedFrom))
	return n == 1, err
}

func (s *Service) openMessage(c conn, m *Message) (err error) {
	if m.Body, err = s.open(c, "messages", "body", m.ID, m.BodySealed); err != nil {
		return err
	}
	m.ClientID, err = s.open(c, "messages", "client_id", m.ID, m.ClientSealed)
	return err
}

// storedMessage finds what an earlier sending left under one of the dedupe keys, opened; nil when there is nothing.
func (s *Service) storedMessage(c conn, keys [][]byte) (*Message, *Ticket, error) {
	if len(keys) == 0 {
		return nil, nil, nil
	}
	in, args := list(keys)
	m, err := c.message(selectMessage+` WHERE m.dedupe IN `+in+` ORDER BY m.id LIMIT 1`, args...)
	if m == nil || err != nil {
		return nil, nil, err
	}
	if err := errors.Join(s.openMessage(c, m), s.withFiles(c, m)); err != nil {
		return nil, nil, err
	}
	t, err := c.ticket(selectTicket+` WHERE t.id = ?`, int64(m.TicketID))
	if t == nil || err != nil {
		return nil, nil, err
	}
	return m, t, s.openTicket(c, t)
}
