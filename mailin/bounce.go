package mailin

import (
	"gorm.io/gorm"

	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// bounced notes that a mail of ours did not arrive; known is false when it is no mail of ours that it speaks of. It never makes
// another mail leave.
func (s *Service) bounced(tx *gorm.DB, l *letter) (known bool, err error) {
	ticket, message, err := s.original(tx, l)
	if err != nil || ticket == 0 {
		return false, err
	}
	there, err := exists(tx, ticket)
	if err != nil || !there {
		return there, err
	}
	sent, r, err := s.whose(tx, ticket, message, l.Bounce.Recipient)
	if err != nil {
		return false, err
	}
	if message == 0 && sent == nil { // only an answer address of the ticket speaks for it, and it never wrote there
		return false, nil
	}
	var contact int64
	if err := tx.Raw(`SELECT contact_id FROM tickets WHERE id = ?`, int64(ticket)).Row().Scan(&contact); err != nil {
		return false, err
	}
	l.about.contact, l.about.ticket = id.ID(contact), ticket
	if err := s.Sealer.GiveKey(tx, l.Key, id.ID(contact)); err != nil {
		return false, err
	}
	if sent == nil {
		return true, nil
	}
	l.about.message = sent.message
	return true, s.noteBounce(tx, l, sent, r)
}

// original finds the ticket that a mail was sent in which now comes back, and the message, where that can be told.
func (s *Service) original(tx *gorm.DB, l *letter) (ticket, message id.ID, err error) {
	b := l.Bounce
	if ticket, message, ok, err := s.ours(tx, b.OriginalID); ok || err != nil {
		return ticket, message, err
	}
	if b.OriginalID != "" { // as a provider has named it
		err := all(tx, func(scan func(...any) error) error { return scan((*int64)(&ticket), (*int64)(&message)) },
			`SELECT i.ticket_id, i.message_id FROM mail_ids i JOIN mail_letters m ON m.message_id = i.message_id WHERE i.hash = ? ORDER BY i.ticket_id DESC LIMIT 1`, s.idHash(b.OriginalID))
		if ticket != 0 || err != nil {
			return ticket, message, err
		}
	}
	for _, one := range append(append([]string{}, b.OriginalReferences...), l.answered()...) {
		if ticket, ok := s.tokens.FromAddress(one); ok {
			return ticket, 0, nil
		}
		if ticket, _, ok, err := s.ours(tx, one); ok || err != nil {
			return ticket, 0, err
		}
	}
	for _, to := range l.recipients() {
		if ticket, ok := s.tokens.FromAddress(to.Address); ok {
			return ticket, 0, nil
		}
	}
	if ticket, ok := s.tokens.FromText(l.Whole); ok {
		return ticket, 0, nil
	}
	return 0, 0, nil
}

// whose finds the letter and the recipient that a bounce speaks of. Where the message is not known it is the newest of the
// ticket's that went to the address. A server may name another address than was written to: of a letter to one person it is
// hers all the same.
func (s *Service) whose(tx *gorm.DB, ticket, message id.ID, address string) (*letterRow, *recipientRow, error) {
	if message == 0 {
		err := all(tx, func(scan func(...any) error) error { return scan((*int64)(&message)) },
			`SELECT message_id FROM mail_recipients WHERE ticket_id = ? AND address_hash = ? ORDER BY message_id DESC LIMIT 1`, int64(ticket), s.addressHash(address))
		if message == 0 || err != nil {
			return nil, nil, err
		}
	}
	l, err := s.letterOf(tx, message)
	if err != nil || l == nil || l.gone {
		return nil, nil, err
	}
	rows, err := s.recipientsOf(tx, []id.ID{message})
	if err != nil {
		return nil, nil, err
	}
	for _, r := range rows[message] {
		if normalAddress(r.address) == normalAddress(address) {
			return l, r, nil
		}
	}
	if len(rows[message]) == 1 {
		return l, rows[message][0], nil
	}
	return l, nil, nil
}

// noteBounce writes down what a report says of a recipient, and tells the ticket.
func (s *Service) noteBounce(tx *gorm.DB, l *letter, sent *letterRow, r *recipientRow) error {
	b := l.Bounce
	state := bounceState(b)
	if state == "" { // it arrived
		return nil
	}
	reason := reasonOf(b.Status, b.Diagnostic, b.Action)
	if r == nil {
		if state != Bounced || sent.kind == kindAuto {
			return nil
		}
		return s.noteFailure(tx, sent, tickets.EventMailBounced, reason)
	}
	if err := s.holdLetter(tx, sent.message); err != nil {
		return err
	}
	var key int64
	if err := tx.Raw(`SELECT key_id FROM tickets WHERE id = ?`, int64(sent.ticket)).Row().Scan(&key); err != nil {
		return err
	}
	detail, err := s.sealDetail(tx, id.ID(key), r.id, b.Diagnostic)
	if err != nil {
		return err
	}
	from := `('queued', 'sending', 'sent', 'delayed', 'given_up')`
	if state == Delayed {
		from = `('sending', 'sent', 'delayed')`
	}
	now := tickets.Millis(s.Now())
	done := tx.Exec(`UPDATE mail_recipients SET state = ?, code = 0, enhanced = ?, reason = ?, detail = ?, incoming_id = ?, updated_at = ? WHERE id = ? AND state IN `+from,
		string(state), b.Status, reason, detail, int64(l.ID), now, int64(r.id))
	if done.Error != nil || done.RowsAffected == 0 {
		return done.Error
	}
	if state == Delayed {
		return s.noteFailure(tx, sent, "", "")
	}
	if b.Hard() {
		err = s.markBad(tx, r.address)
	} else {
		err = s.markSoft(tx, r.address)
	}
	if err != nil {
		return err
	}
	if sent.kind == kindAuto {
		return s.noteFailure(tx, sent, "", "")
	}
	return s.noteFailure(tx, sent, tickets.EventMailBounced, reason)
}

// noteFailure tells the ticket; one that is gone needs no telling.
func (s *Service) noteFailure(tx *gorm.DB, l *letterRow, event tickets.EventType, reason string) error {
	err := s.Tickets.NoteMailTx(tx, l.message, event, reason)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// bounceState is what a report means for a recipient; empty: nothing.
func bounceState(b *eml.Bounce) State {
	switch b.Action {
	case "delayed":
		return Delayed
	case "delivered", "relayed", "expanded":
		return ""
	}
	return Bounced
}
