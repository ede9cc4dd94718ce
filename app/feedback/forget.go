package feedback

import (
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Forget empties what a person has answered, within the transaction that erases her: answers, orders and pages go, scores and counts stay.
func Forget(tx *gorm.DB, who tickets.Erased) error { return forget(tx, who.Contacts) }

// ForgetVisitors does so for contacts who never wrote.
func ForgetVisitors(tx *gorm.DB, contacts []id.ID) error { return forget(tx, contacts) }

func forget(tx *gorm.DB, contacts []id.ID) error {
	for part := range slices.Chunk(contacts, 500) {
		for _, text := range []string{
			`DELETE FROM short_links WHERE order_hash IN (SELECT r.order_hash FROM form_responses r WHERE r.contact_id IN ? AND r.order_hash IS NOT NULL)`,
			`DELETE FROM short_links WHERE order_hash IN (SELECT a.order_hash FROM form_asks a WHERE a.contact_id IN ? AND a.order_hash IS NOT NULL)`,
			`UPDATE form_revisions SET answers = NULL WHERE response_id IN (SELECT r.id FROM form_responses r WHERE r.contact_id IN ?)`,
			`DELETE FROM form_refusals WHERE contact_id IN ?`,
			`UPDATE form_asks SET order_no = NULL, order_hash = NULL WHERE contact_id IN ?`,
			`UPDATE form_responses SET answers = NULL, order_no = NULL, order_hash = NULL, source_hash = NULL, page = NULL, locale = '' WHERE contact_id IN ?`,
		} {
			if err := tx.Exec(text, part).Error; err != nil {
				return err
			}
		}
	}
	return nil
}
