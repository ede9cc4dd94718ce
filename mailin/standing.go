package mailin

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/mailin/imapbox"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Standing is how the reading of a mailbox goes.
type Standing struct {
	PolledAt     int64 // the last look that went well, Unix ms; 0: none yet
	FailingSince int64 // 0: it works
	Step         imapbox.Step
	Reason       imapbox.Reason
	Server       string // what the server said
	LeftThere    int64  // mails in the folder that were not fetched yet, as of the last look
	Waiting      int64  // mails that were fetched and not read yet
	Failed       int64  // mails that were set aside
}

// FetchNow looks into a mailbox at once, also where it waits because it failed. Errors: NotFound.
func (s *Service) FetchNow(ctx context.Context, inbox id.ID) error {
	return s.wake(ctx, "mailin.error.no_account", `UPDATE mail_accounts SET updated_at = ? WHERE inbox_id = ?`, tickets.Millis(s.Now()), int64(inbox))
}

// wake changes what a row says and has the readers look at once. Errors: NotFound with the text missing, where there is no such row.
func (s *Service) wake(ctx context.Context, missing, sql string, args ...any) error {
	err := s.Store.Write(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(sql, args...)
		if done.Error == nil && done.RowsAffected == 0 {
			return fault.New(fault.NotFound, missing)
		}
		return done.Error
	})
	if err == nil {
		s.changed()
	}
	return err
}

// countWaiting goes through the few mails that wait, by their index; with the inbox as a condition SQLite takes the one of all that
// ever came to it.
const countWaiting = `SELECT COUNT(CASE WHEN inbox_id = ? THEN 1 END) FROM mail_incoming WHERE state = 'new'`

// Standing tells how the reading of a mailbox goes. Errors: NotFound.
func (s *Service) Standing(ctx context.Context, inbox id.ID) (Standing, error) {
	tx := s.Store.Read(ctx)
	r, err := s.row(tx, inbox)
	if err != nil {
		return Standing{}, err
	}
	st := r.standing
	err = tx.Raw(countWaiting, int64(inbox)).Row().Scan(&st.Waiting)
	if err == nil {
		err = tx.Raw(`SELECT COUNT(*) FROM mail_incoming WHERE state = 'failed' AND inbox_id = ?`, int64(inbox)).Row().Scan(&st.Failed)
	}
	return st, err
}

// well notes a look that went well.
func (s *Service) well(ctx context.Context, inbox id.ID, left int64) error {
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE mail_accounts SET polled_at = ?, failing_since = NULL, step = '', reason = '', server = NULL, left_there = ? WHERE inbox_id = ?`,
			tickets.Millis(s.Now()), left, int64(inbox)).Error
	})
}

// failing notes a look that failed and tells since when they do.
func (s *Service) failing(ctx context.Context, inbox id.ID, e *imapbox.Error) (since time.Time, err error) {
	var at int64
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		said, err := s.Sealer.SealText(tx, s.Sealer.DeskKey(), accountsTable, "server", inbox, e.Server)
		if err != nil {
			return err
		}
		return tx.Raw(`UPDATE mail_accounts SET failing_since = COALESCE(failing_since, ?), step = ?, reason = ?, server = ? WHERE inbox_id = ? RETURNING failing_since`,
			tickets.Millis(s.Now()), string(e.Step), string(e.Reason), said, int64(inbox)).Row().Scan(&at)
	})
	return time.UnixMilli(at), err
}
