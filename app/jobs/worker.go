package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"
)

// Args are what a job carries, stored as JSON: ids and small values, never personal data. Kind names the Worker.
type Args interface{ Kind() string }

// Job is one attempt at a job.
type Job[A Args] struct {
	ID          int64
	Args        A
	Attempt     int // 1 at first
	MaxAttempts int
	CreatedAt   time.Time
}

// Worker does the jobs of one kind.
type Worker[A Args] struct {
	// Work does the job. It may be called again for a job that was done already (a crash between the work and its being
	// written down), and it has to heed ctx. An error means: again later. See also Discard and Later.
	Work func(ctx context.Context, job Job[A]) error
	// Timeout ends ctx. Zero: DefaultTimeout.
	Timeout time.Duration
}

// Register tells the client who does the jobs of A's kind. It comes before Start.
func Register[A Args](c *Client, w Worker[A]) error {
	if c.isStarted() {
		return ErrStarted
	}
	if err := river.AddWorkerSafely(c.workers, &adapter[A]{worker: w, term: c.term, every: c.every}); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	return nil
}

// Discard wraps the error of a job that cannot succeed: it is not tried again.
func Discard(err error) error { return river.JobCancel(err) }

// Later puts the job off; the attempt does not count.
func Later(d time.Duration) error { return river.JobSnooze(d) }

// adapter is a Worker as River wants it.
type adapter[A Args] struct {
	river.WorkerDefaults[A]
	worker Worker[A]
	term   *tenure
	every  map[string]time.Duration // of the client
}

// Work is part of river.Worker.
func (a *adapter[A]) Work(ctx context.Context, job *river.Job[A]) (err error) {
	ctx, done := a.term.join(ctx, job.ID)
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{text: fmt.Sprint(v), stack: debug.Stack()}
		}
		err = cleaned(done(err))
	}()
	if err := ctx.Err(); err != nil {
		return err
	}
	return a.worker.Work(ctx, Job[A]{
		ID: job.ID, Args: job.Args, Attempt: job.Attempt, MaxAttempts: job.MaxAttempts, CreatedAt: job.CreatedAt,
	})
}

// Timeout is part of river.Worker.
func (a *adapter[A]) Timeout(*river.Job[A]) time.Duration { return a.worker.Timeout }

// NextRetry is part of river.Worker. A job that comes by the clock keeps others of its kind out while it waits to be tried again, so
// it waits no longer than until the next would come.
func (a *adapter[A]) NextRetry(job *river.Job[A]) time.Time {
	usual := new(river.DefaultClientRetryPolicy).NextRetry(job.JobRow)
	if every := a.every[job.Kind]; every > 0 {
		if next := time.Now().Add(every); next.Before(usual) {
			return next
		}
	}
	return usual
}

// panicError is a worker's panic as an error; the stack goes to the log only.
type panicError struct {
	text  string
	stack []byte
}

// Error shows the panic's value.
func (p *panicError) Error() string { return "panic: " + p.text }

func stackOf(err error) string {
	var p *panicError
	if errors.As(err, &p) {
		return string(p.stack)
	}
	return ""
}
