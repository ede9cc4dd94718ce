package jobs

import (
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"gorm.io/gorm"
)

// InsertOptions say how a job is to be done. The zero value: at once, in the default queue, MaxAttempts times.
type InsertOptions struct {
	At          time.Time // not before
	Queue       string
	MaxAttempts int
	Priority    int // 1 (first, as is 0) to 4
	// Unique inserts nothing while a job of the same kind and args waits or runs. Mind that one which runs may already
	// have read what the new one is about: see Inserted.Running.
	Unique bool
}

// Inserted is what Insert did.
type Inserted struct {
	ID        int64 // of the job, or of the one that is there already
	Duplicate bool
	// Running says that the job that is there already has begun. If it might miss what has just been written, the caller
	// fails and comes back later (a reader of the event log does so by returning an error).
	Running bool
}

// waitsOrRuns are the states of a job that is not over.
var waitsOrRuns = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled,
}

// Insert adds a job to the transaction: it will be done if tx commits and never if not. After an error tx has to be
// given up.
func (c *Client) Insert(tx *gorm.DB, args Args, o InsertOptions) (Inserted, error) {
	opts := &river.InsertOpts{ScheduledAt: o.At, Queue: o.Queue, MaxAttempts: o.MaxAttempts, Priority: o.Priority}
	if o.Unique {
		opts.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: waitsOrRuns}
	}
	done, err := c.engine.insert(tx, args, opts)
	if err != nil {
		return Inserted{}, fmt.Errorf("jobs: insert %s: %w", args.Kind(), err)
	}
	return done, nil
}
