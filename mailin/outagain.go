package mailin

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// SendAgain sends a message once more to those of its recipients who have not got it, or to those of them that are named,
// also where their addresses are known as bad. Errors: NotFound, Conflict (nobody is left to send it to, or it has no way).
func (s *Service) SendAgain(ctx context.Context, message id.ID, recipients ...id.ID) error {
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		if err := s.holdLetter(tx, message); err != nil {
			return err
		}
		l, err := s.letterOf(tx, message)
		if err != nil {
			return err
		}
		if l == nil || l.gone {
			return fault.New(fault.NotFound, "error.message.not_found")
		}
		if l.said.MessageID == "" || l.state == letterCancelled {
			return fault.New(fault.Conflict, "mailin.error.no_way")
		}
		rows, err := s.recipientsOf(tx, []id.ID{message})
		if err != nil {
			return err
		}
		now, n := tickets.Millis(s.Now()), 0
		for _, r := range rows[message] {
			if !r.state.Bad() || len(recipients) > 0 && !slices.Contains(recipients, r.id) {
				continue
			}
			n++
			if err := tx.Exec(`UPDATE mail_recipients SET state = ?, reason = '', code = 0, enhanced = '', detail = NULL, updated_at = ? WHERE id = ?`, string(Queued), now, int64(r.id)).Error; err != nil {
				return err
			}
			if err := tx.Exec(`DELETE FROM mail_addresses WHERE address_hash = ?`, s.addressHash(r.address)).Error; err != nil {
				return err
			}
		}
		if n == 0 {
			return fault.New(fault.Conflict, "mailin.error.all_sent")
		}
		err = tx.Exec(`UPDATE mail_letters SET state = CASE WHEN state = 'sending' THEN state ELSE 'waiting' END, reason = '', attempts = CASE WHEN state = 'sending' THEN attempts ELSE 0 END,
 queued_at = ?, next_at = CASE WHEN state = 'sending' THEN next_at ELSE ? END, until_at = ?, updated_at = ? WHERE message_id = ?`,
			now, now, now+TryFor.Milliseconds(), now, int64(message)).Error
		if err != nil {
			return err
		}
		if err := s.Tickets.NoteMailTx(tx, message, "", ""); err != nil {
			return err
		}
		return s.Queue(tx, SendLetter{Message: message})
	})
}
