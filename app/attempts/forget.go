package attempts

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Forget takes erased contacts out of their attempts, within the transaction that erases them. What they ordered, or did
// not, stays counted; nothing says who it was. What nobody's key seals and names an order of hers goes too.
func Forget(tx *gorm.DB, contacts []id.ID) error {
	const empty = `UPDATE order_attempts SET contact_id = NULL, session_hash = NULL, order_hash = NULL, order_no = NULL, detail = NULL, page_url = NULL WHERE `
	err := tx.Exec(empty+`order_hash IN (SELECT order_hash FROM order_attempts WHERE contact_id IN ? AND order_hash IS NOT NULL) AND contact_id IS NULL`, contacts).Error
	if err == nil {
		err = tx.Exec(empty+`contact_id IN ?`, contacts).Error
	}
	return err
}

// Sweep deletes attempts that are older than the settings say, as many as a transaction should; their counts stay.
func (s *Service) Sweep(ctx context.Context, rows int) error {
	l, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	old := tickets.Millis(s.Now().AddDate(0, 0, -l.Days))
	days := tickets.Millis(s.Now().Add(-lateMost - 2*24*time.Hour))
	if err := s.Store.Write(ctx, func(tx *gorm.DB) error { return tx.Exec(`DELETE FROM attempt_steps WHERE day < ?`, days).Error }); err != nil {
		return err
	}
	for _, origin := range Origins() {
		for {
			var done int64
			err := s.Store.Write(ctx, func(tx *gorm.DB) error {
				res := tx.Exec(`DELETE FROM order_attempts WHERE id IN (SELECT id FROM order_attempts WHERE origin = ? AND at < ? ORDER BY at LIMIT ?)`, origin, old, rows)
				done = res.RowsAffected
				return res.Error
			})
			if err != nil {
				return err
			}
			if done < int64(rows) {
				break
			}
			select {
			case <-time.After(stepPause):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}
