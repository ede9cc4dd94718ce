package app

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"huiyin/app/egress"
	"huiyin/app/jobs"
	"huiyin/app/sms"
)

// newSMS makes the sender of text messages. Its jobs are inserted by the reader of the log that bears its name.
func (s *server) newSMS() *sms.Service {
	return sms.New(sms.Options{
		Store: s.Store, Tickets: s.Tickets, IDs: s.IDs, BaseURL: s.base, Now: time.Now, Log: s.Log, Do: s.askGateway, Alert: s.alert, AlertOver: s.alertOver,
		Queue: func(tx *gorm.DB, job sms.SendText) error {
			_, err := s.jobs.Insert(tx, job, jobs.InsertOptions{MaxAttempts: sms.Attempts, Unique: true})
			return err
		},
	})
}

// askGateway sends a request of a text message out.
func (s *server) askGateway(ctx context.Context, r sms.Request) (sms.Answer, error) {
	a, err := s.egress.Do(ctx, egress.Request(r))
	return sms.Answer{Status: a.Status, Body: a.Body}, err
}

// textWorker does the jobs of text messages: a quiet hour puts one off, a failure tries it again.
func (s *server) textWorker() jobs.Worker[sms.SendText] {
	return jobs.Worker[sms.SendText]{Timeout: time.Minute, Work: func(ctx context.Context, job jobs.Job[sms.SendText]) error {
		err := s.sms.Work(ctx, job.Args, job.Attempt)
		var again *sms.AgainError
		if errors.As(err, &again) && again.Wait > 0 {
			return jobs.Later(again.Wait)
		}
		return err
	}}
}
