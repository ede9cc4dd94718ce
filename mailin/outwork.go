package mailin

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// try is one try of a letter.
type try struct {
	*letterRow
	account *Account
	ticket  *tickets.Ticket
	message *tickets.Message
	to      []*recipientRow // whom it is for
	all     []*recipientRow
	begun   int64 // tells this try from a later one
}

// Work sends a letter, if it is due: to those who have not got it. What comes of it is in its rows, and whatever is to come
// again is found by Look; an error is the desk's own. Again for the same job is harmless.
func (s *Service) Work(ctx context.Context, job SendLetter) error {
	if s.Send == nil {
		return errors.New("mailin: nothing sends")
	}
	t, err := s.claim(ctx, job.Message)
	if t == nil || err != nil {
		return err
	}
	s.passed("claimed")
	mail, err := s.build(ctx, t)
	if err != nil {
		return s.unbuilt(ctx, t, err)
	}
	if mail == nil {
		return s.store(ctx, func(tx *gorm.DB) error { return s.cancel(tx, t.letterRow) })
	}
	s.passed("built")
	sent, err := s.sendClaimed(ctx, t, mail)
	s.passed("sent")
	if err == nil {
		err = s.store(ctx, func(tx *gorm.DB) error { return s.taken(tx, t, sent) })
		s.passed("noted")
		if err == nil {
			err = s.maybeSends(ctx, t.inbox)
		}
		return err
	}
	var e *SendError
	if !errors.As(err, &e) {
		e = &SendError{Reason: "other", Err: err}
	}
	s.Log.WarnContext(ctx, "a mail was not sent", "message", t.letterRow.message, "inbox", t.inbox, "reason", e.Reason, "code", e.Code, "final", e.Final, "unsure", e.Unsure)
	err = s.store(ctx, func(tx *gorm.DB) error { return s.failed(tx, t, e) })
	s.passed("noted")
	if e.Mailbox && t.attempts+1 >= alarmTries {
		s.tellSending(ctx, t.account, e)
	}
	return err
}

// sendClaimed sends a mail, and says meanwhile that the try is under way. It breaks off when another process has taken it over.
func (s *Service) sendClaimed(ctx context.Context, t *try, mail *OutMail) (Sent, error) {
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(claimAgain)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			var held int64
			err := s.Store.Write(ctx, func(tx *gorm.DB) error {
				kept := tx.Exec(`UPDATE mail_letters SET next_at = ? WHERE message_id = ? AND state = ? AND begun_at = ?`,
					tickets.Millis(s.Now().Add(claimFor)), int64(t.letterRow.message), letterSending, t.begun)
				held = kept.RowsAffected
				return kept.Error
			})
			if err == nil && held == 0 {
				stop()
			}
		}
	}()
	defer func() { stop(); <-done }()
	return s.Send(ctx, t.account, *mail)
}

const (
	alertSending = "mail.sending"
	alarmTries   = 3 // of one letter, for the mailbox's fault: some minutes
)

func (s *Service) tellSending(ctx context.Context, a *Account, e *SendError) {
	s.Alert(ctx, alertSending, map[string]string{"inbox": a.Address, "reason": e.Reason})
}

// maybeSends says that mails can be sent again, unless those of another inbox still wait: there is one alert for all.
func (s *Service) maybeSends(ctx context.Context, inbox id.ID) error {
	var waiting int
	err := s.Store.Read(ctx).Raw(`SELECT COUNT(*) FROM mail_letters WHERE state IN ('waiting', 'sending') AND attempts >= ? AND inbox_id <> ?`, alarmTries, int64(inbox)).Row().Scan(&waiting)
	if err == nil && waiting == 0 {
		s.AlertOver(ctx, alertSending)
	}
	return err
}

// store writes down what has happened, whether or not the job is still wanted.
func (s *Service) store(ctx context.Context, fn func(tx *gorm.DB) error) error {
	return s.Store.Write(context.WithoutCancel(ctx), fn)
}

// passed is a place at which a test may end the process.
func (s *Service) passed(step string) {
	if s.atStep != nil {
		s.atStep(step)
	}
}

// unbuilt puts a letter off that the desk itself cannot build now, and ends one whose ticket is gone.
func (s *Service) unbuilt(ctx context.Context, t *try, cause error) error {
	if fault.Is(cause, fault.NotFound) {
		return s.store(ctx, func(tx *gorm.DB) error { return s.cancel(tx, t.letterRow) })
	}
	return errors.Join(cause, s.store(ctx, func(tx *gorm.DB) error {
		return s.failed(tx, t, &SendError{Reason: "other", Err: cause})
	}))
}
