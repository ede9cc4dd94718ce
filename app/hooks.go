package app

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/app/hooks"
	"huiyin/app/jobs"
)

// hooksQueue has a worker for each hook that there may be, so that a receiver that hangs holds up nobody.
const hooksQueue = "webhooks"

// newHooks makes the teller of webhooks. Its jobs are inserted by the reader of the log that bears their name.
func (s *server) newHooks() *hooks.Service {
	return hooks.New(hooks.Options{
		Store: s.Store, Tickets: s.Tickets, Sealer: s.Sealer, IDs: s.IDs, Now: time.Now, Log: s.Log, HTTP: s.egress,
		Alert: s.alert, AlertOver: s.alertOver,
		Queue: func(tx *gorm.DB, job hooks.Drain) error {
			_, err := s.jobs.Insert(tx, job, jobs.InsertOptions{Queue: hooksQueue, Unique: true})
			return err
		},
	})
}

// hookWorker drains one hook; more that is due comes in another turn.
func (s *server) hookWorker() jobs.Worker[hooks.Drain] {
	return jobs.Worker[hooks.Drain]{Timeout: hooks.DrainTimeout, Work: func(ctx context.Context, job jobs.Job[hooks.Drain]) error {
		more, err := s.hooks.Work(ctx, job.Args)
		if err == nil && more {
			return jobs.Later(time.Second)
		}
		return err
	}}
}
