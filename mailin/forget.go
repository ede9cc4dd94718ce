package mailin

import (
	"errors"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Forget takes away what is kept here of erased contacts and of tickets that were emptied: the mails as they came, what their
// messages were as mails, and the hashes by which answers find the tickets. That a mail has come stays, or it would come again.
func (s *Service) Forget(tx *gorm.DB, who tickets.Erased) error {
	var mails, keys []id.ID
	if len(who.Contacts) > 0 || len(who.Tickets) > 0 {
		err := all(tx, func(scan func(...any) error) error {
			var mail, key id.ID
			err := scan((*int64)(&mail), (*int64)(&key))
			mails, keys = append(mails, mail), append(keys, key)
			return err
		}, `SELECT id, key_id FROM mail_incoming WHERE contact_id IN ? OR ticket_id IN ?`, some(who.Contacts), some(who.Tickets))
		if err != nil {
			return err
		}
	}
	var err error
	if len(mails) > 0 {
		err = errors.Join(s.dropRaw(tx, mails, keys),
			tx.Exec(`UPDATE mail_incoming SET contact_id = NULL, ticket_id = NULL, message_id = NULL WHERE id IN ?`, mails).Error)
	}
	return errors.Join(err,
		tx.Exec(`DELETE FROM mail_addresses WHERE address_hash IN (SELECT address_hash FROM mail_recipients WHERE ticket_id IN ?)`, some(who.Tickets)).Error,
		tx.Exec(`DELETE FROM mail_recipients WHERE ticket_id IN ?`, some(who.Tickets)).Error,
		tx.Exec(`DELETE FROM mail_letters WHERE ticket_id IN ?`, some(who.Tickets)).Error,
		tx.Exec(`DELETE FROM mail_messages WHERE ticket_id IN ?`, some(who.Tickets)).Error,
		tx.Exec(`DELETE FROM mail_messages WHERE message_id IN (SELECT id FROM messages WHERE guest_id IN ?)`, some(who.Contacts)).Error,
		tx.Exec(`DELETE FROM mail_ids WHERE ticket_id IN ?`, some(who.Tickets)).Error)
}

// some is a list that is never empty: 0 is nobody's id.
func some(ids []id.ID) []id.ID {
	if len(ids) == 0 {
		return []id.ID{0}
	}
	return ids
}
