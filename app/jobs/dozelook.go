package jobs

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// never is later than any job.
const never = time.Duration(1<<63 - 1)

// nextSQL asks whether a job runs, and when the next one is due. The index on (state, …) answers.
const nextSQL = `SELECT EXISTS (SELECT 1 FROM river_job WHERE state = 'running') AS running,
  CAST((SELECT unixepoch(min(scheduled_at), 'subsec') * 1000 FROM river_job WHERE state IN ('available', 'retryable', 'scheduled')) AS INTEGER) AS due`

// next says how long it is until there is a job to do: zero if one is due or runs, never if there is none.
func (z *dozer) next(ctx context.Context, now time.Time) (time.Duration, error) {
	var row struct {
		Running bool
		Due     *int64
	}
	if err := z.read(ctx).Raw(nextSQL).Scan(&row).Error; err != nil {
		return 0, fmt.Errorf("next job: %w", err)
	}
	switch {
	case row.Running:
		return 0, nil
	case row.Due == nil:
		return never, nil
	}
	return max(0, time.UnixMilli(*row.Due).Sub(now)), nil
}

// ring inserts the periodic jobs whose time has come, and says how long it is until the next one. On SQLite this takes
// the place of River's own clock, which stands still while River dozes.
func (z *dozer) ring(ctx context.Context, now time.Time) (time.Duration, error) {
	next := never
	for i, p := range z.clock {
		if !z.due[i].After(now) {
			if args, opts := p.next(); args != nil {
				if _, err := z.river.client.Insert(ctx, args, opts); err != nil {
					return dozeAfter, fmt.Errorf("insert %s: %w", args.Kind(), err)
				}
				z.river.driver.bell.ring(topicInsert, insertNote(cmp.Or(opts.Queue, DefaultQueue)))
			}
			z.due[i] = now.Add(p.Every)
		}
		next = min(next, z.due[i].Sub(now))
	}
	return next, nil
}
