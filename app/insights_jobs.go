package app

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/insights"
	"huiyin/app/insights/worker"
	"huiyin/app/jobs"
)

const (
	// insightsQueue does what is soon done, also while passQueue does what takes minutes.
	insightsQueue = "insights"
	passQueue     = "insights_pass"

	askAfter    = time.Second // a job was asked for while it ran
	askTimeout  = 10 * time.Second
	assignEvery = time.Minute // for what a process asked for that died
	settleEvery = 10 * time.Minute
	passEvery   = 5 * time.Minute
	lookEvery   = time.Hour
	lookAfter   = 30 * time.Second // new complaints were put into groups: more are coming

	assignTimeout = 3 * time.Minute
	settleTimeout = 2 * time.Minute
	lookTimeout   = 10 * time.Minute
	passTimeout   = time.Hour // it gives way to everything else
)

// newWorker makes what groups complaints apart from the desk.
func (s *server) newWorker() *worker.Process {
	return &worker.Process{Log: s.Log, Plain: func() bool {
		memory := s.cfg.InsightsMemory
		if memory == 0 {
			memory = worker.Free()
		}
		return memory < worker.PlainUnder
	}}
}

// queueInsights asks for work on complaints, once while it waits or runs.
func (s *server) queueInsights(tx *gorm.DB, job insights.Job) error {
	o := jobs.InsertOptions{Queue: insightsQueue, Unique: true}
	switch job.(type) {
	case insights.Passing:
		o.Queue = passQueue
	case insights.Looking:
		o.At = time.Now().Add(lookAfter)
	}
	done, err := s.jobs.Insert(tx, job, o)
	if err == nil && done.Running && soonDone[job.Kind()] {
		db.After(tx, func() { s.askAgain(job) })
	}
	return err
}

// soonDone are the jobs that somebody waits for; the others come by the clock anyway.
var soonDone = map[string]bool{insights.Assigning{}.Kind(): true, insights.Settling{}.Kind(): true}

// askAgain asks for a job once more, soon: the one that runs may have looked for the last time.
func (s *server) askAgain(job insights.Job) {
	if _, asked := s.asked.LoadOrStore(job.Kind(), true); asked {
		return
	}
	time.AfterFunc(askAfter, func() {
		s.asked.Delete(job.Kind())
		if s.stopping.Load() {
			return // the next start asks
		}
		ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
		defer cancel()
		if err := s.Store.Write(ctx, func(tx *gorm.DB) error { return s.queueInsights(tx, job) }); err != nil {
			s.Log.WarnContext(ctx, "ask again for work on complaints", "job", job.Kind(), "error", err)
		}
	})
}

// more puts off the rest of a job that has had its turn.
func more(more bool, err error) error {
	if err == nil && more {
		return jobs.Later(time.Millisecond)
	}
	return err
}

// registerInsights says who works on complaints.
func (s *server) registerInsights(c *jobs.Client) error {
	return errors.Join(
		jobs.Register(c, jobs.Worker[insights.Assigning]{Timeout: assignTimeout, Work: func(ctx context.Context, _ jobs.Job[insights.Assigning]) error {
			return more(s.insights.Assign(ctx))
		}}),
		jobs.Register(c, jobs.Worker[insights.Settling]{Timeout: settleTimeout, Work: func(ctx context.Context, _ jobs.Job[insights.Settling]) error {
			return more(s.insights.Settle(ctx))
		}}),
		jobs.Register(c, jobs.Worker[insights.Passing]{Timeout: passTimeout, Work: func(ctx context.Context, _ jobs.Job[insights.Passing]) error {
			r, err := s.insights.Pass(ctx)
			if err != nil || r == nil {
				return err
			}
			return errors.Join(s.insights.Cost(ctx), s.insights.Look(ctx))
		}}),
		jobs.Register(c, jobs.Worker[insights.Looking]{Timeout: lookTimeout, Work: func(ctx context.Context, _ jobs.Job[insights.Looking]) error {
			return s.insights.Look(ctx)
		}}),
		c.Periodic(jobs.Periodic{Args: insights.Assigning{}, Every: assignEvery, OnStart: true, Queue: insightsQueue}),
		c.Periodic(jobs.Periodic{Args: insights.Settling{}, Every: settleEvery, OnStart: true, Queue: insightsQueue}),
		c.Periodic(jobs.Periodic{Args: insights.Looking{}, Every: lookEvery, OnStart: true, Queue: insightsQueue}),
		c.Periodic(jobs.Periodic{Args: insights.Passing{}, Every: passEvery, OnStart: true, Queue: passQueue}),
	)
}
