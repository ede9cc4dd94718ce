package hooks

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// The states of a delivery.
const (
	stateWaiting = "waiting"
	stateSent    = "sent"
	stateFailed  = "failed"
)

// Delivery is one event for one hook: a line of the log.
type Delivery struct {
	ID       id.ID
	Event    string
	State    string // waiting, sent, failed
	Attempts int
	Status   int    // of the last answer; 0: there was none
	Reason   string // why there was none: a word of app/egress, gone (the event is no more), off (the hook was)
	NextAt   int64
	At       int64 // when the event was read
	n        int64
	queued   int64 // since when it is tried
}

const selectDelivery = `SELECT id, event, state, attempts, status, reason, next_at, created_at, n, queued_at FROM webhook_deliveries `

func (d *Delivery) scanned() []any {
	return []any{(*int64)(&d.ID), &d.Event, &d.State, &d.Attempts, &d.Status, &d.Reason, &d.NextAt, &d.At, &d.n, &d.queued}
}

// Deliveries gives a hook's log, the newest first, older than before (zero: from the newest).
func (s *Service) Deliveries(ctx context.Context, hook, before id.ID, limit int) ([]Delivery, error) {
	if before <= 0 {
		before = 1<<63 - 1
	}
	rows, err := s.Store.Read(ctx).Raw(selectDelivery+`WHERE hook_id = ? AND id < ? ORDER BY id DESC LIMIT ?`, int64(hook), int64(before), limit).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Delivery
	for rows.Next() {
		var d Delivery
		if err := rows.Scan(d.scanned()...); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// due is the delivery of a hook that has waited longest; nil: none is due.
func (s *Service) due(ctx context.Context, hook id.ID) (*Delivery, error) {
	var d Delivery
	err := s.Store.Read(ctx).Raw(selectDelivery+`WHERE hook_id = ? AND state = 'waiting' AND next_at <= ? ORDER BY next_at, id LIMIT 1`,
		int64(hook), tickets.Millis(s.Now())).Row().Scan(d.scanned()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &d, err
}

// Replay sends a delivery again, under the same id. Errors: NotFound, Conflict (the hook is off).
func (s *Service) Replay(ctx context.Context, hook, delivery id.ID) error {
	h, err := s.Hook(ctx, hook)
	if err != nil {
		return err
	}
	if h.State != StateOn {
		return fault.New(fault.Conflict, "hooks.error.off")
	}
	return s.update(ctx, func(tx *gorm.DB) *gorm.DB {
		now := tickets.Millis(s.Now())
		done := tx.Exec(`UPDATE webhook_deliveries SET state = ?, attempts = 0, status = 0, reason = '', queued_at = ?, next_at = ?, updated_at = ? WHERE id = ? AND hook_id = ?`,
			stateWaiting, now, now, now, int64(delivery), int64(hook))
		if done.Error == nil && done.RowsAffected > 0 {
			done.Error = s.Queue(tx, Drain{Hook: hook})
		}
		return done
	})
}

// Look starts the drains of all hooks to which something is due.
func (s *Service) Look(ctx context.Context) error {
	var hooks []int64
	err := s.Store.Read(ctx).Raw(`SELECT DISTINCT hook_id FROM webhook_deliveries WHERE state = 'waiting' AND next_at <= ?`, tickets.Millis(s.Now())).Scan(&hooks).Error
	if err != nil || len(hooks) == 0 {
		return err
	}
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		for _, hook := range hooks {
			if err := s.Queue(tx, Drain{Hook: id.ID(hook)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// giveUp ends what waits for a hook that is off or gone.
func (s *Service) giveUp(ctx context.Context, hook id.ID) error {
	return s.steps(ctx, `UPDATE webhook_deliveries SET state = 'failed', reason = 'off', updated_at = ? WHERE id IN
		(SELECT id FROM webhook_deliveries WHERE hook_id = ? AND state = 'waiting' LIMIT ?)`, tickets.Millis(s.Now()), int64(hook))
}

// forget deletes the log of a hook that was taken away.
func (s *Service) forget(ctx context.Context, hook id.ID) error {
	return s.steps(ctx, `DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries WHERE hook_id = ? LIMIT ?)`, int64(hook))
}

// Sweep ends what has waited long enough without its turn coming, and deletes old lines of the log.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.Now()
	return errors.Join(
		s.steps(ctx, `UPDATE webhook_deliveries SET state = 'failed', updated_at = ? WHERE id IN
			(SELECT id FROM webhook_deliveries WHERE state = 'waiting' AND queued_at < ? LIMIT ?)`, tickets.Millis(now), tickets.Millis(now.Add(-TryFor))),
		s.steps(ctx, `DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries WHERE created_at < ? AND state <> 'waiting' LIMIT ?)`,
			tickets.Millis(now.Add(-KeepFor))),
	)
}

// steps repeats a statement on so many rows a transaction until none is left, with pauses between.
func (s *Service) steps(ctx context.Context, statement string, args ...any) error {
	args = append(args, stepRows)
	for {
		var n int64
		err := s.Store.Write(ctx, func(tx *gorm.DB) error {
			done := tx.Exec(statement, args...)
			n = done.RowsAffected
			return done.Error
		})
		if err != nil || n < stepRows {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(stepPause):
		}
	}
}
