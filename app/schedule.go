package app

import (
	"context"
	"errors"
	"time"

	"huiyin/app/answers"
	"huiyin/app/db"
	"huiyin/app/hooks"
	"huiyin/app/jobs"
)

const (
	// wakeEvery is how late a snoozed ticket may come back.
	wakeEvery = answers.LookEvery
	// sweepEvery is how often what has expired is deleted.
	sweepEvery = time.Hour
	sweepRows  = 100 // a transaction: more would hold up the chat
)

// Sweep is the job that deletes what has expired: sign-ins, sessions, notices, what was left of mails.
type Sweep struct{}

// Kind names the job.
func (Sweep) Kind() string { return "sweep" }

// openJobs makes the client of the job queue with all that comes by the clock and need not be on the minute.
func (s *server) openJobs() (*jobs.Client, error) {
	o := jobs.Options{Queues: map[string]int{filesQueue: 1, mailQueue: mailWorkers, noticesQueue: noticeWorkers, noticeMailQueue: noticeWorkers, hooksQueue: hooks.Most, ordersQueue: 1, tellingQueue: 1, letterQueue: letterWorkers, insightsQueue: 1, passQueue: 1}, After: db.After, Read: s.DB.Read, Log: s.Log}
	if s.DB.Dialect() == "postgres" {
		o.Pool, o.PgxTx, o.Lease = s.DB.PgxPool(), db.PgxTx, s.jobsLease()
	} else {
		o.SQL, o.SQLTx = s.DB.SQL(), db.SQLTx
	}
	c, err := jobs.Open(o)
	if err != nil {
		return nil, err
	}
	sweep := jobs.Worker[Sweep]{Work: func(ctx context.Context, _ jobs.Job[Sweep]) error {
		return errors.Join(
			s.Auth.Sweep(ctx, sweepRows), s.notices.Sweep(ctx, sweepRows), s.hooks.Sweep(ctx), s.mailboxes.Sweep(ctx, sweepRows),
			s.feedback.Sweep(ctx, sweepRows),
			s.orders.Sweep(ctx),
			s.oldTexts.Sweep(ctx),
			s.telling.Sweep(ctx),
			s.attempts.Sweep(ctx, sweepRows),
			s.calls.Sweep(ctx),
		)
	}}
	return c, errors.Join(
		s.registerFiles(c),
		s.registerErasures(c),
		s.registerInsights(c),
		jobs.Register(c, sweep),
		jobs.Register(c, s.textWorker()),
		jobs.Register(c, s.mailWorker()),
		jobs.Register(c, s.askWorker()),
		jobs.Register(c, s.noticeWorker()),
		jobs.Register(c, s.hookWorker()),
		jobs.Register(c, importWorker(s.orders.Work, s.orders.GiveUp)),
		jobs.Register(c, importWorker(s.oldTexts.Work, s.oldTexts.GiveUp)),
		jobs.Register(c, s.tellingWorker()),
		jobs.Register(c, s.letterWorker()),
		jobs.Register(c, s.measureWorker()),
		c.Periodic(jobs.Periodic{Args: Measure{}, Every: measureEvery}),
		c.Periodic(jobs.Periodic{Args: Sweep{}, Every: sweepEvery, OnStart: true}),
	)
}

// runClock does what must not wait for a job queue: it wakes snoozed tickets, releases held replies and finds
// answers that were not taken. Every node looks; the first one that writes has done it.
func (s *server) runClock(ctx context.Context) {
	tick := time.NewTicker(wakeEvery)
	defer tick.Stop()
	s.lookForLetters(ctx) // at once: the process before this one may have died with some
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if _, err := s.Tickets.WakeSnoozed(ctx, sweepRows); err != nil && ctx.Err() == nil {
				s.Log.ErrorContext(ctx, "wake snoozed tickets", "error", err)
			}
			if _, err := s.Tickets.ReleaseDue(ctx, sweepRows); err != nil && ctx.Err() == nil {
				s.Log.ErrorContext(ctx, "release replies that are due", "error", err)
			}
			if _, err := s.Tickets.MarkOverdue(ctx, sweepRows); err != nil && ctx.Err() == nil {
				s.Log.ErrorContext(ctx, "look for first replies that are overdue", "error", err)
			}
			if err := s.standing.Look(ctx); err != nil && ctx.Err() == nil {
				s.Log.ErrorContext(ctx, "look at the disk", "error", err)
			}
			if err := s.notices.Look(ctx); err != nil && ctx.Err() == nil {
				s.Log.ErrorContext(ctx, "look for contacts who wait", "error", err)
			}
			if err := s.hooks.Look(ctx); err != nil && ctx.Err() == nil {
				s.Log.ErrorContext(ctx, "look for webhooks that are due", "error", err)
			}
			if err := s.attempts.Look(ctx); err != nil && ctx.Err() == nil {
				s.Log.ErrorContext(ctx, "look for a fall of the success rate", "error", err)
			}
			s.lookForLetters(ctx)
			if err := s.answers.Look(ctx); err != nil && ctx.Err() == nil {
				s.Log.ErrorContext(ctx, "look for answers that were not taken", "error", err)
			}
		}
	}
}
