package notify

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

const (
	readFor   = 30 * 24 * time.Hour // a notification that was read, and what was sent
	unreadFor = 90 * 24 * time.Hour
	overFor   = 180 * 24 * time.Hour // an alert that is over
)

// SentLine is a line of the record of what left the house.
type SentLine struct {
	ID       id.ID
	Agent    id.ID // 0: to a target
	Target   id.ID // 0: to an agent, by mail
	Kind     Kind
	Ticket   id.ID // 0: none
	State    string
	Reason   string
	Attempts int
	At       int64
}

// Sent gives what was sent, the newest first, from before a line on; zero: from the newest.
func (s *Service) Sent(ctx context.Context, before id.ID, limit int) (list []SentLine, err error) {
	query, args := `SELECT id, COALESCE(agent_id, 0), COALESCE(target_id, 0), kind, COALESCE(ticket_id, 0), state, reason, attempts, created_at FROM notice_sends`, []any{}
	if before != 0 {
		query, args = query+` WHERE id < ?`, append(args, int64(before))
	}
	rows, err := s.Store.Read(ctx).Raw(query+` ORDER BY id DESC LIMIT ?`, append(args, limit)...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var x SentLine
		if err := rows.Scan((*int64)(&x.ID), (*int64)(&x.Agent), (*int64)(&x.Target), (*string)(&x.Kind), (*int64)(&x.Ticket), &x.State, &x.Reason, &x.Attempts, &x.At); err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	return list, rows.Err()
}

// Sweep deletes what nobody needs any more, a part at a time.
func (s *Service) Sweep(ctx context.Context, rows int) error {
	now := s.Now()
	for _, one := range []struct {
		table, where string
		keep         time.Duration
	}{
		{"notifications", `at < ? AND read_at IS NOT NULL`, readFor}, {"notifications", `at < ?`, unreadFor},
		{"notice_sends", `created_at < ? AND state <> 'queued'`, readFor}, {"alerts", `over_at IS NOT NULL AND over_at < ?`, overFor},
	} {
		for {
			var n int64
			err := s.Store.Write(ctx, func(tx *gorm.DB) error {
				done := tx.Exec(`DELETE FROM `+one.table+` WHERE id IN (SELECT id FROM `+one.table+` WHERE `+one.where+` LIMIT ?)`, tickets.Millis(now.Add(-one.keep)), rows)
				n = done.RowsAffected
				return done.Error
			})
			if err != nil {
				return err
			}
			if n < int64(rows) {
				break
			}
		}
	}
	return nil
}
