package mailin

import (
	"encoding/json"
	"errors"

	"gorm.io/gorm"

	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// letterRow is a letter as it is kept. What it says is sealed with the key of the ticket's contact.
type letterRow struct {
	message  id.ID
	ticket   id.ID
	inbox    id.ID
	kind     string
	state    string
	reason   string
	attempts int
	queuedAt int64
	nextAt   int64
	untilAt  int64
	unsure   bool
	said     letterSaid
	gone     bool // its contact was erased

	sealed []byte
}

// letterSaid is the sealed part of a letter.
type letterSaid struct {
	Answer
	MessageID string `json:"message_id,omitempty"`
	Answers   id.ID  `json:"answers,omitempty"` // the message whose mail it answers
	Before    string `json:"before,omitempty"`  // Message-ID of the letter before it, where it answers no mail
	Auto      bool   `json:"auto,omitempty"`    // the desk itself said it
}

// recipientRow is one to whom a letter goes.
type recipientRow struct {
	id       id.ID
	address  string
	role     string
	state    State
	code     int
	enhanced string
	reason   string
	detail   string
	incoming int64
	sentAt   int64
	at       int64
}

const (
	lettersTable    = "mail_letters"
	recipientsTable = "mail_recipients"
	roleTo, roleCC  = "to", "cc"

	selectLetter = `SELECT message_id, ticket_id, inbox_id, kind, state, reason, attempts, queued_at, next_at, until_at, unsure, letter FROM mail_letters `
)

// letters reads letters, opened.
func (s *Service) letters(tx *gorm.DB, where string, args ...any) ([]*letterRow, error) {
	var out []*letterRow
	err := all(tx, func(scan func(...any) error) error {
		l := &letterRow{}
		out = append(out, l)
		return scan((*int64)(&l.message), (*int64)(&l.ticket), (*int64)(&l.inbox), &l.kind, &l.state, &l.reason, &l.attempts,
			&l.queuedAt, &l.nextAt, &l.untilAt, &l.unsure, &l.sealed)
	}, selectLetter+where, args...)
	if err != nil {
		return nil, err
	}
	for _, l := range out {
		plain, err := s.Sealer.Open(tx, lettersTable, "letter", l.message, l.sealed)
		if errors.Is(err, seal.ErrErased) {
			l.gone = true
			continue
		}
		if err == nil {
			err = json.Unmarshal(plain, &l.said)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// letterOf reads the letter of a message; nil: there is none.
func (s *Service) letterOf(tx *gorm.DB, message id.ID) (*letterRow, error) {
	found, err := s.letters(tx, `WHERE message_id = ?`, int64(message))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// holdLetter takes a letter's row before those of its recipients, as a try does, so that two who change them wait for each other
// in one order.
func (s *Service) holdLetter(tx *gorm.DB, message id.ID) error {
	return tx.Exec(`UPDATE mail_letters SET updated_at = ? WHERE message_id = ?`, tickets.Millis(s.Now()), int64(message)).Error
}

// insertLetter adds a letter, or brings one that waited for its message on its way; false: it is on its way already.
func (s *Service) insertLetter(tx *gorm.DB, key id.ID, l *letterRow) (bool, error) {
	plain, err := json.Marshal(l.said)
	if err != nil {
		return false, err
	}
	sealed, err := s.Sealer.Seal(tx, key, lettersTable, "letter", l.message, plain)
	if err != nil {
		return false, err
	}
	now := tickets.Millis(s.Now())
	done := tx.Exec(`INSERT INTO mail_letters (message_id, ticket_id, inbox_id, kind, state, reason, queued_at, next_at, until_at, letter, created_at, updated_at)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (message_id) DO UPDATE SET inbox_id = excluded.inbox_id, kind = excluded.kind, state = excluded.state,
 reason = excluded.reason, queued_at = excluded.queued_at, next_at = excluded.next_at, until_at = excluded.until_at, letter = excluded.letter, updated_at = excluded.updated_at
 WHERE mail_letters.state = 'chosen'`,
		int64(l.message), int64(l.ticket), int64(l.inbox), l.kind, l.state, l.reason, now, now, now+TryFor.Milliseconds(), sealed, now, now)
	return done.RowsAffected == 1, done.Error
}

func (s *Service) addressHash(address string) []byte {
	return s.Sealer.Hash(hashAddress, normalAddress(address))
}

// insertRecipients adds those to whom a letter goes.
func (s *Service) insertRecipients(tx *gorm.DB, key id.ID, l *letterRow, role string, people []eml.Address, state func(address string) (State, string, error)) error {
	now := tickets.Millis(s.Now())
	for _, p := range people {
		one := s.IDs.Next()
		sealed, err := s.Sealer.SealText(tx, key, recipientsTable, "address", one, p.Address)
		if err != nil {
			return err
		}
		st, reason, err := state(p.Address)
		if err != nil {
			return err
		}
		err = tx.Exec(`INSERT INTO mail_recipients (id, message_id, ticket_id, address, address_hash, role, state, reason, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			int64(one), int64(l.message), int64(l.ticket), sealed, s.addressHash(p.Address), role, string(st), reason, now, now).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// recipientsOf reads those to whom letters go, in order. Those of erased people are left out.
func (s *Service) recipientsOf(tx *gorm.DB, messages []id.ID) (map[id.ID][]*recipientRow, error) {
	type sealedRow struct {
		*recipientRow
		message         id.ID
		address, detail []byte
	}
	var rows []sealedRow
	err := all(tx, func(scan func(...any) error) error {
		r := sealedRow{recipientRow: &recipientRow{}}
		var incoming, sent *int64
		err := scan((*int64)(&r.id), (*int64)(&r.message), &r.address, &r.role, (*string)(&r.state), &r.code, &r.enhanced, &r.reason, &r.detail, &incoming, &sent, &r.at)
		r.incoming, r.sentAt = orZero(incoming), orZero(sent)
		rows = append(rows, r)
		return err
	}, `SELECT id, message_id, address, role, state, code, enhanced, reason, detail, incoming_id, sent_at, updated_at FROM mail_recipients WHERE message_id IN ? ORDER BY message_id, id`, messages)
	if err != nil {
		return nil, err
	}
	out := map[id.ID][]*recipientRow{}
	for _, r := range rows {
		if r.recipientRow.address, err = s.Sealer.OpenText(tx, recipientsTable, "address", r.id, r.address); errors.Is(err, seal.ErrErased) {
			continue
		}
		if err == nil {
			r.recipientRow.detail, err = s.Sealer.OpenText(tx, recipientsTable, "detail", r.id, r.detail)
		}
		if err != nil {
			return nil, err
		}
		out[r.message] = append(out[r.message], r.recipientRow)
	}
	return out, nil
}
