package mailin

import (
	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

func (s *Service) idHash(messageID string) []byte { return s.Sealer.Hash(hashID, messageID) }

// ticketOf gives the newest ticket that has the mail of a Message-ID.
func (s *Service) ticketOf(tx *gorm.DB, messageID string) (ticket id.ID, err error) {
	err = all(tx, func(scan func(...any) error) error { return scan((*int64)(&ticket)) },
		`SELECT ticket_id FROM mail_ids WHERE hash = ? AND message_id <> 0 ORDER BY ticket_id DESC LIMIT 1`, s.idHash(messageID))
	return ticket, err
}

// ours reads a Message-ID of ours: the ticket where the message stands now, which it may have been moved to, and its id there.
func (s *Service) ours(tx *gorm.DB, messageID string) (ticket, message id.ID, ok bool, err error) {
	ticket, message, ok = s.tokens.FromMessageID(messageID)
	for range movesFollowed {
		if !ok || err != nil {
			break
		}
		var next, copied id.ID
		err = all(tx, func(scan func(...any) error) error { return scan((*int64)(&next), (*int64)(&copied)) },
			`SELECT c.ticket_id, c.id FROM messages m JOIN messages c ON c.ticket_id = m.moved_to AND c.copied_from = m.id WHERE m.id = ? AND m.moved_to IS NOT NULL`, int64(message))
		if next == 0 {
			break
		}
		ticket, message = next, copied
	}
	return ticket, message, ok, err
}

const movesFollowed = 20

// remember notes the Message-IDs by which later mails find the ticket: the mail's own, and, of a ticket that it begins, those that
// it answers and that have not come.
func (s *Service) remember(tx *gorm.DB, l *letter, t *tickets.Ticket, m *tickets.Message) error {
	if l.MessageID != "" {
		if err := s.rememberID(tx, l.MessageID, t.ID, m.ID); err != nil {
			return err
		}
	}
	for i, one := range l.answered() {
		if i == referencesMost {
			break
		}
		if err := s.rememberID(tx, one, t.ID, 0); err != nil {
			return err
		}
	}
	return nil
}

// joinOthers merges tickets of the same person that wait for this mail into its ticket: an answer to it, and an answer to what it
// answers, may both have come before it.
func (s *Service) joinOthers(tx *gorm.DB, l *letter, t *tickets.Ticket) error {
	if l.MessageID == "" || !t.Status.Active() {
		return nil
	}
	var others []id.ID
	err := all(tx, func(scan func(...any) error) error {
		var one id.ID
		err := scan((*int64)(&one))
		others = append(others, one)
		return err
	}, `SELECT i.ticket_id FROM mail_ids i JOIN tickets t ON t.id = i.ticket_id WHERE i.hash = ? AND i.message_id = 0 AND i.ticket_id <> ? AND t.contact_id = ?
 AND t.merged_into IS NULL AND t.status IN ('new','open','pending') ORDER BY i.ticket_id LIMIT 5`, s.idHash(l.MessageID), int64(t.ID), int64(t.ContactID))
	for _, other := range others {
		if err == nil {
			_, err = s.Tickets.MergeTicketTx(tx, tickets.Actor{Kind: tickets.ActorSystem}, other, t.ID)
		}
	}
	return err
}

// rememberID notes that a Message-ID belongs to a ticket. message is zero for a mail that has not come.
func (s *Service) rememberID(tx *gorm.DB, messageID string, ticket, message id.ID) error {
	keep := `DO NOTHING`
	if message != 0 {
		keep = `DO UPDATE SET message_id = excluded.message_id`
	}
	return tx.Exec(`INSERT INTO mail_ids (ticket_id, hash, message_id, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (hash, ticket_id) `+keep,
		int64(ticket), s.idHash(messageID), int64(message), tickets.Millis(s.Now())).Error
}
