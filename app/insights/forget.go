package insights

import (
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// Forget empties what contacts have said, within the transaction that erases them: their texts leave the groups, the
// counts stay.
func Forget(tx *gorm.DB, contacts []id.ID) error {
	for part := range slices.Chunk(contacts, 500) {
		for _, text := range []string{
			`DELETE FROM insight_samples WHERE voice_id IN (SELECT v.id FROM insight_voices v WHERE v.contact_id IN ?)`,
			`UPDATE insight_voices SET body = NULL, order_hash = NULL, dedupe = NULL, message_id = NULL, contact_id = NULL WHERE contact_id IN ?`,
		} {
			if err := tx.Exec(text, part).Error; err != nil {
				return err
			}
		}
	}
	return nil
}

// Joined makes what one contact has said another's, who has her keys too.
func Joined(tx *gorm.DB, from, to id.ID) error {
	return tx.Exec(`UPDATE insight_voices SET contact_id = ? WHERE contact_id = ?`, int64(to), int64(from)).Error
}
