package tickets

import "gorm.io/gorm"

// Change is what a committed write changed in one ticket: the hint that goes to the screens.
type Change struct {
	Ticket  *Ticket    // as it is after the commit, opened; Tags only in a ChangeTicket
	Message *Message   // a new or changed message, opened, or nil
	Events  []Event    // the event rows of this write in this ticket, in order; their N is not filled
	Type    ChangeType // what sort of change
}

// ChangeType is the sort of a change.
type ChangeType string

// The sorts of change.
const (
	ChangeMessage ChangeType = "message" // a new message
	ChangeState   ChangeType = "state"   // a message was recalled, erased, undone or moved, or a file of it is ready
	// ChangeReleased: a held reply was released. To the agents the message has changed, to the contact it is new.
	ChangeReleased ChangeType = "released"
	ChangeTicket   ChangeType = "ticket" // fields of the ticket
	ChangeRead     ChangeType = "read"   // read marks
)

// tell passes a change on once tx is committed.
func (s *Service) tell(tx *gorm.DB, c Change) {
	s.store.After(tx, func() {
		s.notify(c)
		if len(c.Events) > 0 {
			s.logged()
		}
	})
}
