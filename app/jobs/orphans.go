package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

const (
	orphanBatch = 1000
	orphanError = "the process ended while the job ran"
	// anyTime is more than clocks differ: every job that runs began before.
	anyTime = 24 * time.Hour
)

// takeUp lets jobs that their process left running run again or, with no attempt left, be discarded. It gives their queues.
func takeUp(ctx context.Context, exec riverdriver.Executor, left func(job *rivertype.JobRow) bool) (queues []string, err error) {
	for after := int64(0); ; {
		now := time.Now().UTC()
		jobs, err := exec.JobGetStuck(ctx, &riverdriver.JobGetStuckParams{AfterID: after, Max: orphanBatch, StuckHorizon: now.Add(anyTime)})
		if err != nil {
			return nil, fmt.Errorf("jobs: find interrupted jobs: %w", err)
		}
		if len(jobs) == 0 {
			return queues, nil
		}
		after = jobs[len(jobs)-1].ID
		jobs = slices.DeleteFunc(jobs, func(job *rivertype.JobRow) bool { return !left(job) })
		if len(jobs) == 0 {
			continue
		}
		if err := rescue(ctx, exec, jobs, now); err != nil {
			return nil, fmt.Errorf("jobs: take up interrupted jobs: %w", err)
		}
		for _, job := range jobs {
			if !slices.Contains(queues, job.Queue) {
				queues = append(queues, job.Queue)
			}
		}
	}
}

// rescue lets orphans run again. One that another node has taken up meanwhile began after all of these, and is left alone.
func rescue(ctx context.Context, exec riverdriver.Executor, orphans []*rivertype.JobRow, now time.Time) error {
	p := &riverdriver.JobRescueManyParams{}
	for _, job := range orphans {
		note, err := json.Marshal(rivertype.AttemptError{At: now, Attempt: job.Attempt, Error: orphanError})
		if err != nil {
			return err
		}
		state, finalized := rivertype.JobStateAvailable, (*time.Time)(nil)
		if job.Attempt >= job.MaxAttempts {
			state, finalized = rivertype.JobStateDiscarded, &now
		}
		if began := job.AttemptedAt; began != nil && !began.Before(p.StuckHorizon) {
			p.StuckHorizon = began.Add(time.Millisecond)
		}
		p.ID = append(p.ID, job.ID)
		p.Error = append(p.Error, note)
		p.FinalizedAt = append(p.FinalizedAt, finalized)
		p.ScheduledAt = append(p.ScheduledAt, job.ScheduledAt) // it was due by everybody's clock
		p.State = append(p.State, string(state))
	}
	_, err := exec.JobRescueMany(ctx, p)
	return err
}
