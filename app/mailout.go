package app

import (
	"context"
	"net"

	"gorm.io/gorm"

	"huiyin/app/jobs"
	"huiyin/app/mailer"
	"huiyin/app/mailout"
	"huiyin/mailin"
	"huiyin/tickets"
)

const (
	// letterQueue is apart from the desk's own mails: a shop's server that hangs holds up no link for a new password. Few at
	// once, because providers count connections.
	letterQueue   = "letters"
	letterWorkers = 3
)

// sendsLetters lets the mailboxes send: by their own servers, in jobs.
func (s *server) sendsLetters(o *mailin.Options) {
	hello := s.base.Hostname()
	if net.ParseIP(hello) != nil {
		hello = ""
	}
	out := mailout.Sender{Mailer: mailer.New(mailer.Options{Hello: hello}), Token: o.Token}
	o.Send, o.There = out.Send, s.chat.There
	o.Queue = func(tx *gorm.DB, job mailin.SendLetter) error {
		_, err := s.jobs.Insert(tx, job, jobs.InsertOptions{Queue: letterQueue, MaxAttempts: 1, Unique: true})
		return err
	}
}

// letterWorker makes one try of a letter. Its next one is another job, which Look starts when it is due.
func (s *server) letterWorker() jobs.Worker[mailin.SendLetter] {
	return jobs.Worker[mailin.SendLetter]{Timeout: mailin.SendTimeout, Work: func(ctx context.Context, job jobs.Job[mailin.SendLetter]) error {
		return s.mailboxes.Work(ctx, job.Args)
	}}
}

// replied lets a reply that its contact has just got leave as a mail, where it does.
func (s *server) replied(tx *gorm.DB, t *tickets.Ticket, m *tickets.Message) error {
	if s.mailboxes == nil {
		return nil // the desk is still starting
	}
	return s.mailboxes.Replied(tx, t, m)
}

// lookForLetters starts the jobs of letters that are due.
func (s *server) lookForLetters(ctx context.Context) {
	if err := s.mailboxes.Look(ctx); err != nil && ctx.Err() == nil {
		s.Log.ErrorContext(ctx, "look for letters that are due", "error", err)
	}
}
