package mailin

import (
	"regexp"
	"slices"
	"strconv"

	"gorm.io/gorm"

	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Why a mail stands in its ticket; the words for people are elsewhere.
const (
	reasonNew        = "new"        // nothing led to a ticket
	reasonPlus       = "plus"       // it came to an answer address of the ticket
	reasonToken      = "token"      // it answers a mail of ours
	reasonReferences = "references" // it answers a mail that is in the ticket
	reasonParent     = "parent"     // a mail of the ticket answers it
	reasonMark       = "mark"       // it quotes the mark of a mail of ours
	reasonNumber     = "number"     // its subject has the ticket's number, and its writer has a part in it
	reasonEnded      = "ended"      // it belongs to a ticket that has ended: a new one that is linked to it
	reasonMoved      = "moved"      // an agent has put it there
)

const referencesLooked = 50 // Message-IDs of a mail that are looked up, the newest first

// thread finds the ticket that a mail belongs to; zero: a new one. Only a signed token, or a mail that is in the ticket, lets
// somebody in who had no part in it: a number can be guessed.
func (s *Service) thread(tx *gorm.DB, l *letter, writer id.ID) error {
	for _, find := range []func(*gorm.DB, *letter, id.ID) (id.ID, string, error){s.byAnswered, s.byPlus, s.bySame, s.byParent, s.byMark, s.byNumber} {
		ticket, reason, err := find(tx, l, writer)
		if err != nil {
			return err
		}
		if ticket == 0 {
			continue
		}
		there, err := exists(tx, ticket)
		if err != nil {
			return err
		}
		if there {
			l.ticket, l.reason = ticket, reason
			return nil
		}
	}
	l.reason = reasonNew
	return nil
}

// exists tells whether a ticket is there: a token may outlive it.
func exists(tx *gorm.DB, ticket id.ID) (bool, error) {
	var n int
	err := tx.Raw(`SELECT COUNT(*) FROM tickets WHERE id = ? AND key_id <> 0`, int64(ticket)).Row().Scan(&n)
	return n == 1, err
}

// recipients are all addresses that a mail was sent or delivered to.
func (l *letter) recipients() []eml.Address { return slices.Concat(l.To, l.CC, l.Delivered) }

func (s *Service) byPlus(_ *gorm.DB, l *letter, _ id.ID) (id.ID, string, error) {
	for _, to := range l.recipients() {
		if ticket, ok := s.tokens.FromAddress(to.Address); ok {
			return ticket, reasonPlus, nil
		}
	}
	return 0, "", nil
}

// answered are the Message-IDs that a mail says it answers, the nearest first.
func (l *letter) answered() []string {
	out := slices.Clone(l.InReplyTo)
	for _, one := range slices.Backward(l.References) {
		if !slices.Contains(out, one) && len(out) < referencesLooked {
			out = append(out, one)
		}
	}
	return out
}

// byAnswered looks for what a mail answers, the nearest first: a mail of ours, or one that is in a ticket. It comes before the answer
// address, which stays that of the conversation's beginning when a mail was moved or began a ticket of its own.
func (s *Service) byAnswered(tx *gorm.DB, l *letter, _ id.ID) (id.ID, string, error) {
	for _, one := range l.answered() {
		if ticket, _, ok, err := s.ours(tx, one); ok || err != nil {
			return ticket, reasonToken, err
		}
		if ticket, err := s.ticketOf(tx, one); ticket != 0 || err != nil {
			return ticket, reasonReferences, err
		}
	}
	return 0, "", nil
}

// bySame looks for tickets that wait for a mail which this one answers too. A mail that is not here says little: a letter to all
// customers is answered by many who have nothing to do with each other.
func (s *Service) bySame(tx *gorm.DB, l *letter, writer id.ID) (id.ID, string, error) {
	for _, one := range l.answered() {
		if ticket, err := s.awaiting(tx, l, one, writer); ticket != 0 || err != nil {
			return ticket, reasonReferences, err
		}
	}
	return 0, "", nil
}

// awaiting gives the newest ticket that waits for the mail of a Message-ID and in which the writer takes part, or to whose contact
// she has written: who names a Message-ID that she knows from elsewhere gets nothing, and nobody else's mails.
func (s *Service) awaiting(tx *gorm.DB, l *letter, messageID string, writer id.ID) (ticket id.ID, err error) {
	const waits = ` FROM mail_ids i JOIN tickets t ON t.id = i.ticket_id WHERE i.hash = ? AND i.message_id = 0 AND t.key_id <> 0`
	var n int
	if err := tx.Raw(`SELECT COUNT(*)`+waits, s.idHash(messageID)).Row().Scan(&n); n == 0 || err != nil {
		return 0, err
	}
	people := []id.ID{writer}
	for _, to := range few(slices.Concat(l.To, l.CC)) {
		p, err := s.Tickets.ContactByIdentityTx(tx, tickets.IdentityEmail, to.Address)
		if err != nil {
			return 0, err
		}
		if p != nil {
			people = append(people, p.ID)
		}
	}
	err = all(tx, func(scan func(...any) error) error { return scan((*int64)(&ticket)) }, `SELECT i.ticket_id`+waits+` AND (t.contact_id IN ? OR EXISTS (
 SELECT 1 FROM ticket_participants tp JOIN contacts p ON p.id = tp.contact_id WHERE tp.ticket_id = t.id AND (p.id = ? OR p.merged_into = ?)))
 ORDER BY i.ticket_id DESC LIMIT 1`, s.idHash(messageID), people, int64(writer), int64(writer))
	return ticket, err
}

// byParent finds the ticket of an answer that came before what it answers.
func (s *Service) byParent(tx *gorm.DB, l *letter, writer id.ID) (id.ID, string, error) {
	if l.MessageID == "" {
		return 0, "", nil
	}
	ticket, err := s.awaiting(tx, l, l.MessageID, writer)
	return ticket, reasonParent, err
}

func (s *Service) byMark(_ *gorm.DB, l *letter, _ id.ID) (id.ID, string, error) {
	ticket, ok := s.tokens.FromText(l.Whole)
	if !ok && l.HTML != "" && !l.TextOfHTML {
		ticket, ok = s.tokens.FromText(l.HTML)
	}
	if !ok {
		return 0, "", nil
	}
	return ticket, reasonMark, nil
}

// numberForms are the ways in which an answer keeps the number that we put into a subject.
var numberForms = regexp.MustCompile(`[\[【(（]\s*#\s*(\d{1,18})\s*[\]】)）]`)

func (s *Service) byNumber(tx *gorm.DB, l *letter, writer id.ID) (id.ID, string, error) {
	for _, found := range numberForms.FindAllStringSubmatch(l.Subject, 5) {
		number, err := strconv.ParseInt(found[1], 10, 64)
		if err != nil {
			continue
		}
		var ticket id.ID
		err = all(tx, func(scan func(...any) error) error { return scan((*int64)(&ticket)) }, `SELECT id FROM tickets WHERE number = ?`, number)
		if err != nil {
			return 0, "", err
		}
		if ticket == 0 {
			continue
		}
		part, err := s.Tickets.IsParticipantTx(tx, ticket, writer)
		if err != nil {
			return 0, "", err
		}
		if part {
			return ticket, reasonNumber, nil
		}
		l.named = number
	}
	return 0, "", nil
}
