package mailin

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// noRoomFor is how long a letter waits at the least for its inbox's turn.
const noRoomFor = time.Minute

// claim takes a due letter for one try, and writes down whom it goes to; nil: there is nothing to do.
func (s *Service) claim(ctx context.Context, message id.ID) (*try, error) {
	var out *try
	err := s.Store.Write(ctx, func(tx *gorm.DB) (err error) {
		out, err = s.claimTx(tx, message)
		return err
	})
	if err != nil || out == nil {
		return nil, err
	}
	return out, nil
}

func (s *Service) claimTx(tx *gorm.DB, message id.ID) (*try, error) {
	now := s.Now()
	at := tickets.Millis(now)
	// The row is locked by the update, so that of two nodes one finds that it is not due any more.
	done := tx.Exec(`UPDATE mail_letters SET next_at = ? WHERE message_id = ? AND state IN ('waiting', 'sending') AND next_at <= ?`,
		tickets.Millis(now.Add(claimFor)), int64(message), at)
	if done.Error != nil || done.RowsAffected == 0 {
		return nil, done.Error
	}
	l, err := s.letterOf(tx, message)
	if err != nil {
		return nil, err
	}
	live, err := s.stillWanted(tx, l)
	if err != nil {
		return nil, err
	}
	if !live {
		return nil, s.cancel(tx, l)
	}
	rows, err := s.recipientsOf(tx, []id.ID{message})
	if err != nil {
		return nil, err
	}
	t := &try{letterRow: l, all: rows[message], begun: at}
	for _, r := range t.all {
		if r.state == Queued || r.state == Sending {
			t.to = append(t.to, r)
		}
	}
	if len(t.to) == 0 {
		return nil, s.settle(tx, t.letterRow)
	}
	r, err := s.row(tx, l.inbox)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if err != nil || r.SMTP.Host == "" { // it had one when the reply was written, and may have one again
		if err := s.begin(tx, t); err != nil {
			return nil, err
		}
		return nil, s.failed(tx, t, &SendError{Reason: "no_way", Mailbox: true})
	}
	t.account = &r.Account
	wait, err := s.noRoom(tx, t.account, now)
	if err != nil {
		return nil, err
	}
	if wait > 0 { // waiting for one's turn is no failure and takes nothing of the time
		return nil, tx.Exec(`UPDATE mail_letters SET state = ?, next_at = ?, until_at = until_at + ?, unsure = ?, reason = 'turn', updated_at = ? WHERE message_id = ?`,
			letterWaiting, tickets.Millis(now.Add(wait)), wait.Milliseconds(), l.wasSending(), at, int64(message)).Error
	}
	return t, s.begin(tx, t)
}

// wasSending tells whether the letter may have left already: nobody has said what came of the last try, for its process died, or
// the server was gone before it answered.
func (l *letterRow) wasSending() bool { return l.unsure || l.state == letterSending }

// begin writes down that a try is under way, and for whom.
func (s *Service) begin(tx *gorm.DB, t *try) error {
	err := tx.Exec(`UPDATE mail_letters SET state = ?, attempts = attempts + 1, begun_at = ?, unsure = ?, reason = '', updated_at = ? WHERE message_id = ?`,
		letterSending, t.begun, t.wasSending(), t.begun, int64(t.letterRow.message)).Error
	if err != nil {
		return err
	}
	return tx.Exec(`UPDATE mail_recipients SET state = ?, updated_at = ? WHERE message_id = ? AND state = ?`, string(Sending), t.begun, int64(t.letterRow.message), string(Queued)).Error
}

// stillWanted tells whether a letter has still something to say: its message was not taken back, its contact not erased, and
// she has not read it meanwhile where that counts.
func (s *Service) stillWanted(tx *gorm.DB, l *letterRow) (bool, error) {
	if l.gone {
		return false, nil
	}
	var key, read, wrote, seq, pos int64
	var state string
	err := all(tx, func(scan func(...any) error) error { return scan(&key, &read, &wrote, &seq, &pos, &state) },
		`SELECT t.key_id, t.contact_read, t.last_contact_pos, COALESCE(m.seq, 0), m.pos, m.state FROM messages m JOIN tickets t ON t.id = m.ticket_id WHERE m.id = ?`, int64(l.message))
	if err != nil || key == 0 {
		return false, err
	}
	if l.kind == kindChat {
		return read < seq && wrote < pos, nil
	}
	return state == string(tickets.StateAsWritten), nil
}

// cancel calls a letter off that nobody is to get any more.
func (s *Service) cancel(tx *gorm.DB, l *letterRow) error {
	now := tickets.Millis(s.Now())
	err := tx.Exec(`UPDATE mail_recipients SET state = ?, updated_at = ? WHERE message_id = ? AND state IN ('queued', 'sending')`, string(Cancelled), now, int64(l.message)).Error
	if err != nil {
		return err
	}
	var sent int
	if err := tx.Raw(`SELECT COUNT(*) FROM mail_recipients WHERE message_id = ? AND sent_at IS NOT NULL`, int64(l.message)).Row().Scan(&sent); err != nil {
		return err
	}
	state := letterCancelled
	if sent > 0 {
		state = letterSent
	}
	return s.endLetter(tx, l, state, "", false)
}

// noRoom tells how long a letter has to wait because its inbox has sent as many as it may; zero: it has not. The account's row
// is held, so that two nodes do not both take the last place.
func (s *Service) noRoom(tx *gorm.DB, a *Account, now time.Time) (time.Duration, error) {
	if err := holdAccount(tx, a.InboxID); err != nil {
		return 0, err
	}
	for _, limit := range []struct {
		most int
		span time.Duration
	}{{orElse(a.PerHour, DefaultPerHour), time.Hour}, {orElse(a.PerDay, DefaultPerDay), 24 * time.Hour}} {
		var n int
		var oldest *int64
		err := tx.Raw(`SELECT COUNT(*), MIN(begun_at) FROM mail_letters WHERE inbox_id = ? AND begun_at > ?`,
			int64(a.InboxID), tickets.Millis(now.Add(-limit.span))).Row().Scan(&n, &oldest)
		if err != nil {
			return 0, err
		}
		if n >= limit.most {
			return max(time.UnixMilli(orZero(oldest)).Add(limit.span).Sub(now), noRoomFor), nil
		}
	}
	return 0, nil
}

func orElse(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}
