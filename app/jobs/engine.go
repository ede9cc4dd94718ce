package jobs

import (
	"context"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
	"gorm.io/gorm"
)

// topicInsert is the name under which River's producers listen for new jobs.
const topicInsert = "river_insert"

// riverEngine is River's client with its wrapped driver. T is the driver's transaction.
type riverEngine[T any] struct {
	client *river.Client[T]
	driver *driver[T]
	under  func(tx *gorm.DB) (T, error)
	// ring tells the producers of a job that tx has inserted.
	ring  func(tx *gorm.DB, in riverdriver.ExecutorTx, queue string) error
	term  *tenure // nil on SQLite
	stats string
}

func (e *riverEngine[T]) insert(tx *gorm.DB, args river.JobArgs, o *river.InsertOpts) (Inserted, error) {
	inner, err := e.under(tx)
	if err != nil {
		return Inserted{}, err
	}
	res, err := e.client.InsertTx(tx.Statement.Context, inner, args, o)
	if err != nil {
		return Inserted{}, err
	}
	done := Inserted{ID: res.Job.ID, Duplicate: res.UniqueSkippedAsDuplicate}
	if done.Duplicate {
		done.Running = res.Job.State == rivertype.JobStateRunning
		return done, nil
	}
	// River itself rings at most once in its cooldown, and counts transactions that roll back.
	return done, e.ring(tx, e.driver.UnwrapExecutor(inner), res.Job.Queue)
}

func (e *riverEngine[T]) periodic(p *periodic) error {
	_, err := e.client.PeriodicJobs().AddSafely(river.NewPeriodicJob(river.PeriodicInterval(p.Every), p.next,
		&river.PeriodicJobOpts{ID: p.Args.Kind(), RunOnStart: p.OnStart}))
	return err
}

func (e *riverEngine[T]) start(ctx context.Context) error {
	e.term.start()
	e.driver.late.run(true)
	if err := e.client.Start(context.WithoutCancel(ctx)); err != nil {
		e.term.stop()
		return err
	}
	return nil
}

func (e *riverEngine[T]) stop(ctx context.Context) error {
	defer e.driver.late.run(false)
	if err := e.client.Stop(ctx); err != nil {
		return err
	}
	e.term.stop()
	return nil
}

func (e *riverEngine[T]) cancel(ctx context.Context) error {
	defer e.term.stop()
	return e.client.StopAndCancel(ctx)
}

func (e *riverEngine[T]) backlogSQL() string { return e.stats }
