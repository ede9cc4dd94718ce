package jobs

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
	"gorm.io/gorm"
)

const (
	orphanBatch = 1000
	orphanError = "the process ended while the job ran"
)

func openSQLite(o Options, config *river.Config) (engine, error) {
	config.ReindexerIndexNames = []string{} // REINDEX would lock the database against the chat
	// All that this does in v0.49.0: the leader's services begin at once, where they wait up to a second each (one after
	// the other) so that nodes do not march in step. Here is one node, and it starts often (doze.go).
	config.TestOnly = true
	b := &bell{}
	ringQueue := func(queue string) { b.ring(topicInsert, insertNote(queue)) }
	z := newDozer(o)
	d := &driver[*sql.Tx]{Driver: riversqlite.New(o.SQL), bell: b, late: newLate(ringQueue), sole: true}
	client, err := river.NewClient(d, config)
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	z.river = &riverEngine[*sql.Tx]{
		client: client, driver: d, stats: backlogSQLite,
		under: func(tx *gorm.DB) (*sql.Tx, error) { return o.SQLTx(tx), nil },
		ring: func(tx *gorm.DB, _ riverdriver.ExecutorTx, queue string) error {
			o.After(tx, func() {
				ringQueue(queue)
				z.nudge()
			})
			return nil
		},
		before: func(context.Context) error { return nil },
	}
	z.inherit = func(ctx context.Context) error { return inherit(ctx, d.Driver.GetExecutor()) }
	return z, nil
}

// insertNote is what River's producers expect to hear of a new job.
func insertNote(queue string) string {
	note, _ := json.Marshal(map[string]string{"queue": queue}) // cannot fail
	return string(note)
}

// inherit takes over from the process before, which may have been killed: nobody else works on a SQLite file. Its term
// as leader ends, and the jobs that it left running run again or, with no attempt left, are discarded.
func inherit(ctx context.Context, exec riverdriver.Executor) error {
	if err := exec.Exec(ctx, "DELETE FROM river_leader"); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	var after int64
	for {
		now := time.Now().UTC()
		orphans, err := exec.JobGetStuck(ctx, &riverdriver.JobGetStuckParams{AfterID: after, Max: orphanBatch, StuckHorizon: now})
		if err != nil {
			return fmt.Errorf("jobs: find interrupted jobs: %w", err)
		}
		if len(orphans) == 0 {
			return nil
		}
		if err := rescue(ctx, exec, orphans, now); err != nil {
			return fmt.Errorf("jobs: take up interrupted jobs: %w", err)
		}
		after = orphans[len(orphans)-1].ID
	}
}

func rescue(ctx context.Context, exec riverdriver.Executor, orphans []*rivertype.JobRow, now time.Time) error {
	p := &riverdriver.JobRescueManyParams{StuckHorizon: now}
	for _, job := range orphans {
		note, err := json.Marshal(rivertype.AttemptError{At: now, Attempt: job.Attempt, Error: orphanError})
		if err != nil {
			return err
		}
		state, finalized := rivertype.JobStateAvailable, (*time.Time)(nil)
		if job.Attempt >= job.MaxAttempts {
			state, finalized = rivertype.JobStateDiscarded, &now
		}
		p.ID = append(p.ID, job.ID)
		p.Error = append(p.Error, note)
		p.FinalizedAt = append(p.FinalizedAt, finalized)
		p.ScheduledAt = append(p.ScheduledAt, now)
		p.State = append(p.State, string(state))
	}
	_, err := exec.JobRescueMany(ctx, p)
	return err
}

// LeaderAttemptReelect is part of riverdriver.Executor. A process that is alone stays the leader without a row to renew
// every five seconds.
func (e *executor) LeaderAttemptReelect(ctx context.Context, p *riverdriver.LeaderReelectParams) (*riverdriver.Leader, error) {
	if !e.sole {
		return e.Executor.LeaderAttemptReelect(ctx, p)
	}
	return &riverdriver.Leader{ElectedAt: p.ElectedAt, ExpiresAt: time.Now().Add(p.TTL), LeaderID: p.LeaderID}, nil
}
