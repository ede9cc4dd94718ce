package mailin

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"huiyin/mailin/imapbox"
	"huiyin/tickets/id"
)

const (
	// lookEvery is how late another node's change of an account is seen where no signal tells of it.
	lookEvery = 30 * time.Second
	// leaseFor is how long a node that died keeps a mailbox from the others.
	leaseFor   = 60 * time.Second
	leaseAgain = 15 * time.Second
	// alarmAfter is how long a mailbox may fail before people are told.
	alarmAfter = 10 * time.Minute

	pauseFirst = 2 * time.Second
	pauseMost  = 5 * time.Minute
)

// Run reads all active mailboxes and makes tickets of what came, until ctx ends. Every node runs it; a mailbox is read by
// the one that has its lease.
func (s *Service) Run(ctx context.Context) {
	var work sync.WaitGroup
	work.Go(func() { s.processLoop(ctx) })
	running := map[id.ID]*reader{}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		if err := s.supervise(ctx, running); err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "look at the mail accounts", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-s.reload:
		case <-tick.C:
		}
	}
	for _, r := range running {
		<-r.done
	}
	work.Wait()
}

// inboxesOff are the inboxes that take nothing now: their mails wait, on their server and here.
const inboxesOff = `SELECT id FROM inboxes WHERE disabled_at IS NOT NULL`

// reader is one goroutine that reads one mailbox by the settings of a moment.
type reader struct {
	updatedAt int64
	stop      context.CancelFunc
	done      chan struct{}
}

// supervise starts readers for what is active and ends those whose account has changed or whose inbox was switched off.
func (s *Service) supervise(ctx context.Context, running map[id.ID]*reader) error {
	rows, err := s.rows(s.Store.Read(ctx), `WHERE active AND inbox_id NOT IN (`+inboxesOff+`)`)
	if err != nil {
		return err
	}
	wanted := map[id.ID]int64{}
	for i := range rows {
		wanted[rows[i].InboxID] = rows[i].updatedAt
	}
	fewer := false
	for inbox, r := range running {
		if at, ok := wanted[inbox]; !ok || at != r.updatedAt {
			r.stop()
			<-r.done
			delete(running, inbox)
			fewer = fewer || !ok
		}
	}
	if fewer { // perhaps it was the one that failed
		if err := s.maybeOver(ctx); err != nil {
			return err
		}
	}
	for inbox, at := range wanted {
		if running[inbox] != nil {
			continue
		}
		life, stop := context.WithCancel(ctx)
		r := &reader{updatedAt: at, stop: stop, done: make(chan struct{})}
		running[inbox] = r
		go func() {
			defer close(r.done)
			defer stop()
			s.readLoop(life, inbox)
		}()
	}
	return nil
}

// readLoop reads a mailbox, and begins anew after every failure, later each time.
func (s *Service) readLoop(ctx context.Context, inbox id.ID) {
	pause := pauseFirst
	for ctx.Err() == nil {
		err := s.alone(ctx, "mail:"+inbox.String(), func(ctx context.Context) error {
			return s.read(ctx, inbox, func() { pause = pauseFirst })
		})
		if ctx.Err() != nil {
			return
		}
		wait := leaseAgain
		if err != nil {
			s.tellFailing(ctx, inbox, err)
			wait = pause/2 + rand.N(pause) // many mailboxes of one provider do not come back at once
			pause = min(2*pause, pauseMost)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// alone runs fn while this node has a lease, and not at all where another has it.
func (s *Service) alone(ctx context.Context, name string, fn func(ctx context.Context) error) error {
	if s.Lease == nil {
		return fn(ctx)
	}
	held, err := s.Lease(ctx, name, leaseFor)
	if err != nil || !held {
		return err
	}
	life, stop := context.WithCancel(ctx)
	var renew sync.WaitGroup
	renew.Go(func() {
		tick := time.NewTicker(leaseFor / 4)
		defer tick.Stop()
		for {
			select {
			case <-life.Done():
				return
			case <-tick.C:
				if held, err := s.Lease(life, name, leaseFor); err != nil || !held {
					stop()
					return
				}
			}
		}
	})
	err = fn(life)
	lost := life.Err() != nil
	stop()
	renew.Wait()
	if lost && ctx.Err() == nil {
		return nil // another node has it
	}
	return errors.Join(err, s.Release(context.WithoutCancel(ctx), name))
}

// tellFailing notes why a mailbox cannot be read, and tells people when it lasts, or at once when it cannot mend itself.
func (s *Service) tellFailing(ctx context.Context, inbox id.ID, err error) {
	var e *imapbox.Error
	if !errors.As(err, &e) {
		e = &imapbox.Error{Step: imapbox.StepFetch, Reason: imapbox.ReasonOther}
	}
	s.Log.WarnContext(ctx, "a mailbox cannot be read", "inbox", inbox, "step", e.Step, "reason", e.Reason)
	since, err := s.failing(ctx, inbox, e)
	if err != nil {
		s.Log.ErrorContext(ctx, "note that a mailbox fails", "inbox", inbox, "error", err)
		return
	}
	lasting := e.Reason == imapbox.ReasonPassword || e.Reason == imapbox.ReasonUnsafe || e.Reason == imapbox.ReasonCertificate
	if s.Now().Sub(since) < alarmAfter && (!lasting || s.Now().Sub(since) < time.Minute) {
		return
	}
	name := inbox.String()
	if box, err := s.Tickets.Inbox(ctx, inbox); err == nil {
		name = box.Name
	}
	args := map[string]any{"host": "IMAP", "folder": "INBOX"}
	if a, err := s.Account(ctx, inbox); err == nil {
		args["host"], args["folder"] = a.IMAP.Host, a.folder()
	}
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		s.Log.ErrorContext(ctx, "tell that a mailbox fails", "inbox", inbox, "error", err)
		return
	}
	s.Alert(ctx, alertFailing, map[string]string{"inbox": name, "reason": s.Text(shop.Locale, "mailbox.why."+string(e.Reason), args)})
}

const alertFailing = "mail_failing"

// maybeOver says that the mailboxes can be read again, once all of them can: there is one alert for all.
func (s *Service) maybeOver(ctx context.Context) error {
	var failing int
	err := s.Store.Read(ctx).Raw(`SELECT COUNT(*) FROM mail_accounts WHERE active AND failing_since IS NOT NULL AND inbox_id NOT IN (` + inboxesOff + `)`).Row().Scan(&failing)
	if err == nil && failing == 0 {
		s.AlertOver(ctx, alertFailing)
	}
	return err
}

// boxConfig says how to come to an account's mailbox.
func (s *Service) boxConfig(a *Account) imapbox.Config {
	c := imapbox.Config{
		Host: a.IMAP.Host, Port: a.IMAP.port(), Security: a.IMAP.Security, User: a.IMAP.user(a), Password: a.IMAP.Password,
		Folder: a.Folder, Processed: a.Processed, TLS: s.TLS, Dial: s.Dial, CommandTime: s.CommandTime,
	}
	if a.OAuth != nil {
		c.Token = func(ctx context.Context) (string, error) { return s.Token(ctx, a.InboxID) }
	}
	return c
}
