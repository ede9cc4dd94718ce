package tickets

import (
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// MergeContactTx makes what belongs to an anonymous contact belong to a known one: the visitor has signed in. Data
// keys, tickets, identities, search tokens, consents and uploads change their owner; from stays as a row that points
// to to, and whoever still names it means to. Of two open chat tickets in one inbox the one with the newest message
// stays open and the other is solved.
//
// Moving the visitor's sessions is the chat package's part of the same transaction. Doing it again changes nothing.
// Errors: NotFound, Conflict (from is known by a verified identity: two known persons are never made one).
func (s *Service) MergeContactTx(tx *gorm.DB, from, to id.ID) error {
	c := on(tx)
	visitor, known, err := s.mergePair(c, from, to)
	if visitor == nil || err != nil {
		return err
	}
	if err := s.merged(tx, visitor.ID, known.ID); err != nil {
		return err
	}
	moved, deltas, err := s.mergeTickets(c, visitor.ID, known.ID)
	if err != nil {
		return err
	}
	if err := s.seal.GiveKeys(tx, visitor.ID, known.ID); err != nil {
		return err
	}
	if err := c.mergeRows(int64(visitor.ID), int64(known.ID)); err != nil {
		return err
	}
	at := Millis(s.now())
	if visitor.KeptAt != nil && known.KeptAt == nil {
		if _, err := c.exec(`UPDATE contacts SET kept_at = ? WHERE id = ?`, *visitor.KeptAt, int64(known.ID)); err != nil {
			return err
		}
	}
	if _, err := c.exec(`UPDATE contacts SET merged_into = ?, updated_at = ? WHERE id = ? OR merged_into = ?`,
		int64(known.ID), at, int64(visitor.ID), int64(visitor.ID)); err != nil {
		return err
	}
	for _, t := range moved {
		s.tell(tx, Change{Ticket: t, Type: ChangeTicket})
	}
	if err := s.log(c, Actor{}, EventContactMerged, known.ID, wasID(&visitor.ID), at); err != nil {
		return err
	}
	return c.count(deltas)
}

// mergePair locks both contacts, in one order for everybody. It gives none when they are one already.
func (s *Service) mergePair(c conn, from, to id.ID) (visitor, known *Contact, err error) {
	if visitor, err = c.livingContact(from); err != nil {
		return nil, nil, err
	}
	if known, err = c.livingContact(to); err != nil {
		return nil, nil, err
	}
	if visitor.ID == known.ID {
		return nil, nil, nil
	}
	pair := []id.ID{visitor.ID, known.ID}
	slices.Sort(pair)
	for _, contact := range pair {
		p, err := c.contact(c.lock(selectContact+` WHERE p.id = ?`, "p"), int64(contact))
		if err != nil {
			return nil, nil, err
		}
		if p.MergedInto != nil { // another process merged one of them while we waited
			return s.mergePair(c, from, to)
		}
		if err := p.mustLive(); err != nil {
			return nil, nil, err
		}
	}
	verified, err := c.ids(`SELECT i.id FROM contact_identities i WHERE i.contact_id = ? AND i.verified LIMIT 1`, int64(visitor.ID))
	if err == nil && len(verified) > 0 {
		err = fault.New(fault.Conflict, "error.contact.known")
	}
	return visitor, known, err
}

// mergeTickets gives the visitor's tickets to the known contact and returns those that are active, with the
// changes of the counters.
func (s *Service) mergeTickets(c conn, from, to id.ID) (moved []*Ticket, deltas []delta, err error) {
	// All of the visitor's tickets are locked before the first counter is touched, as everywhere.
	if _, err := c.ids(c.lock(`SELECT t.id FROM tickets t WHERE t.contact_id = ? ORDER BY t.id`, "t"), int64(from)); err != nil {
		return nil, nil, err
	}
	const open = ` WHERE t.contact_id IN (?, ?) AND t.status IN ('new','open','pending') ORDER BY t.id`
	rows, err := c.tickets(c.lock(selectTicket+open, "t"), int64(from), int64(to))
	if err != nil {
		return nil, nil, err
	}
	for i := range rows {
		t := &rows[i]
		if err := s.openTicket(c, t); err != nil {
			return nil, nil, err
		}
		if t.Channel == ChannelChat && slices.ContainsFunc(rows, t.isOlderChat) {
			e := s.begin(c, t, system, Millis(s.now()))
			e.move(StatusSolved)
			d, err := e.saveAll()
			if err != nil {
				return nil, nil, err
			}
			deltas = append(deltas, d...)
		}
	}
	if _, err := c.exec(`UPDATE tickets SET contact_id = ? WHERE contact_id = ?`, int64(to), int64(from)); err != nil {
		return nil, nil, err
	}
	for i := range rows {
		if t := &rows[i]; t.ContactID == from {
			t.ContactID = to
			moved = append(moved, t)
		}
	}
	return moved, deltas, s.loadTags(c, moved...)
}

// isOlderChat tells whether other is an open chat ticket in the same inbox with a newer message than t.
func (t *Ticket) isOlderChat(other Ticket) bool {
	if other.ID == t.ID || other.InboxID != t.InboxID || other.Channel != ChannelChat || !other.Status.Active() {
		return false
	}
	if other.LastMessageAt != t.LastMessageAt {
		return other.LastMessageAt > t.LastMessageAt
	}
	return other.ID > t.ID
}

// mergeRows moves what hangs on a contact; what the other has already is dropped.
func (c conn) mergeRows(from, to int64) error {
	for _, step := range []struct {
		text string
		args []any
	}{
		{`DELETE FROM contact_identities WHERE contact_id = ? AND EXISTS (SELECT 1 FROM contact_identities o
 WHERE o.contact_id = ? AND o.kind = contact_identities.kind AND o.hash = contact_identities.hash)`, []any{from, to}},
		{`UPDATE contact_identities SET contact_id = ? WHERE contact_id = ?`, []any{to, from}},
		{`INSERT INTO contact_tokens (hash, contact_id) SELECT k.hash, CAST(? AS BIGINT) FROM contact_tokens k
 WHERE k.contact_id = ? ON CONFLICT DO NOTHING`, []any{to, from}},
		{`DELETE FROM contact_tokens WHERE contact_id = ?`, []any{from}},
		{`DELETE FROM contact_consents WHERE contact_id = ? AND withdrawn_at IS NULL AND EXISTS (SELECT 1 FROM contact_consents o
 WHERE o.contact_id = ? AND o.purpose = contact_consents.purpose AND o.version = contact_consents.version AND o.withdrawn_at IS NULL)`, []any{from, to}},
		{`UPDATE contact_consents SET contact_id = ? WHERE contact_id = ?`, []any{to, from}},
		{`UPDATE attachments SET contact_id = ? WHERE contact_id = ?`, []any{to, from}},
	} {
		if _, err := c.exec(step.text, step.args...); err != nil {
			return err
		}
	}
	if err := c.mergeParticipants(from, to); err != nil {
		return err
	}
	return c.forgetOldClaims(id.ID(to))
}
