package telling

import (
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// Forget takes contacts out of whom was told, within the transaction that erases them: that somebody was, and what she
// answered, stay counted. Who waits is not told.
func Forget(tx *gorm.DB, contacts []id.ID) error {
	for part := range slices.Chunk(contacts, 500) {
		if err := tx.Exec(`UPDATE telling_people SET contact_id = NULL, ticket_id = NULL, token_hash = NULL, state = CASE WHEN state = 'waiting' THEN 'missed' ELSE state END,
 reason = CASE WHEN state = 'waiting' THEN 'unknown' ELSE reason END WHERE contact_id IN ?`, part).Error; err != nil {
			return err
		}
	}
	return nil
}

// Told is that a person was told.
type Told struct {
	At         int64
	Way        Way
	Answer     Reply
	AnsweredAt *int64
}

// ToldTo gives what a person was told of, the oldest first, under all ids that she has had.
func ToldTo(tx *gorm.DB, contacts []id.ID) (out []Told, err error) {
	rows, err := tx.Raw(`SELECT told_at, way, answer, answered_at FROM telling_people WHERE contact_id IN ? AND state = 'told' ORDER BY id`, contacts).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var one Told
		if err := rows.Scan(&one.At, (*string)(&one.Way), (*string)(&one.Answer), &one.AnsweredAt); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}
