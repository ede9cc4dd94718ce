package chat

import (
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Forget ends the sessions of erased contacts, within the transaction that erases them, and empties what the shop's pages
// had said of them. ContactErased follows after the commit.
func Forget(tx *gorm.DB, contacts []id.ID, now time.Time) error {
	err := tx.Exec(`UPDATE chat_sessions SET revoked_at = ? WHERE contact_id IN ? AND revoked_at IS NULL`, tickets.Millis(now), contacts).Error
	if err == nil {
		err = tx.Exec(`UPDATE chat_sessions SET context = NULL WHERE contact_id IN ?`, contacts).Error
	}
	return err
}

// ForgetVisitors deletes the sessions of contacts who never wrote, within the transaction that deletes those.
func ForgetVisitors(tx *gorm.DB, contacts []id.ID) error {
	return tx.Exec(`DELETE FROM chat_sessions WHERE contact_id IN ?`, contacts).Error
}

// ForgetTrails empties what the shop's pages had said in these sessions. The sessions go on, and the next page says it anew.
func ForgetTrails(tx *gorm.DB, sessions []id.ID) error {
	return tx.Exec(`UPDATE chat_sessions SET context = NULL WHERE id IN ?`, sessions).Error
}

// ContactErased cuts the sockets of an erased contact with code 4401, on every node, and forgets her name here.
func (d *Desk) ContactErased(contact id.ID) {
	d.names.forget(tickets.ActorContact, contact)
	d.endSessions(contact)
}
