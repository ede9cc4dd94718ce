package tickets

import (
	"strings"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// NoteMailTx tells of a message that left as mail, inside a transaction of the caller: that it failed or came back
// (EventMailFailed, EventMailBounced, with a word of the program as the reason), in the ticket where the message is worked
// on now; or, with no event, only the screens that its state is another. A failure calls for the desk again: the ticket
// is open and waits, unless it is closed, spam, or a chat, whose answers are in the chat all the same. A message that is
// gone is passed over.
func (s *Service) NoteMailTx(tx *gorm.DB, message id.ID, event EventType, reason string) error {
	c := on(tx)
	m, err := c.message(selectMessage+` WHERE m.id = ?`, int64(message))
	if m == nil || err != nil {
		return err
	}
	e, err := s.editEnd(c, system, m.TicketID)
	if err != nil || e.t.KeyID == 0 {
		return err
	}
	if err := s.openMessage(c, m); err != nil {
		return err
	}
	if err := s.withFiles(c, m); err != nil {
		return err
	}
	own := e.t.ID == m.TicketID && e.t.Channel != ChannelChat // shoppers of a chat have no use for the hint
	if own {
		e.kind, e.message = ChangeState, m
	}
	if event == "" {
		if own {
			s.tell(tx, Change{Ticket: e.t, Message: m, Type: ChangeState})
		}
		return nil
	}
	e.event(event, m.ID, `{"reason":"`+strings.Map(wordRune, reason)+`"}`)
	if e.t.Channel != ChannelChat {
		e.callAgain()
	}
	return e.save()
}

// callAgain makes a ticket wait for the desk as if its contact had written.
func (e *edit) callAgain() {
	t := e.t
	e.move(follow(t.Status, byContact))
	if !t.Status.Active() {
		return
	}
	if t.WaitingSince == nil {
		t.WaitingSince = new(e.at)
	}
	if t.SnoozedUntil != nil {
		t.SnoozedUntil = nil
		e.event(EventWoken, 0, "")
	}
}
