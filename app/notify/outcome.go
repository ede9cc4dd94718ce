package notify

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
)

func (s *Service) mark(ctx context.Context, rows []send, state, reason string) error {
	if len(rows) == 0 {
		return nil
	}
	return s.Store.Write(context.WithoutCancel(ctx), func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE notice_sends SET state = ?, reason = ?, attempts = attempts + 1, done_at = ? WHERE id IN ?`, state, reason, tickets.Millis(s.Now()), sendIDs(rows)).Error
	})
}

func sendIDs(rows []send) []int64 {
	out := make([]int64, len(rows))
	for i := range rows {
		out[i] = int64(rows[i].id)
	}
	return out
}

// failed puts rows off, or gives them up when that is of no use or they are a day old.
func (s *Service) failed(ctx context.Context, job Out, rows []send, reason string, lasting bool) error {
	now := s.Now()
	var over, again []send
	tries := 0
	for _, x := range rows {
		tries = max(tries, x.attempts)
		if lasting || now.Sub(time.UnixMilli(x.created)) >= tryFor {
			over = append(over, x)
		} else {
			again = append(again, x)
		}
	}
	if err := s.mark(ctx, over, stateFailed, reason); err != nil {
		return err
	}
	next := now.Add(min(pauseMost, pauseFirst<<min(tries, 10)))
	err := s.Store.Write(context.WithoutCancel(ctx), func(tx *gorm.DB) error {
		if len(again) > 0 {
			if err := tx.Exec(`UPDATE notice_sends SET reason = ?, attempts = attempts + 1, due_at = ? WHERE id IN ?`, reason, tickets.Millis(next), sendIDs(again)).Error; err != nil {
				return err
			}
			if err := s.Queue(tx, job, next); err != nil {
				return err
			}
		}
		if job.Target == 0 {
			return nil
		}
		return tx.Exec(`UPDATE notice_targets SET failing_at = ? WHERE id = ? AND failing_at IS NULL`, tickets.Millis(now), int64(job.Target)).Error
	})
	if err == nil {
		s.settleAlert(ctx)
	}
	return err
}

// works notes that a target can be reached again.
func (s *Service) works(ctx context.Context, job Out) error {
	if job.Target == 0 {
		return nil
	}
	n := int64(0)
	err := s.Store.Read(ctx).Raw(`SELECT COUNT(*) FROM notice_targets WHERE id = ? AND failing_at IS NOT NULL`, int64(job.Target)).Row().Scan(&n)
	if n == 0 || err != nil {
		return err
	}
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE notice_targets SET failing_at = NULL WHERE id = ?`, int64(job.Target)).Error
	})
	if err == nil {
		s.settleAlert(ctx)
	}
	return err
}

// settleAlert raises or lowers the alert about targets that cannot be reached.
func (s *Service) settleAlert(ctx context.Context) {
	list, err := s.targets(ctx, `failing_at IS NOT NULL AND disabled_at IS NULL`)
	switch {
	case err != nil:
		s.Log.ErrorContext(ctx, "look for targets that cannot be reached", "error", err)
	case len(list) == 0:
		s.AlertOver(ctx, alertFailing)
	default:
		s.Alert(ctx, alertFailing, map[string]string{"name": list[0].Name})
	}
}
