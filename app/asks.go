package app

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm"

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
	err := s.mail.SendContact(ctx, mailer.Address{Name: l.Name, Email: l.Email}, l.Locale, l.Subject, l.Text, l.Button, l.Link)
	var failure *mailer.Error
	switch {
	case errors.Is(err, mailer.ErrUnset):
		return &feedback.GiveUp{Reason: "unset", Err: err}
	case errors.As(err, &failure) && failure.Lasting():
		return &feedback.GiveUp{Reason: "refused", Err: err}
	}
	return err
}

// orderDelivered asks whose order it is, if a form wants that. What is asked belongs to the order's own transaction.
func (s *server) orderDelivered(tx *gorm.DB, contact id.ID, number string) error {
	return s.feedback.AskOfOrder(tx, contact, number)
}

// withAnswers puts what somebody has answered into her export.
func (s *server) withAnswers(p *privacy.Service) *privacy.Service {
	p.More = append(p.More, func(ctx context.Context, contacts []id.ID, locale string) (privacy.Section, error) {
		out := privacy.Section{Name: "responses", Title: p.Texts.Text(locale, "feedback.export", nil)}
		list, err := s.feedback.KeptOf(ctx, contacts, locale)
		for _, one := range list {
			out.Items = append(out.Items, privacy.Item{At: one.At, Title: one.Title, Text: strings.Join(one.Lines, "\n"), Data: one.Data})
		}
		return out, err
	})
	return p
}
