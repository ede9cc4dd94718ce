package tickets

import (
	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// TicketTx gives a ticket, without its tags, within a transaction. Errors: NotFound.
func (s *Service) TicketTx(tx *gorm.DB, ticket id.ID) (*Ticket, error) {
	c := on(tx)
	t, err := c.ticket(selectTicket+` WHERE t.id = ?`, int64(ticket))
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, fault.New(fault.NotFound, "error.ticket.not_found")
	}
	return t, s.openTicket(c, t)
}

// RateTx keeps a score of a ticket that was given elsewhere (in a form), within a transaction; a comment given before stays. Errors: as Rate.
func (s *Service) RateTx(tx *gorm.DB, ticket id.ID, score int) error {
	if score < 1 || score > RatingMax {
		return fault.InvalidField("score", "invalid", "error.rating.score", map[string]any{"max": RatingMax})
	}
	c := on(tx)
	r := &Rating{ID: s.ids.Next(), TicketID: ticket, Score: score}
	old, err := s.rating(c, ticket)
	if err != nil {
		return err
	}
	if old != nil {
		r.Comment = old.Comment
	}
	return s.rate(c, r)
}

// FeedbackReceivedTx notes in the log that a contact has answered a form. data is a JSON object of ids, states and scores.
func (s *Service) FeedbackReceivedTx(tx *gorm.DB, contact, response id.ID, data string) error {
	return s.log(on(tx), Actor{Kind: ActorContact, ID: contact}, EventFeedbackReceived, response, data, Millis(s.now()))
}
