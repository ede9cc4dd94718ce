package tickets

import (
	"context"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// edit is one write to one ticket. It holds the locked row, collects what happens to it and saves all of it in few
// statements: the row, the event rows, the kept counters, and after the commit the word to the screens.
//
// Every change of a ticket goes through an edit, so pos has no gaps, the counters are right and nobody is forgotten.
type edit struct {
	s       *Service
	c       conn
	t       *Ticket // as it becomes
	was     Ticket  // as it was read
	fresh   bool    // t is inserted by this write, not updated
	actor   Actor
	at      int64
	kind    ChangeType
	message *Message
	events  []Event
	told    int // how many of events went out with a message before the newest
}

// begin starts an edit of a row that was read and opened in this transaction, under its lock.
func (s *Service) begin(c conn, t *Ticket, a Actor, at int64) *edit {
	return &edit{s: s, c: c, t: t, was: *t, actor: a, at: at, kind: ChangeTicket}
}

// event adds a row to the timeline, at the next place.
func (e *edit) event(typ EventType, subject id.ID, data string) {
	e.t.LastPos++
	ev := Event{TicketID: &e.t.ID, Pos: new(e.t.LastPos), Type: typ, ActorKind: e.actor.Kind, ActorID: e.actor.ID, Data: data, At: e.at}
	if subject != 0 {
		ev.SubjectID = new(subject)
	}
	e.events = append(e.events, ev)
}

// say puts a message into the timeline at the next place, and into what the contact sees unless it is a note or held. data
// tells which move of the status comes with it. The message's row is not inserted yet.
func (e *edit) say(m *Message, data string) error {
	m.TicketID, m.CreatedAt = e.t.ID, e.at
	e.event(EventMessageCreated, m.ID, data)
	m.Pos = e.t.LastPos
	e.kind, e.message, e.t.EmptiedAt = ChangeMessage, m, nil
	if m.Kind == KindNote || m.State == StateHeld {
		return nil
	}
	e.t.LastSeq++
	m.Seq = new(e.t.LastSeq)
	e.t.LastMessageAt = max(e.t.LastMessageAt, e.at)
	if m.AuthorKind == ActorSystem && e.t.Preview != "" {
		return nil // the lists go on to show what a person has said
	}
	return e.previewOf(m)
}

// previewOf shows the message in lists.
func (e *edit) previewOf(m *Message) error {
	if m.Body == "" && m.Files > 0 {
		return e.preview(filePreview)
	}
	return e.preview(preview(m.Body))
}

func (e *edit) preview(text string) (err error) {
	e.t.Preview = text
	e.t.PreviewSealed, err = e.s.sealed(e.c, e.t.KeyID, "tickets", "preview", e.t.ID, text)
	return err
}

// move changes the status with an event row of its own.
func (e *edit) move(to Status) {
	if from := e.t.Status; from != to {
		e.t.move(to, e.at)
		e.event(EventStatusChanged, 0, fromTo(from, to))
	}
}

// carry changes the status along with a message: it has no row of its own, the message's event tells it. A chat goes
// to and fro between open and pending with every message, which nobody wants to read.
func (e *edit) carry(by cause) (data string) {
	from, to := e.t.Status, follow(e.t.Status, by)
	if from == to {
		return ""
	}
	e.t.move(to, e.at)
	return fromTo(from, to)
}

// save writes what the edit collected. An edit without events changed nothing and writes nothing.
func (e *edit) save() error {
	deltas, err := e.saveAll()
	if err != nil {
		return err
	}
	return e.c.count(deltas)
}

// saveAll is save without the counters, for a transaction that makes several edits and counts at its end.
func (e *edit) saveAll() ([]delta, error) {
	if len(e.events) == 0 {
		return nil, nil
	}
	e.t.UpdatedAt = e.at
	if !e.fresh {
		if err := e.c.saveTicket(&e.was, e.t); err != nil {
			return nil, err
		}
	}
	if err := e.c.insertEvents(e.events); err != nil {
		return nil, err
	}
	if e.kind == ChangeTicket {
		if err := e.s.loadTags(e.c, e.t); err != nil {
			return nil, err
		}
	}
	e.s.tell(e.c.tx, Change{Ticket: e.t, Message: e.message, Events: e.events[e.told:], Type: e.kind})
	return e.deltas(), nil
}

// tellNow passes on the newest message with what came with it, in an edit that is about several.
func (e *edit) tellNow() {
	e.s.tell(e.c.tx, Change{Ticket: e.t, Message: e.message, Events: e.events[e.told:], Type: e.kind})
	e.kind, e.message, e.told = ChangeTicket, nil, len(e.events)
}

// locked reads a ticket under its lock and opens it. Errors: NotFound.
func (s *Service) locked(c conn, ticket id.ID) (*Ticket, error) {
	t, err := c.ticket(c.lock(selectTicket+` WHERE t.id = ?`, "t"), int64(ticket))
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, fault.New(fault.NotFound, "error.ticket.not_found")
	}
	return t, s.openTicket(c, t)
}

// change lets somebody of the desk change a ticket: it opens the transaction, looks at who it is, locks the ticket,
// calls fn and saves. Errors: Denied, NotFound and those of fn.
func (s *Service) change(ctx context.Context, a Actor, ticket id.ID, fn func(e *edit) error) (*Ticket, error) {
	var out *Ticket
	err := s.store.Write(ctx, func(tx *gorm.DB) error {
		c := on(tx)
		if err := c.mayWork(a); err != nil {
			return err
		}
		t, err := s.locked(c, ticket)
		if err != nil {
			return err
		}
		e := s.begin(c, t, a, Millis(s.now()))
		if err := fn(e); err != nil {
			return err
		}
		if err := e.save(); err != nil {
			return err
		}
		if out = t; t.Tags != nil {
			return nil
		}
		return s.loadTags(c, t)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
