package tickets

import (
	"context"
	"errors"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// DefaultReopenDays is how long a contact's message reopens a solved ticket where the inbox says nothing.
const DefaultReopenDays = 7

// ReopenNever as an inbox's reopen days begins a new ticket with the first message after a solved one.
const ReopenNever = -1

const dayMillis = 24 * 60 * 60 * 1000

// goesOn tells whether a contact's next message belongs to this ticket: it is active, or was solved so short a while
// ago that the message reopens it. Closed, merged and spam tickets are left alone.
func (t *Ticket) goesOn(set InboxSettings, now int64) bool {
	if t.Status.Active() {
		return true
	}
	return t.Status == StatusSolved && t.SolvedAt != nil && set.ReopenDays != ReopenNever && now-*t.SolvedAt <= set.reopenDays()*dayMillis
}

func (i InboxSettings) reopenDays() int64 {
	if i.ReopenDays > 0 {
		return int64(i.ReopenDays)
	}
	return DefaultReopenDays
}

const newestChatQuery = selectTicket + ` WHERE t.contact_id = ? AND t.inbox_id = ? AND t.channel = 'chat' ORDER BY t.id DESC LIMIT 1`

// CurrentChat gives the ticket that the contact's next message in this chat inbox will belong to: her open one, or the
// one that was solved within the inbox's reopen days. It gives nil when the next message begins a new ticket.
// Errors: NotFound (the inbox).
func (s *Service) CurrentChat(ctx context.Context, inbox, contact id.ID) (*Ticket, error) {
	c := on(s.store.Read(ctx))
	t, _, err := s.openChat(c, openChatQuery, inbox, contact)
	if t != nil || err != nil {
		return t, err
	}
	if t, err = c.ticket(newestChatQuery, int64(contact), int64(inbox)); t == nil || err != nil {
		return nil, err
	}
	box, err := s.inbox(c, inbox)
	if err != nil {
		return nil, err
	}
	if !t.goesOn(box.Settings, Millis(s.now())) {
		return nil, nil
	}
	return t, s.openTicket(c, t)
}

// receiveSlowly is the way of a first message, of a solved ticket, of other channels and of whatever is unusual. The
// contact's row is held against a merge meanwhile. When two first messages of one contact meet, the later one finds
// the ticket of the earlier one at its second look.
func (s *Service) receiveSlowly(c conn, a arrival) (Received, error) {
	person, err := s.writer(c, &a)
	if err != nil {
		return Received{}, err
	}
	box, err := s.inbox(c, a.InboxID)
	if err != nil {
		return Received{}, err
	}
	keys := s.keys(&a)
	for range 5 {
		last, goesOn, err := s.placeOf(c, &a, box, person)
		if err != nil {
			return Received{}, err
		}
		if old, err := s.duplicate(c, keys); old.Duplicate || err != nil {
			return old, err
		}
		if person.Blocked && !a.endsAtOnce() {
			return Received{}, fault.New(fault.Denied, "error.contact.blocked")
		}
		if box.DisabledAt != nil {
			return Received{}, fault.New(fault.Denied, "error.inbox.disabled")
		}
		if most := fileMost(box); len(a.Attachments) > most {
			return Received{}, tooMany("attachments", "error.message.attachments", most)
		}
		if goesOn {
			return s.add(c, last, a, keys)
		}
		if got, err := s.startTicket(c, a, box, person, last, keys); got.Ticket != nil || err != nil {
			return got, err
		}
	}
	return Received{}, errors.New("receive: the contact's open ticket keeps appearing and vanishing")
}

// writer gives the contact who writes. One that was merged away stands for the one that she became, and her old outer
// ids stay hers.
func (s *Service) writer(c conn, a *arrival) (*Contact, error) {
	person, err := c.heldContact(a.ContactID)
	if err != nil {
		return nil, err
	}
	a.becomes(person)
	return person, nil
}

// becomes makes the message the person's, who is its contact or the one that the contact became.
func (a *arrival) becomes(person *Contact) {
	if person.ID != a.ContactID {
		a.Aliases = append([]id.ID{a.ContactID}, a.Aliases...)
		a.ContactID = person.ID
	}
}

// lastTicket gives the ticket that the message may belong to, locked and opened: the named one or where it was merged into, else in
// chat the open one or the newest one, else none.
func (s *Service) lastTicket(c conn, a *arrival, box *Inbox) (t *Ticket, err error) {
	switch {
	case a.TicketID != 0:
		end, err := c.endOfMerges(a.TicketID)
		if err != nil {
			return nil, err
		}
		if t, err = s.locked(c, end); err != nil {
			return nil, err
		}
		if !a.Joins && (t.ContactID != a.ContactID || end == a.TicketID && t.InboxID != a.InboxID) {
			return nil, fault.New(fault.Denied, "error.denied")
		}
		return t, nil
	case box.Channel != ChannelChat:
		return nil, nil
	}
	if t, _, err = s.openChat(c, c.lock(openChatQuery, "t"), a.InboxID, a.ContactID); t != nil || err != nil {
		return t, err
	}
	if t, err = c.ticket(c.lock(newestChatQuery, "t"), int64(a.ContactID), int64(a.InboxID)); t == nil || err != nil {
		return nil, err
	}
	return t, s.openTicket(c, t)
}

// startTicket begins a ticket with the message as its first; an empty answer says that an open chat ticket has
// appeared meanwhile.
func (s *Service) startTicket(c conn, a arrival, box *Inbox, person *Contact, last *Ticket, keys [][]byte) (Received, error) {
	number, err := c.nextNumber()
	if err != nil {
		return Received{}, err
	}
	t := &Ticket{
		ID: s.ids.Next(), Number: number, InboxID: box.ID, Channel: box.Channel, ContactID: person.ID, KeyID: person.KeyID,
		Status: StatusNew, Priority: PriorityNormal, CreatedAt: a.at, UpdatedAt: a.at, LastMessageAt: a.at,
	}
	if last != nil {
		t.PreviousID = &last.ID
	}
	begun := ""
	if a.endsAtOnce() {
		t.move(a.BeginAs, a.at)
		begun = begunAs(a.BeginAs)
	} else if t.FirstReplyDueAt, err = s.firstReplyDue(c, box, a.at); err != nil {
		return Received{}, err
	}
	a.mask("") // the subject too
	t.Subject = a.Subject
	if t.SubjectSealed, err = s.sealed(c, t.KeyID, "tickets", "subject", t.ID, t.Subject); err != nil {
		return Received{}, err
	}
	e := s.begin(c, t, Actor{Kind: ActorContact, ID: person.ID}, a.at)
	e.fresh = true
	e.event(EventTicketCreated, 0, begun)
	return s.write(e, a, keys, true)
}

// nextNumber gives the next ticket number; numbers have gaps where a ticket did not come about.
func (c conn) nextNumber() (n int64, err error) {
	if c.postgres {
		err = c.row(`SELECT nextval('ticket_number')`).Scan(&n)
		return n, err
	}
	err = c.row(`UPDATE counters SET n = n + 1 WHERE name = 'ticket' RETURNING n`).Scan(&n)
	return n, err
}
