package app

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"huiyin/app/deskmail"
	"huiyin/app/feedback"
	"huiyin/app/jobs"
	"huiyin/app/mailer"
	"huiyin/app/privacy"
	"huiyin/tickets/id"
)

// asksAttempts is how often a job asks; the asking itself gives up before.
const asksAttempts = 8

// queueAsking inserts the job that asks somebody for an answer.
func (s *server) queueAsking(tx *gorm.DB, job feedback.Asking) error {
	_, err := s.jobs.Insert(tx, job, jobs.InsertOptions{Queue: mailQueue, MaxAttempts: asksAttempts, Unique: true})
	return err
}

func (s *server) askWorker() jobs.Worker[feedback.Asking] {
	return jobs.Worker[feedback.Asking]{Timeout: mailTimeout, Work: func(ctx context.Context, job jobs.Job[feedback.Asking]) error {
		return s.feedback.Work(ctx, job.Args)
	}}
}

// sendAsking mails what asks for an answer: what would fail again is given up.
func (s *server) sendAsking(ctx context.Context, l feedback.Letter) error {
	err := s.mail.SendContact(ctx, mailer.Address{Name: l.Name, Email: l.Email}, deskmail.ContactLetter{
		Locale: l.Locale, Subject: l.Subject, Text: l.Text, Button: l.Button, Link: l.Link, Stop: l.Stop, StopWords: l.StopWords,
	})
	var failure *mailer.Error
	switch {
	case errors.Is(err, mailer.ErrUnset):
		return &feedback.GiveUpError{Reason: "unset", Err: err}
	case errors.As(err, &failure) && failure.Lasting():
		return &feedback.GiveUpError{Reason: "refused", Err: err}
	}
	return err
}

// orderDelivered asks whose order it is, if a form wants that. What is asked belongs to the order's own transaction.
func (s *server) orderDelivered(tx *gorm.DB, contact id.ID, number string) error {
	return s.feedback.AskOfOrder(tx, contact, number)
}

// withAnswers puts what somebody has answered in forms into her export.
func (s *server) withAnswers(p *privacy.Service) *privacy.Service {
	p.Parts = append(p.Parts, privacy.Part{Name: "responses", Each: func(ctx context.Context, contact id.ID, locale string, fn func(privacy.Record) error) error {
		aliases, err := s.Tickets.Aliases(ctx, contact)
		if err != nil {
			return err
		}
		list, err := s.feedback.KeptOf(ctx, append([]id.ID{contact}, aliases...), locale)
		if err != nil {
			return err
		}
		for _, one := range list {
			if err := fn(privacy.Record{When: one.At, Title: one.Title, Lines: one.Lines, Data: one.Data}); err != nil {
				return err
			}
		}
		return nil
	}})
	return p
}
