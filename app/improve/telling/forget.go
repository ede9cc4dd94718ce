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

// Merged makes what one contact was told another's, within the transaction that makes one contact of two. Of two rows of a task
// the one that was told stays hers: whoever waits beside it has been told already.
func Merged(tx *gorm.DB, from, to id.ID) error {
	for _, query := range []string{
		// of who lives on there is a row as well, and the other one was told
		`UPDATE telling_people SET contact_id = NULL, ticket_id = NULL, state = 'missed', reason = 'before' WHERE contact_id = @to AND state <> 'told'
 AND EXISTS (SELECT 1 FROM telling_people o WHERE o.task_id = telling_people.task_id AND o.contact_id = @from AND o.state = 'told')`,
		`UPDATE telling_people SET contact_id = NULL, ticket_id = NULL, state = 'missed', reason = 'before' WHERE contact_id = @from AND state <> 'told'
 AND EXISTS (SELECT 1 FROM telling_people o WHERE o.task_id = telling_people.task_id AND o.contact_id = @to)`,
		`UPDATE telling_people SET contact_id = @to WHERE contact_id = @from
 AND NOT EXISTS (SELECT 1 FROM telling_people o WHERE o.task_id = telling_people.task_id AND o.contact_id = @to)`,
	} {
		if err := tx.Exec(query, map[string]any{"from": int64(from), "to": int64(to)}).Error; err != nil {
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
