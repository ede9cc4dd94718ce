package mailin

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// count counts a try of each mail, or takes it back.
func (s *Service) count(ctx context.Context, mails []*waiting, by int) error {
	ids := make([]id.ID, len(mails))
	for i, w := range mails {
		ids[i] = w.ID
	}
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE mail_incoming SET attempts = attempts + ? WHERE state = 'new' AND id IN ?`, by, ids).Error
	})
}

// wasRead notes that a mail which was tried before can be read.
func (s *Service) wasRead(ctx context.Context, w *waiting) error {
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE mail_incoming SET attempts = ?, entries = entries + 1 WHERE state = 'new' AND id = ?`, suspect, int64(w.ID)).Error
	})
}

// errGone tells that a mail cannot be opened any more.
var errGone = errors.New("mailin: the mail is gone")

// gone ends a mail that cannot be opened any more: its writer was erased after the backup that was put back.
func (s *Service) gone(ctx context.Context, w *waiting) error {
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`UPDATE mail_incoming SET state = ?, done_at = ?, next_at = NULL WHERE id = ? AND state = 'new'`, stateGone, tickets.Millis(s.Now()), int64(w.ID))
		if done.Error != nil || done.RowsAffected == 0 {
			return done.Error
		}
		_, err := dropRaw(tx, s.Sealer, []keptMail{{mail: w.ID, key: w.Key}})
		return err
	})
}

// notNow puts a mail off that could not be dealt with. When the cause is not the mail's, the try does not count.
func (s *Service) notNow(ctx context.Context, l *letter, cause error) error {
	if cause == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	wait, take := againAfter, 0
	var f *fault.Error
	if errors.As(cause, &f) && (f.Kind == fault.Unavailable || f.Kind == fault.TooMany) {
		wait, take = busyAfter, 1
	}
	s.Log.WarnContext(ctx, "a mail could not be dealt with", "mail", l.ID, "error", cause)
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE mail_incoming SET attempts = attempts - ?, next_at = ? WHERE id = ? AND state = 'new'`,
			take, tickets.Millis(s.Now().Add(wait)), int64(l.ID)).Error
	})
}
