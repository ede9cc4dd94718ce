package app

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"huiyin/app/auth"
	"huiyin/app/deskmail"
	"huiyin/app/i18n"
	"huiyin/app/jobs"
	"huiyin/app/mailer"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

const (
	// mailQueue is apart, so that a server that hangs holds up no other work; few at once, because providers count
	// connections.
	mailQueue   = "mail"
	mailWorkers = 3
	mailTimeout = 4 * time.Minute
)

// newMail makes what writes to the people who work here.
func (s *server) newMail(texts *i18n.Bundle) *deskmail.Service {
	desk := tickets.Actor{Kind: tickets.ActorSystem}
	return deskmail.New(deskmail.Options{
		Store: s.Store, Tickets: s.Tickets, BaseURL: s.base, Now: time.Now, Log: s.Log, Text: texts.Text, Alert: s.alert, AlertOver: s.alertOver,
		HTML: func(l deskmail.Letter) (string, error) { return s.web.Letter(l) },
		Queue: func(tx *gorm.DB, job deskmail.SendMail) error {
			_, err := s.jobs.Insert(tx, job, jobs.InsertOptions{Queue: mailQueue, MaxAttempts: deskmail.Attempts})
			return err
		},
		PasswordLink: func(ctx context.Context, agent id.ID) (string, error) {
			return s.Auth.PasswordLink(ctx, desk, agent, auth.MailedLinkLife)
		},
		Invitation: func(ctx context.Context, invitation id.ID) (deskmail.Invited, error) {
			one, token, err := s.Auth.AgainInvitation(ctx, invitation)
			return deskmail.Invited{Email: one.Email, Name: one.Name, Token: token, ExpiresAt: one.ExpiresAt}, err
		},
	})
}

// mailWorker sends mails: what would fail again is given up.
func (s *server) mailWorker() jobs.Worker[deskmail.SendMail] {
	return jobs.Worker[deskmail.SendMail]{Timeout: mailTimeout, Work: func(ctx context.Context, job jobs.Job[deskmail.SendMail]) error {
		err := s.mail.Work(ctx, job.Args, job.CreatedAt)
		var failure *mailer.Error
		if errors.As(err, &failure) && failure.Lasting() {
			return jobs.Discard(err)
		}
		return err
	}}
}
