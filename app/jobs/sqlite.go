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
	_, err := takeUp(ctx, exec, func(*rivertype.JobRow) bool { return true })
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
