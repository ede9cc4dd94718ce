package mailin

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/mask"
)

// saveMail keeps what the message was as a mail.
func (s *Service) saveMail(tx *gorm.DB, l *letter, got tickets.Received) error {
	head, err := s.sealJSON(tx, got.Ticket.KeyID, "head", got.Message.ID, l.head(), false)
	if err != nil {
		return err
	}
	var content []byte
	if c := l.content(); c.Text != "" || c.HTML != "" || len(c.Files) > 0 {
		c.Text, _ = mask.Text(c.Text, nil)
		c.HTML, _ = mask.Text(c.HTML, nil)
		if content, err = s.sealJSON(tx, got.Ticket.KeyID, "content", got.Message.ID, c, true); err != nil {
			return err
		}
	}
	return tx.Exec(`INSERT INTO mail_messages (message_id, ticket_id, inbox_id, incoming_id, reason, auto, head, content, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		int64(got.Message.ID), int64(got.Ticket.ID), int64(l.Inbox), int64(l.ID), l.reason, string(l.Auto), head, content, tickets.Millis(s.Now())).Error
}

const mailTable = "mail_messages"

// sealJSON seals a value for a column of a message's row, packed where it may be long.
func (s *Service) sealJSON(tx *gorm.DB, key id.ID, column string, message id.ID, value any, pack bool) ([]byte, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	if pack {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, err := w.Write(plain)
		if err = errors.Join(err, w.Close()); err != nil {
			return nil, err
		}
		plain = b.Bytes()
	}
	return s.Sealer.Seal(tx, key, mailTable, column, message, plain)
}

// finish notes what became of a mail. The one that came twice is not kept twice.
func (s *Service) finish(tx *gorm.DB, l *letter, state string, got tickets.Received) error {
	var contact, ticket, message *int64
	if got.Ticket != nil {
		c, t, m := int64(got.Message.AuthorID), int64(got.Ticket.ID), int64(got.Message.ID)
		contact, ticket, message = &c, &t, &m
	} else if l.about.ticket != 0 {
		contact, ticket = (*int64)(&l.about.contact), (*int64)(&l.about.ticket)
		if l.about.message != 0 {
			message = (*int64)(&l.about.message)
		}
	}
	if state == stateDuplicate || state == stateOwn {
		if _, err := dropRaw(tx, s.Sealer, []keptMail{{mail: l.ID, key: l.Key}}); err != nil {
			return err
		}
	}
	return tx.Exec(`UPDATE mail_incoming SET state = ?, contact_id = ?, ticket_id = ?, message_id = ?, done_at = ?, next_at = NULL WHERE id = ?`,
		state, contact, ticket, message, tickets.Millis(s.Now()), int64(l.ID)).Error
}
