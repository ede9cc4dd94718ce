package tickets

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// A guest is who writes in a ticket that is another contact's: she was named in a mail's Cc, or answered a mail that was
// passed on to her. Her message is sealed with the key of the ticket's contact, as all of the ticket, and names her in
// guest_id, by which her export finds it and her erasure empties it.

// Words of events by which readers know what nobody is to be told of.
const asideData = `{"aside":true}`

func begunAs(status Status) string { return `{"begun":"` + string(status) + `"}` }

// Quiet tells whether an event of a message or a new ticket calls for nothing: an automatic reply, or what was taken for
// spam or blocked from the beginning.
func (e *Event) Quiet() bool {
	return (e.Type == EventMessageCreated || e.Type == EventTicketCreated) && (e.Data == asideData || strings.HasPrefix(e.Data, `{"begun":`))
}

// placeOf gives the ticket that the message may belong to, as lastTicket, and whether it goes on there. A named chat that
// does not go on, or would have to be opened beside another, gives way to the writer's open one.
func (s *Service) placeOf(c conn, a *arrival, box *Inbox, person *Contact) (t *Ticket, goesOn bool, err error) {
	if t, err = s.lastTicket(c, a, box); t == nil || err != nil {
		return t, false, err
	}
	if a.Aside {
		return t, true, nil
	}
	if person.Blocked || t.KeyID == 0 {
		return t, false, nil
	}
	own := box
	if t.InboxID != box.ID {
		if own, err = s.inbox(c, t.InboxID); err != nil {
			return nil, false, err
		}
	}
	goesOn = t.goesOn(own.Settings, a.at)
	if a.TicketID == 0 || t.Status.Active() {
		return t, goesOn, nil
	}
	if goesOn && t.Channel == ChannelChat { // it cannot be opened beside another
		if other, _, err := s.openChat(c, openChatQuery, t.InboxID, t.ContactID); err != nil || other == nil {
			return t, other == nil, err
		}
		goesOn = false
	}
	if goesOn {
		return t, true, nil
	}
	if box.Channel != ChannelChat {
		return s.followUp(c, a, t)
	}
	open, _, err := s.openChat(c, c.lock(openChatQuery, "t"), a.InboxID, a.ContactID)
	if open == nil || err != nil {
		return t, false, err
	}
	return open, true, nil
}

// followUp gives the ticket that the writer of a mail has begun already since this one ended, where that is so: who writes twice
// does not begin two.
func (s *Service) followUp(c conn, a *arrival, ended *Ticket) (t *Ticket, goesOn bool, err error) {
	if !a.Joins || ended.Channel != ChannelEmail || a.endsAtOnce() {
		return ended, false, nil
	}
	found, err := c.ids(`SELECT t.id FROM tickets t WHERE t.contact_id = ? AND t.previous_id = ? AND t.status IN ('new','open','pending') ORDER BY t.id DESC LIMIT 1`,
		int64(a.ContactID), int64(ended.ID))
	if len(found) == 0 || err != nil {
		return ended, false, err
	}
	if t, err = s.locked(c, found[0]); err != nil || !t.Status.Active() { // it has ended too meanwhile
		return ended, false, err
	}
	return t, true, nil
}

// guestComes notes that the writer of the message takes part from now on, where she is a guest who did not before and
// there is room for one more; her row is the caller's to insert once the message is stored.
func (e *edit) guestComes(m *Message) (bool, error) {
	if m.GuestID == nil || m.Kind != KindContact {
		return false, nil
	}
	fresh, err := e.newHere([]id.ID{*m.GuestID})
	if len(fresh) == 0 || err != nil {
		return false, err
	}
	e.event(EventParticipantIn, *m.GuestID, "")
	return true, nil
}

// GuestMessages gives what a contact wrote in tickets of others, with an id after one, in order; what the tickets' own
// people wrote is not hers.
func (s *Service) GuestMessages(ctx context.Context, contact, after id.ID, limit int) ([]Message, error) {
	return s.messages(on(s.store.Read(ctx)), selectMessage+` WHERE m.guest_id = ? AND m.id > ? ORDER BY m.id LIMIT ?`,
		int64(contact), int64(after), clamp(limit, PageUsual, PageMax))
}

// emptyGuest empties what a contact wrote in tickets of others, ticket by ticket.
func (s *Service) emptyGuest(ctx context.Context, contact id.ID) error {
	const left = `SELECT m.ticket_id FROM messages m WHERE m.guest_id = ? AND m.state <> 'erased' ORDER BY m.id LIMIT 1`
	for {
		next, err := on(s.store.Read(ctx)).ids(left, int64(contact))
		if len(next) == 0 || err != nil {
			return err
		}
		err = s.store.Write(ctx, func(tx *gorm.DB) error { return s.emptyGuestPiece(on(tx), next[0], contact) })
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(erasePause):
		}
	}
}

func (s *Service) emptyGuestPiece(c conn, ticket, contact id.ID) error {
	t, err := s.locked(c, ticket)
	if err != nil {
		return err
	}
	piece, err := s.messages(c, selectMessage+` WHERE m.guest_id = ? AND m.ticket_id = ? AND m.state <> 'erased' ORDER BY m.id LIMIT ?`,
		int64(contact), int64(ticket), erasedAtOnce)
	if err != nil {
		return err
	}
	at := Millis(s.now())
	for i := range piece {
		m := &piece[i]
		if err := c.emptyMessage(m, StateErased, at); err != nil {
			return err
		}
		s.tell(c.tx, Change{Ticket: t, Message: m, Type: ChangeState})
	}
	return s.previewAgain(c, t)
}

// emptyMessage takes from a message all that was said in it.
func (c conn) emptyMessage(m *Message, state MessageState, at int64) error {
	m.State, m.Body, m.BodySealed, m.ClientID, m.ClientSealed, m.ChangedAt, m.Attachments = state, "", nil, "", nil, &at, nil
	_, err := c.exec(`UPDATE messages SET body = NULL, client_id = NULL, dedupe = NULL, state = ?, changed_at = ? WHERE id = ?`,
		string(state), at, int64(m.ID))
	return err
}

// previewAgain brings a ticket's preview up to date with what is left of its messages.
func (s *Service) previewAgain(c conn, t *Ticket) error {
	if t.KeyID == 0 {
		return nil
	}
	e := s.begin(c, t, system, Millis(s.now()))
	if err := e.previewBefore(t.LastSeq + 1); err != nil {
		return err
	}
	if _, err := c.exec(`UPDATE tickets SET preview = ? WHERE id = ?`, t.PreviewSealed, int64(t.ID)); err != nil {
		return err
	}
	if err := s.loadTags(c, t); err != nil {
		return err
	}
	s.tell(c.tx, Change{Ticket: t, Type: ChangeTicket})
	return nil
}
