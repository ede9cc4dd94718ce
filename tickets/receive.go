package tickets

import (
	"context"
	"database/sql"
	"errors"
	"unicode/utf8"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Receive takes in what a contact wrote, by whatever channel, and returns when it is durably stored: it finds or
// begins the ticket, gives the message its pos and seq, moves the status and writes the event rows, all in one
// transaction. The same outer id again, from the contact or one that was merged into her, changes nothing and gives
// what was stored the first time, even where the message would be refused now.
//
// Errors: Invalid (the text), NotFound (contact, inbox), Denied (contact blocked, inbox switched off, somebody else's
// ticket), Conflict (contact erased), Unavailable (Options.MayReceive: the disk is full).
func (s *Service) Receive(ctx context.Context, in Inbound) (Received, error) {
	a, err := s.arrive(in)
	if err != nil {
		return s.refuse(on(s.store.Read(ctx)), in, err)
	}
	var out Received
	for range 3 {
		err = s.store.Write(ctx, func(tx *gorm.DB) error {
			out, err = s.receive(on(tx), *a)
			return err
		})
		if !isDuplicate(err) {
			break
		}
	}
	if err != nil {
		return Received{}, err
	}
	return out, nil
}

// ReceiveTx is Receive inside a transaction of the caller, who has perhaps just made the contact in it. An error that is
// gorm.ErrDuplicatedKey says that at this moment another chat of hers was opened, instead of the solved one that the message
// would have opened again: try again in a new transaction.
func (s *Service) ReceiveTx(tx *gorm.DB, in Inbound) (Received, error) {
	a, err := s.arrive(in)
	if err != nil {
		return s.refuse(on(tx), in, err)
	}
	return s.receive(on(tx), *a)
}

// receive takes the short way when the contact has an open chat ticket: there it needs four statements.
func (s *Service) receive(c conn, a arrival) (Received, error) {
	if a.unusual() {
		return s.receiveSlowly(c, a)
	}
	t, blocked, err := s.openChat(c, c.lock(openChatQuery, "t"), a.InboxID, a.ContactID)
	if err != nil {
		return Received{}, err
	}
	if t == nil {
		return s.receiveSlowly(c, a)
	}
	if blocked {
		return s.refuse(c, a.Inbound, fault.New(fault.Denied, "error.contact.blocked"))
	}
	keys := s.keys(&a)
	if len(keys) > 1 { // the insert sees a conflict with her own key only
		if old, err := s.duplicate(c, keys); old.Duplicate || err != nil {
			return old, err
		}
	}
	return s.add(c, t, a, keys)
}

const openChatQuery = `SELECT ` + ticketColumns + `, p.blocked FROM tickets t JOIN contacts p ON p.id = t.contact_id
 WHERE t.inbox_id = ? AND t.contact_id = ? AND t.channel = 'chat' AND t.status IN ('new','open','pending')`

// openChat gives the contact's open chat ticket in the inbox, opened, and whether she is blocked; nil when she has none.
func (s *Service) openChat(c conn, query string, inbox, contact id.ID) (*Ticket, bool, error) {
	var blocked bool
	t := &Ticket{}
	err := c.row(query, int64(inbox), int64(contact)).Scan(append(t.scanned(), &blocked)...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return t, blocked, s.openTicket(c, t)
}

// duplicate answers a message that is stored already.
func (s *Service) duplicate(c conn, keys [][]byte) (Received, error) {
	m, t, err := s.storedMessage(c, keys)
	if m == nil || err != nil {
		return Received{}, err
	}
	return Received{Ticket: t, Message: m, Duplicate: true, Masked: m.Masked.Kinds()}, nil
}

// Earlier gives what an earlier sending of the message has stored; Duplicate is false when there was none. It is for
// a channel that would refuse the message before it comes to Receive.
func (s *Service) Earlier(ctx context.Context, in Inbound) (Received, error) {
	return s.refuse(on(s.store.Read(ctx)), in, nil)
}

// refuse refuses a message, unless an earlier sending of it is stored: that is answered as before, whatever has
// happened since.
func (s *Service) refuse(c conn, in Inbound, refusal error) (Received, error) {
	if in.SourceID == "" {
		return Received{}, refusal
	}
	person, err := c.livingContact(in.ContactID)
	if fault.As(err) != nil {
		return Received{}, refusal // nobody's message is stored
	}
	if err != nil {
		return Received{}, err
	}
	a := &arrival{Inbound: in}
	a.becomes(person)
	if old, err := s.duplicate(c, s.keys(a)); old.Duplicate || err != nil {
		return old, err
	}
	return Received{}, refusal
}

// add puts the message into a ticket that goes on: one that is active, or solved a short while ago.
func (s *Service) add(c conn, t *Ticket, a arrival, keys [][]byte) (Received, error) {
	e := s.begin(c, t, Actor{Kind: ActorContact, ID: a.ContactID}, a.at)
	return s.write(e, a, keys, false)
}

// write says the message, with all that a contact's message brings about, and saves the edit.
func (s *Service) write(e *edit, a arrival, keys [][]byte, created bool) (Received, error) {
	t := e.t
	if t.Channel == ChannelChat && t.InboxID == a.InboxID && utf8.RuneCountInString(a.SourceID) > ClientIDMax {
		return Received{}, fault.InvalidField("id", "too_long", "error.message.id", map[string]any{"max": ClientIDMax})
	}
	a.mask(t.Order)
	m := &Message{ID: s.ids.Next(), Kind: KindContact, AuthorKind: ActorContact, AuthorID: a.ContactID, ClientID: a.SourceID, Body: a.Body}
	m.Files, m.Masked = len(unique(a.Attachments)), a.masked
	if len(keys) > 0 {
		m.Dedupe = keys[0]
	}
	reopened := t.Status == StatusSolved && !a.Aside
	if err := e.hear(m, &a); err != nil {
		return Received{}, err
	}
	comes, err := e.guestComes(m)
	if err != nil {
		return Received{}, err
	}
	if e.fresh {
		if fits, err := e.c.insertTicket(t); !fits || err != nil {
			return Received{}, err // an empty answer: the caller looks again
		}
	}
	stored, err := s.insertMessage(e.c, t.KeyID, m)
	if err != nil {
		return Received{}, err
	}
	if !stored {
		return s.withdraw(e, keys)
	}
	if err := s.attachFromContact(e.c, m, a.Attachments, append([]id.ID{a.ContactID}, a.Aliases...)); err != nil {
		return Received{}, err
	}
	if comes {
		if err := e.c.insertParticipant(t.ID, a.ContactID, e.actor, e.at); err != nil {
			return Received{}, err
		}
	}
	if err := e.save(); err != nil {
		return Received{}, err
	}
	out := Received{Ticket: t, Message: m, Created: created, Reopened: reopened, Masked: a.masked.Kinds()}
	if a.Also != nil {
		if err := a.Also(e.c.tx, out); err != nil {
			return Received{}, err
		}
	}
	return out, nil
}

// withdraw gives up an edit whose message was stored by an earlier or concurrent sending: nothing was saved yet but,
// perhaps, the row of a new ticket.
func (s *Service) withdraw(e *edit, keys [][]byte) (Received, error) {
	if e.fresh {
		if _, err := e.c.exec(`DELETE FROM tickets WHERE id = ?`, int64(e.t.ID)); err != nil {
			return Received{}, err
		}
	}
	return s.duplicate(e.c, keys)
}
