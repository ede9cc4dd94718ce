package jobs

import (
	"context"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// driver is one of River's with the changes that doc.go tells. River says "do not implement": its interfaces may change
// with a version, and then this file does not compile; the versions are pinned.
type driver[T any] struct {
	riverdriver.Driver[T]
	bell *bell // SQLite only: takes the place of LISTEN and NOTIFY
	late *late
	sole bool    // no other process works on the database
	term *tenure // PostgreSQL only
}

// GetExecutor is part of riverdriver.Driver.
func (d *driver[T]) GetExecutor() riverdriver.Executor {
	return &executor{Executor: d.Driver.GetExecutor(), bell: d.bell, late: d.late, sole: d.sole, term: d.term}
}

// GetListener is part of riverdriver.Driver.
func (d *driver[T]) GetListener(p *riverdriver.GetListenenerParams) riverdriver.Listener {
	if d.bell == nil {
		return d.Driver.GetListener(p)
	}
	return &listener{bell: d.bell}
}

// UnwrapExecutor is part of riverdriver.Driver: the caller's transaction as River's. Its end is the caller's, so its
// notes are never rung; riverEngine.insert sees to that.
func (d *driver[T]) UnwrapExecutor(tx T) riverdriver.ExecutorTx {
	return &executorTx{ExecutorTx: d.Driver.UnwrapExecutor(tx), bell: d.bell, late: d.late}
}

// UnwrapTx is part of riverdriver.Driver.
func (d *driver[T]) UnwrapTx(tx riverdriver.ExecutorTx) T {
	if ours, ok := tx.(*executorTx); ok {
		tx = ours.ExecutorTx
	}
	return d.Driver.UnwrapTx(tx)
}

// executor is River's door to the database outside a transaction.
type executor struct {
	riverdriver.Executor
	bell *bell
	late *late
	sole bool
	term *tenure
}

// Begin is part of riverdriver.Executor.
func (e *executor) Begin(ctx context.Context) (riverdriver.ExecutorTx, error) {
	tx, err := e.Executor.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return &executorTx{ExecutorTx: tx, bell: e.bell, late: e.late}, nil
}

// NotifyMany is part of riverdriver.Executor.
func (e *executor) NotifyMany(ctx context.Context, p *riverdriver.NotifyManyParams) error {
	if e.bell == nil {
		return e.Executor.NotifyMany(ctx, p)
	}
	e.bell.ring(p.Topic, p.Payload...)
	return nil
}

// JobSetStateIfRunningMany is part of riverdriver.Executor.
func (e *executor) JobSetStateIfRunningMany(ctx context.Context, p *riverdriver.JobSetStateIfRunningManyParams) ([]*rivertype.JobRow, error) {
	rows, err := e.term.setStates(ctx, e.Executor, p)
	e.late.rows(rows)
	return rows, err
}

// executorTx is a transaction of River's own.
type executorTx struct {
	riverdriver.ExecutorTx
	bell   *bell
	late   *late
	outer  *executorTx                     // of a savepoint
	unrung []*riverdriver.NotifyManyParams // for the commit
}

// Begin is part of riverdriver.Executor: a savepoint.
func (t *executorTx) Begin(ctx context.Context) (riverdriver.ExecutorTx, error) {
	tx, err := t.ExecutorTx.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return &executorTx{ExecutorTx: tx, bell: t.bell, late: t.late, outer: t}, nil
}

// NotifyMany is part of riverdriver.Executor. As with NOTIFY, nobody hears it before the commit.
func (t *executorTx) NotifyMany(ctx context.Context, p *riverdriver.NotifyManyParams) error {
	if t.bell == nil {
		return t.ExecutorTx.NotifyMany(ctx, p)
	}
	t.unrung = append(t.unrung, p)
	return nil
}

// Commit is part of riverdriver.ExecutorTx.
func (t *executorTx) Commit(ctx context.Context) error {
	if err := t.ExecutorTx.Commit(ctx); err != nil {
		return err
	}
	if t.outer != nil {
		t.outer.unrung = append(t.outer.unrung, t.unrung...)
		return nil
	}
	for _, p := range t.unrung {
		t.bell.ring(p.Topic, p.Payload...)
	}
	return nil
}

// JobSchedule is part of riverdriver.Executor.
func (t *executorTx) JobSchedule(ctx context.Context, p *riverdriver.JobScheduleParams) ([]*riverdriver.JobScheduleResult, error) {
	results, err := t.ExecutorTx.JobSchedule(ctx, p)
	for _, r := range results {
		if !r.ConflictDiscarded { // its state is the old one on PostgreSQL
			t.late.at(r.Job.Queue, r.Job.ScheduledAt)
		}
	}
	return results, err
}

// JobSetStateIfRunningMany is part of riverdriver.Executor.
func (t *executorTx) JobSetStateIfRunningMany(ctx context.Context, p *riverdriver.JobSetStateIfRunningManyParams) ([]*rivertype.JobRow, error) {
	rows, err := t.ExecutorTx.JobSetStateIfRunningMany(ctx, p)
	t.late.rows(rows)
	return rows, err
}
