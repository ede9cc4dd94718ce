package jobs

import (
	"context"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// setStates writes what became of jobs. River looks only whether a job still runs; one of a process whose lease was over may run on
// another node by now, and must not be ended there.
func (t *tenure) setStates(ctx context.Context, exec riverdriver.Executor, p *riverdriver.JobSetStateIfRunningManyParams) (rows []*rivertype.JobRow, err error) {
	if t.unbroken() {
		return exec.JobSetStateIfRunningMany(ctx, p)
	}
	tx, err := exec.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback(ctx) }() // after the commit it does nothing
	if err := tx.Exec(ctx, `SELECT 1 FROM river_job WHERE id = ANY($1) ORDER BY id FOR UPDATE`, p.ID); err != nil {
		return nil, err
	}
	now, err := tx.JobGetByIDMany(ctx, &riverdriver.JobGetByIDManyParams{ID: p.ID})
	if err != nil {
		return nil, err
	}
	mine := map[int64]bool{}
	for _, job := range now {
		if t.isMine(job) {
			mine[job.ID] = true
		}
	}
	if p = only(p, mine); len(p.ID) == 0 {
		return nil, nil
	}
	if rows, err = tx.JobSetStateIfRunningMany(ctx, p); err != nil {
		return nil, err
	}
	return rows, tx.Commit(ctx)
}

// only is what is said of some jobs.
func only(p *riverdriver.JobSetStateIfRunningManyParams, jobs map[int64]bool) *riverdriver.JobSetStateIfRunningManyParams {
	some := &riverdriver.JobSetStateIfRunningManyParams{Now: p.Now, Schema: p.Schema}
	for i, job := range p.ID {
		if !jobs[job] {
			continue
		}
		some.ID = append(some.ID, job)
		some.Attempt = append(some.Attempt, p.Attempt[i])
		some.ErrData = append(some.ErrData, p.ErrData[i])
		some.FinalizedAt = append(some.FinalizedAt, p.FinalizedAt[i])
		some.MetadataDoMerge = append(some.MetadataDoMerge, p.MetadataDoMerge[i])
		some.MetadataUpdates = append(some.MetadataUpdates, p.MetadataUpdates[i])
		some.ScheduledAt = append(some.ScheduledAt, p.ScheduledAt[i])
		some.State = append(some.State, p.State[i])
	}
	return some
}
