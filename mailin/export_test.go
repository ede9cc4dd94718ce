package mailin

import "huiyin/tickets/id"

// AnswerAddress, NewMessageID and Mark are what leads back to a ticket.
func (s *Service) AnswerAddress(ticket id.ID) string {
	return s.tokens.Address("support@shop.test", ticket)
}

// NewMessageID makes a Message-ID of ours.
func (s *Service) NewMessageID(ticket, message id.ID) string {
	return s.tokens.MessageID(ticket, message, "shop.test")
}

// Mark makes the mark of a ticket.
func (s *Service) Mark(ticket id.ID) string { return s.tokens.Mark(ticket) }

// AtStep calls fn at each step of a try.
func (s *Service) AtStep(fn func(step string)) { s.atStep = fn }

// ReasonOf and ForeignIDs read what servers say; AnswerSubject is the subject of an answer.
var (
	ReasonOf      = reasonOf
	ForeignIDs    = foreignIDs
	AnswerSubject = answerSubject
)

// Queries that a table of a million mails must not slow down.
var (
	CountWaiting = countWaiting
	GoesAlong    = goesAlong
)
