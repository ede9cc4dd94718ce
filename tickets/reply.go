package tickets

import (
	"context"
	"database/sql"
	"errors"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Outgoing is a reply or note of an agent, or of the desk itself for the system actor.
type Outgoing struct {
	TicketID    id.ID
	Kind        MessageKind // reply or note
	ClientID    string      // dedupes per agent; empty: never
	Body        string
	Seen        *int64 // newest pos that the writer has seen; nil: not checked
	Attachments []id.ID
	// Hold keeps an agent's reply back for so long: the agents see it, the contact does not until Release. Zero: not at all,
	// but in a ticket of mails for Options.HoldMail.
	Hold time.Duration
	// Also is called in the same transaction, after the message was stored, held or not; not for a message that was there
	// already. Its error rolls all of it back. What is to happen when she gets it hangs on Options.Replied.
	Also func(tx *gorm.DB, p Posted) error

	risky bool // Body holds numbers that are hidden unless the ticket's order has them
}

// Posted is what Post did.
type Posted struct {
	Ticket    *Ticket
	Message   *Message
	Duplicate bool // the message was there already; Message is the one stored. Its Masked says what was hidden in the text
}

// Post adds a reply, which the contact sees, or a note, which she does not, and returns when it is durably stored.
//
// An agent's reply makes the ticket wait for the contact, and the agent its assignee when it had none. A reply of the
// desk itself (an offline notice) moves nothing: the contact still waits for a person. The agent's draft of that kind
// is deleted. Card and identity numbers in what an agent writes are hidden as in Receive.
//
// Errors: Invalid (the text), Denied, NotFound, Conflict: "error.newer_messages" when Seen is older than the newest
// message of the contact or a colleague (Args: pos, the newest place in the ticket), "error.ticket.closed" and
// "error.ticket.spam" for a reply there.
func (s *Service) Post(ctx context.Context, a Actor, o Outgoing) (Posted, error) {
	if err := checkOutgoing(a, &o); err != nil {
		return Posted{}, err
	}
	o.risky = a.Kind == ActorAgent && holdsNumbers(o.Body)
	var out Posted
	err := s.store.Write(ctx, func(tx *gorm.DB) (err error) {
		out, err = s.post(on(tx), a, o)
		return err
	})
	if err != nil {
		return Posted{}, err
	}
	return out, nil
}

func checkOutgoing(a Actor, o *Outgoing) (err error) {
	if a.Kind != ActorAgent && a.Kind != ActorSystem {
		return fault.New(fault.Denied, "error.denied")
	}
	if o.Kind != KindReply && o.Kind != KindNote {
		return fault.InvalidField("kind", "invalid", "error.message.kind", nil)
	}
	if !utf8.ValidString(o.ClientID) || utf8.RuneCountInString(o.ClientID) > ClientIDMax {
		return fault.InvalidField("id", "too_long", "error.message.id", map[string]any{"max": ClientIDMax})
	}
	if len(o.Attachments) > attachmentsMax {
		return tooMany("attachments", "error.message.attachments", attachmentsMax)
	}
	if err := checkHold(a, o); err != nil {
		return err
	}
	o.Body, err = normalBody(o.Body, len(o.Attachments) > 0)
	return err
}

func (s *Service) post(c conn, a Actor, o Outgoing) (Posted, error) {
	if err := c.mayWork(a); err != nil {
		return Posted{}, err
	}
	t, err := s.locked(c, o.TicketID)
	if err != nil {
		return Posted{}, err
	}
	m := &Message{ID: s.ids.Next(), Kind: o.Kind, AuthorKind: a.Kind, AuthorID: a.ID, ClientID: o.ClientID, Body: o.Body}
	m.Files = len(unique(o.Attachments))
	if o.risky {
		m.Body, m.Masked = hideNumbers(m.Body, t.Order)
	}
	if o.ClientID != "" {
		m.Dedupe = s.dedupeKey(string(a.Kind), 0, a.ID, o.ClientID)
	}
	if refusal := c.mayPost(t, a, o); refusal != nil {
		// what was stored before is acked as before, whatever has happened since
		if old, err := s.posted(c, m.Dedupe); old.Duplicate || err != nil {
			return old, err
		}
		return Posted{}, refusal
	}
	e := s.begin(c, t, a, Millis(s.now()))
	if o.Hold == 0 && o.Kind == KindReply && a.Kind == ActorAgent && t.Channel == ChannelEmail {
		o.Hold = s.holdMail
	}
	if o.Hold > 0 {
		m.State, m.HeldUntil = StateHeld, new(e.at+o.Hold.Milliseconds())
		err = e.say(m, heldData(*m.HeldUntil))
	} else {
		err = e.speak(m)
	}
	if err != nil {
		return Posted{}, err
	}
	stored, err := s.insertMessage(c, t.KeyID, m)
	if err != nil {
		return Posted{}, err
	}
	if !stored {
		return s.posted(c, m.Dedupe)
	}
	if err := s.attachFromAgent(c, m, o.Attachments); err != nil {
		return Posted{}, err
	}
	if a.Kind == ActorAgent {
		if err := e.expect(m, m.Pos); err != nil {
			return Posted{}, err
		}
		if err := c.deleteDraft(a.ID, t.ID, o.Kind); err != nil {
			return Posted{}, err
		}
	}
	if err := e.save(); err != nil {
		return Posted{}, err
	}
	out := Posted{Ticket: t, Message: m}
	if o.Also != nil {
		if err := o.Also(c.tx, out); err != nil {
			return Posted{}, err
		}
	}
	if m.Kind == KindReply && m.State == StateAsWritten {
		if err := s.replied(c.tx, t, m); err != nil {
			return Posted{}, err
		}
	}
	return out, nil
}

// posted answers a message that is stored already.
func (s *Service) posted(c conn, dedupe []byte) (Posted, error) {
	if dedupe == nil {
		return Posted{}, nil
	}
	m, t, err := s.storedMessage(c, [][]byte{dedupe})
	if m == nil || err != nil {
		return Posted{}, err
	}
	return Posted{Ticket: t, Message: m, Duplicate: true}, nil
}

// speak is what a message of the desk does to its ticket.
func (e *edit) speak(m *Message) error {
	t := e.t
	answer := m.Kind == KindReply && e.actor.Kind == ActorAgent
	data := ""
	if answer {
		data = e.carry(byReply)
	}
	if err := e.say(m, data); err != nil {
		return err
	}
	t.LastReplyPos = m.Pos
	if !answer {
		return nil
	}
	t.WaitingSince = nil
	t.AgentRead = t.LastSeq
	if t.FirstRepliedAt == nil {
		t.FirstRepliedAt = new(e.at)
	}
	if t.AssigneeID == nil {
		e.assign(&e.actor.ID)
	}
	return nil
}

const newerQuery = `SELECT m.pos FROM messages m WHERE m.ticket_id = ? AND m.pos > ? AND m.author_kind <> 'system'
 AND NOT (m.author_kind = ? AND m.author_id = ?) AND NOT (m.kind = 'note' AND m.author_kind = 'contact') AND m.state <> 'undone'
 ORDER BY m.pos DESC LIMIT 1`

// mayPost gives the reason why the message cannot go into the ticket as it stands, or nil.
func (c conn) mayPost(t *Ticket, a Actor, o Outgoing) error {
	if o.Kind == KindReply {
		switch t.Status {
		case StatusClosed:
			return fault.New(fault.Conflict, "error.ticket.closed")
		case StatusSpam:
			return fault.New(fault.Conflict, "error.ticket.spam")
		}
	}
	if o.Seen == nil || *o.Seen >= t.LastPos {
		return nil
	}
	var newest int64
	err := c.row(newerQuery, int64(t.ID), *o.Seen, string(a.Kind), int64(a.ID)).Scan(&newest)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // all that is newer is her own
	}
	if err != nil {
		return err
	}
	refusal := fault.New(fault.Conflict, "error.newer_messages")
	refusal.Args = map[string]any{"pos": newest}
	return refusal
}

// SaidBySystem tells whether the desk has said the message with this id of its own.
func (s *Service) SaidBySystem(ctx context.Context, clientID string) (bool, error) {
	m, _, err := s.storedMessage(on(s.store.Read(ctx)), [][]byte{s.dedupeKey(string(ActorSystem), 0, 0, clientID)})
	return m != nil, err
}
