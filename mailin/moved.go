package mailin

import (
	"encoding/json"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Moved takes what a message was as a mail along into another ticket, in the transaction that moved the message: later mails that
// answer it find it there.
func (s *Service) Moved(tx *gorm.DB, from id.ID, copied *tickets.Message, into *tickets.Ticket, files map[id.ID]id.ID) error {
	var inbox id.ID
	var incoming *int64
	var auto string
	var head, content []byte
	found := false
	err := all(tx, func(scan func(...any) error) error {
		found = true
		return scan((*int64)(&inbox), &incoming, &auto, &head, &content)
	}, `SELECT inbox_id, incoming_id, auto, head, content FROM mail_messages WHERE message_id = ?`, int64(from))
	if err != nil {
		return err
	}
	if !found {
		return s.movedLetter(tx, from, copied, into)
	}
	var h Head
	if there, err := openJSON(tx, s.Sealer, "head", from, head, false, &h); err != nil || !there {
		return err
	}
	for i, one := range h.Shown {
		h.Shown[i] = renamed(files, one)
	}
	if head, err = s.sealJSON(tx, into.KeyID, "head", copied.ID, h, false); err != nil {
		return err
	}
	if content != nil {
		var c Content
		if _, err := openJSON(tx, s.Sealer, "content", from, content, true, &c); err != nil {
			return err
		}
		for i := range c.Files {
			c.Files[i].ID = renamed(files, c.Files[i].ID)
		}
		if content, err = s.sealJSON(tx, into.KeyID, "content", copied.ID, c, true); err != nil {
			return err
		}
	}
	err = tx.Exec(`INSERT INTO mail_messages (message_id, ticket_id, inbox_id, incoming_id, reason, auto, head, content, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		int64(copied.ID), int64(into.ID), int64(inbox), incoming, reasonMoved, auto, head, content, tickets.Millis(s.Now())).Error
	if err != nil {
		return err
	}
	return goAlong(tx, from, copied, into)
}

func goAlong(tx *gorm.DB, from id.ID, copied *tickets.Message, into *tickets.Ticket) error {
	for _, q := range goesAlong {
		if err := tx.Exec(q, map[string]any{"from": int64(from), "copy": int64(copied.ID), "into": int64(into.ID)}).Error; err != nil {
			return err
		}
	}
	return nil
}

// movedLetter takes what a reply left the house as along, with its recipients: the answers to it come to where it stands, and
// one that could not be sent yet is sent from there. Errors: Conflict (it is being sent right now).
func (s *Service) movedLetter(tx *gorm.DB, from id.ID, copied *tickets.Message, into *tickets.Ticket) error {
	l, err := s.letterOf(tx, from)
	if l == nil || err != nil {
		return err
	}
	plain, err := json.Marshal(l.said)
	if err != nil {
		return err
	}
	sealed, err := s.Sealer.Seal(tx, into.KeyID, lettersTable, "letter", copied.ID, plain)
	if err != nil {
		return err
	}
	done := tx.Exec(`UPDATE mail_letters SET message_id = ?, ticket_id = ?, letter = ? WHERE message_id = ? AND state <> ?`,
		int64(copied.ID), int64(into.ID), sealed, int64(from), letterSending)
	if done.Error != nil {
		return done.Error
	}
	if done.RowsAffected == 0 {
		return fault.New(fault.Conflict, "error.split.sending")
	}
	if err := tx.Exec(`UPDATE mail_recipients SET message_id = ?, ticket_id = ? WHERE message_id = ?`, int64(copied.ID), int64(into.ID), int64(from)).Error; err != nil {
		return err
	}
	return goAlong(tx, from, copied, into)
}

// goesAlong is what is known of a mail by its message. That the message is none of zero is said for the index, which has no others.
var goesAlong = []string{
	`DELETE FROM mail_messages WHERE message_id = @from`,
	`UPDATE mail_incoming SET ticket_id = @into, message_id = @copy WHERE message_id = @from`,
	`DELETE FROM mail_ids WHERE ticket_id = @into AND hash IN (SELECT m.hash FROM mail_ids m WHERE m.message_id = @from AND m.message_id <> 0)`,
	`UPDATE mail_ids SET ticket_id = @into, message_id = @copy WHERE message_id = @from AND message_id <> 0`,
}

func renamed(files map[id.ID]id.ID, one id.ID) id.ID {
	if now, ok := files[one]; ok {
		return now
	}
	return one
}
