package sms

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// The states of a row in sms_sends. One that is sending when a job comes back was left by a process that died: whether
// the gateway took the message is not known, and nobody is told twice.
const (
	stateSending = "sending"
	stateSent    = "sent"
	stateRetry   = "retry"
	stateFailed  = "failed"
)

// failedInARow is how many of the newest messages must have failed before the administrators are told, over how long.
const (
	failedInARow = 3
	failedOver   = 10 * time.Minute
)

type sendRow struct {
	id     id.ID
	state  string
	reason string // of one that is not sent: limit, unknown
}

// claim makes the silence's row this job's, within the limits; nil when somebody has told or tries already.
func (s *Service) claim(ctx context.Context, set *Settings, job SendText, wish *tickets.TextWish) (*sendRow, error) {
	row, fresh := &sendRow{}, s.IDs.Next()
	err := s.Store.Write(ctx, func(tx *gorm.DB) error {
		now := tickets.Millis(s.Now())
		*row = sendRow{}
		err := tx.Raw(`SELECT id, state FROM sms_sends WHERE ticket_id = ? AND pos = ?`, int64(job.Ticket), job.Pos).Row().Scan((*int64)(&row.id), &row.state)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			row.id, row.state = fresh, stateSending
			over, err := s.overLimit(tx, set, wish, now)
			if err != nil {
				return err
			}
			if over {
				row.state, row.reason = stateFailed, "limit"
			}
			return tx.Exec(`INSERT INTO sms_sends (id, ticket_id, pos, phone_hash, state, attempts, created_at, updated_at) VALUES (?, ?, ?, ?, ?, 1, ?, ?)`,
				int64(row.id), int64(job.Ticket), job.Pos, wish.PhoneHash, row.state, now, now).Error
		case err != nil:
			return err
		case row.state == stateRetry:
			row.state = stateSending
			return tx.Exec(`UPDATE sms_sends SET state = ?, attempts = attempts + 1, updated_at = ? WHERE id = ?`, stateSending, now, int64(row.id)).Error
		case row.state == stateSending:
			row.state, row.reason = stateFailed, "unknown"
			return tx.Exec(`UPDATE sms_sends SET state = ?, updated_at = ? WHERE id = ?`, stateFailed, now, int64(row.id)).Error
		}
		row.id = 0
		return nil
	})
	if err != nil || row.id == 0 {
		return nil, err
	}
	return row, nil
}

// overLimit counts what went to the number, and to all, within a day.
func (s *Service) overLimit(tx *gorm.DB, set *Settings, wish *tickets.TextWish, now int64) (bool, error) {
	var number, all int
	since := now - (24 * time.Hour).Milliseconds()
	err := tx.Raw(`SELECT COUNT(*) FROM sms_sends WHERE phone_hash = ? AND created_at > ? AND state <> ?`, wish.PhoneHash, since, stateFailed).Row().Scan(&number)
	if err != nil || number >= set.PerNumber {
		return true, err
	}
	err = tx.Raw(`SELECT COUNT(*) FROM (SELECT 1 FROM sms_sends WHERE created_at > ? AND state <> ? LIMIT ?) x`, since, stateFailed, set.PerDay).Row().Scan(&all)
	return all >= set.PerDay, err
}

func (s *Service) mark(ctx context.Context, row *sendRow, state string) error {
	return s.Store.Write(context.WithoutCancel(ctx), func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE sms_sends SET state = ?, updated_at = ? WHERE id = ?`, state, tickets.Millis(s.Now()), int64(row.id)).Error
	})
}

// allFailed tells whether none of the newest messages went out, the first of them a while ago.
func (s *Service) allFailed(ctx context.Context) (bool, error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT state, attempts, created_at FROM sms_sends ORDER BY created_at DESC LIMIT ?`, failedInARow).Rows()
	if err != nil {
		return false, err
	}
	defer rows.Close()
	tries, first := 0, int64(0)
	for rows.Next() {
		var state string
		var attempts int
		if err := rows.Scan(&state, &attempts, &first); err != nil {
			return false, err
		}
		if state == stateSent {
			return false, nil
		}
		tries += attempts
	}
	return tries >= failedInARow && tickets.Millis(s.Now())-first >= failedOver.Milliseconds(), rows.Err()
}

// Forget takes the keyed hashes of numbers from what was sent for these tickets: their contact is erased. The rows stay,
// so that the day's count stays.
func Forget(tx *gorm.DB, list []id.ID) error {
	for part := range slices.Chunk(list, 500) {
		if err := tx.Exec(`UPDATE sms_sends SET phone_hash = ? WHERE ticket_id IN ?`, []byte{}, part).Error; err != nil {
			return err
		}
	}
	return nil
}
