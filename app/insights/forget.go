package insights

import (
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Forget empties what contacts have said, within the transaction that erases them, and what was said in tickets whose texts go: it
// leaves the groups, the counts stay.
func Forget(tx *gorm.DB, who tickets.Erased) error {
	if err := alone(tx); err != nil {
		return err
	}
	for _, one := range []struct {
		of   []id.ID
		in   string
		also string
	}{{who.Contacts, `contact_id`, `, contact_id = NULL`}, {who.Tickets, `subject_id`, ``}} {
		for part := range slices.Chunk(one.of, 500) {
			for _, text := range []string{
				`DELETE FROM insight_samples WHERE voice_id IN (SELECT v.id FROM insight_voices v WHERE v.` + one.in + ` IN ?)`,
				`UPDATE insight_voices SET body = NULL, order_hash = NULL, dedupe = NULL, message_id = NULL` + one.also + ` WHERE ` + one.in + ` IN ?`,
			} {
				if err := tx.Exec(text, int64s(part)).Error; err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Joined makes what one contact has said another's, who has her keys too.
func Joined(tx *gorm.DB, from, to id.ID) error {
	if err := alone(tx); err != nil {
		return err
	}
	return tx.Exec(`UPDATE insight_voices SET contact_id = ? WHERE contact_id = ?`, int64(to), int64(from)).Error
}
