package mailin

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
)

// comingFor is how long a mail may be on its way into its row: after a crash it is fetched again, unless its mailbox is gone.
const comingFor = 7 * 24 * time.Hour

// chosenFor is how long it is kept to whom a reply was to go that was taken back: the page of its ticket proposes them again.
const chosenFor = 7 * 24 * time.Hour

// Sweep deletes what a killed process left of mails that were not stored to their end and that nobody has fetched again for
// a week, at most limit of them: nothing of them was ever read. Should one be fetched after all, it is stored anew. With them
// go the letters of replies that were taken back a week ago.
func (s *Service) Sweep(ctx context.Context, limit int) error {
	before := tickets.Millis(s.Now().Add(-comingFor))
	for range limit { // each by itself: they are large
		found := false
		err := s.Store.Write(ctx, func(tx *gorm.DB) error {
			list, err := keptMails(tx, `WHERE state = 'coming' AND created_at < ? ORDER BY created_at LIMIT 1`, before)
			if found = len(list) > 0; err != nil || !found {
				return err
			}
			done := tx.Exec(`DELETE FROM mail_incoming WHERE id = ? AND state = 'coming' AND created_at < ?`, int64(list[0].mail), before)
			if done.Error != nil || done.RowsAffected == 0 { // it is being fetched just now
				return done.Error
			}
			_, err = dropRaw(tx, s.Sealer, list)
			return err
		})
		if err != nil {
			return err
		}
		if !found {
			break
		}
	}
	if err := s.sweepChosen(ctx, limit); err != nil {
		return err
	}
	return s.sweepPieces(ctx, limit)
}

// sweepChosen deletes to whom replies were to go that were taken back and so never leave. One that is still held waits, however
// long: the week begins with the undoing.
func (s *Service) sweepChosen(ctx context.Context, limit int) error {
	before := tickets.Millis(s.Now().Add(-chosenFor))
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(sweepChosenSQL, string(tickets.StateUndone), before, limit).Error
	})
}

const sweepChosenSQL = `DELETE FROM mail_letters WHERE message_id IN (SELECT l.message_id FROM mail_letters l JOIN messages m ON m.id = l.message_id
 WHERE l.state = 'chosen' AND m.state = ? AND m.changed_at < ? LIMIT ?)`

// sweepPieces deletes pieces whose mail was deleted: see dropRaw.
func (s *Service) sweepPieces(ctx context.Context, limit int) error {
	mails, err := idsOf(s.Store.Read(ctx), `SELECT DISTINCT p.incoming_id FROM mail_pieces p
 WHERE NOT EXISTS (SELECT 1 FROM mail_incoming i WHERE i.id = p.incoming_id AND i.key_id <> 0) LIMIT ?`, limit)
	if err != nil {
		return err
	}
	for _, one := range mails {
		if err := dropAllPieces(ctx, s.Store, one); err != nil {
			return err
		}
	}
	return nil
}
