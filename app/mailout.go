package app

import (
	"context"
	"io"
	"net"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/files"
	"huiyin/app/i18n"
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

// newMailboxes makes what turns mails into tickets, and answers into mails. It reads no mailbox until it runs.
func (s *server) newMailboxes(texts *i18n.Bundle) *mailin.Service {
	o := mailin.Options{
		Store: s.Store, Tickets: s.Tickets, Sealer: s.Sealer, IDs: s.IDs, Now: time.Now, Log: s.Log, BaseURL: s.base, Text: texts.Text,
		OpenFile: func(ctx context.Context, a *tickets.Attachment) (io.ReadCloser, error) {
			return s.files.Open(ctx, a, files.Original)
		},
		MayReceive: s.standing.MayWrite, Alert: s.alert, AlertOver: s.alertOver,
	}
	if s.DB.Dialect() == db.Postgres {
		o.Lease = func(ctx context.Context, name string, ttl time.Duration) (bool, error) {
			held, _, err := s.DB.Lease(ctx, name, s.holder, ttl)
			return held, err
		}
		o.Release = func(ctx context.Context, name string) error { return s.DB.Release(ctx, name, s.holder) }
	}
	s.sendsLetters(&o)
	return mailin.New(o)
}

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
