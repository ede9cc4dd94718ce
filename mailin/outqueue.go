package mailin

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Replied makes a letter of a reply at the moment in which it is said, inside the transaction in which that happens, after all of
// it was written and after ChooseTx. Replies in chats are no letters, unless the agent has chosen that; those in tickets that
// came by a form, by phone or from a program are told of by mail, where an address is known to be hers. Again for the same
// message is harmless.
func (s *Service) Replied(tx *gorm.DB, t *tickets.Ticket, m *tickets.Message) error {
	if m.Kind != tickets.KindReply || m.Seq == nil || m.State != tickets.StateAsWritten || t.KeyID == 0 {
		return nil
	}
	l, err := s.letterOf(tx, m.ID)
	if err != nil || l != nil && l.state != letterChosen || l == nil && t.Channel == tickets.ChannelChat {
		return err
	}
	if l == nil && t.Channel != tickets.ChannelEmail {
		if m.AuthorKind != tickets.ActorAgent {
			return nil
		}
		return s.tellByMail(tx.Statement.Context, tx, t, m.ID)
	}
	proposed, last, err := s.propose(tx, t, m.ID)
	if err != nil {
		return err
	}
	if l == nil {
		l = &letterRow{message: m.ID, ticket: t.ID, kind: kindAnswer, said: letterSaid{Answer: proposed}}
	}
	if l.said.Subject == "" {
		l.said.Subject = proposed.Subject
	}
	if last != nil {
		l.said.Answers = last.message
	}
	if l.said.Auto = m.AuthorKind == tickets.ActorSystem; l.said.Auto && strings.HasPrefix(m.ClientID, autoPrefix) {
		l.kind, l.said.CC, l.said.Quote = kindAuto, nil, false
		if last != nil { // it has the ticket's link: not to whoever else a mail of a forged writer asks to have it
			l.said.To = []eml.Address{last.head.From}
		}
	}
	a, err := s.sendsFor(tx, t)
	if err != nil {
		return err
	}
	return s.enqueue(tx, t, l, a)
}

// sendsFor gives the account by which answers of a ticket leave: its inbox's; for other channels the desk's first one. nil:
// there is none that can send.
func (s *Service) sendsFor(tx *gorm.DB, t *tickets.Ticket) (*Account, error) {
	rows, err := s.rows(tx, `ORDER BY inbox_id`)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		a := &rows[i].Account
		if a.SMTP.Host != "" && (t.Channel != tickets.ChannelEmail && a.Active || a.InboxID == t.InboxID) {
			return a, nil
		}
	}
	return nil, nil
}

// enqueue writes a letter down with those it goes to, and starts it. Where a is nil it says that there is no way.
func (s *Service) enqueue(tx *gorm.DB, t *tickets.Ticket, l *letterRow, a *Account) error {
	l.state, l.inbox = letterWaiting, t.InboxID
	before, err := s.letterBefore(tx, l)
	if err != nil {
		return err
	}
	if a == nil {
		l.state, l.reason = letterNoWay, "no_way"
	} else {
		_, domain, _ := strings.Cut(a.Address, "@")
		l.inbox, l.said.MessageID, l.said.Before = a.InboxID, s.tokens.MessageID(l.ticket, l.message, domain), before
	}
	if len(l.said.To)+len(l.said.CC) == 0 && a != nil {
		l.state, l.reason = letterFailed, "nobody"
	}
	fresh, err := s.insertLetter(tx, t.KeyID, l)
	if !fresh || err != nil {
		return err
	}
	good := 0
	state := func(address string) (State, string, error) {
		if a == nil {
			return NoWay, "no_way", nil
		}
		bad, err := s.isBad(tx, address)
		if bad || err != nil {
			return Refused, "known_bad", err
		}
		good++
		return Queued, "", nil
	}
	for _, part := range []struct {
		role   string
		people []eml.Address
	}{{roleTo, l.said.To}, {roleCC, l.said.CC}} {
		if err := s.insertRecipients(tx, t.KeyID, l, part.role, part.people, state); err != nil {
			return err
		}
	}
	if good == 0 {
		if l.reason == "" {
			l.reason = "known_bad"
		}
		return s.endLetter(tx, l, l.state, l.reason, true)
	}
	if err := s.rememberID(tx, l.said.MessageID, l.ticket, l.message); err != nil {
		return err
	}
	if err := s.Tickets.NoteMailTx(tx, l.message, "", ""); err != nil {
		return err
	}
	return s.Queue(tx, SendLetter{Message: l.message})
}

// letterBefore gives the Message-ID of the newest letter of a ticket, for one that answers no mail.
func (s *Service) letterBefore(tx *gorm.DB, l *letterRow) (string, error) {
	if l.said.Answers != 0 {
		return "", nil
	}
	found, err := s.letters(tx, `WHERE ticket_id = ? AND message_id < ? AND state <> 'chosen' ORDER BY message_id DESC LIMIT 1`, int64(l.ticket), int64(l.message))
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0].said.MessageID, nil
}

// isBad tells whether an address is known not to exist.
func (s *Service) isBad(tx *gorm.DB, address string) (bool, error) {
	var n int
	err := tx.Raw(`SELECT COUNT(*) FROM mail_addresses WHERE address_hash = ? AND until_at > ?`, s.addressHash(address), tickets.Millis(s.Now())).Row().Scan(&n)
	return n > 0, err
}

// endLetter notes what became of a letter for good; tell says that people are to be told that somebody did not get it.
func (s *Service) endLetter(tx *gorm.DB, l *letterRow, state, reason string, tell bool) error {
	if state == letterWaiting || state == letterSending {
		state = letterFailed
	}
	if err := tx.Exec(`UPDATE mail_letters SET state = ?, reason = ?, updated_at = ? WHERE message_id = ?`, state, reason, tickets.Millis(s.Now()), int64(l.message)).Error; err != nil {
		return err
	}
	event := tickets.EventType("")
	if tell && l.kind != kindAuto {
		event = tickets.EventMailFailed
	}
	return s.Tickets.NoteMailTx(tx, l.message, event, reason)
}

// Look starts the jobs of all letters that are due. Where there is one process, what another one was sending is due at its first
// look: that one has died.
func (s *Service) Look(ctx context.Context) error {
	if s.Lease == nil && !s.tookOver.Load() {
		err := s.Store.Write(ctx, func(tx *gorm.DB) error {
			// The first condition is the index's.
			return tx.Exec(`UPDATE mail_letters SET next_at = begun_at WHERE state IN ('waiting', 'sending') AND state = 'sending' AND begun_at < ?`, tickets.Millis(s.begun)).Error
		})
		if err != nil {
			return err
		}
		s.tookOver.Store(true)
	}
	var due []int64
	err := s.Store.Read(ctx).Raw(`SELECT message_id FROM mail_letters WHERE state IN ('waiting', 'sending') AND next_at <= ? ORDER BY next_at LIMIT ?`,
		tickets.Millis(s.Now()), dueMost).Scan(&due).Error
	if err != nil || len(due) == 0 {
		return err
	}
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		for _, message := range due {
			if err := s.Queue(tx, SendLetter{Message: id.ID(message)}); err != nil {
				return err
			}
		}
		return nil
	})
}
