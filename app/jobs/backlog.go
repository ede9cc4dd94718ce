package jobs

import (
	"context"
	"fmt"
	"time"
)

// Backlog says how a queue stands.
type Backlog struct {
	Queue     string
	Waiting   int64 // due and not begun
	Running   int64 // on all nodes
	Retrying  int64 // failed, due later
	Scheduled int64 // put off
	Discarded int64 // given up within the last week
	// Oldest is how long the longest waiting job has been due.
	Oldest time.Duration
}

// The counts read the index on (state, queue, …) and leave out the finished jobs, which are the many.
const (
	backlogSQLite = `SELECT queue, state, count(*) AS n,
  CAST(max(0, (unixepoch('now', 'subsec') - unixepoch(min(scheduled_at), 'subsec')) * 1000) AS INTEGER) AS age
FROM river_job WHERE state IN ('available', 'running', 'retryable', 'scheduled', 'discarded') GROUP BY state, queue`
	backlogPostgres = `SELECT queue, state::text AS state, count(*) AS n,
  greatest(0, extract(epoch FROM now() - min(scheduled_at)) * 1000)::bigint AS age
FROM river_job WHERE state IN ('available', 'running', 'retryable', 'scheduled', 'discarded') GROUP BY state, queue`
)

// Backlog tells how each queue that has unfinished or discarded jobs stands, for the metrics.
func (c *Client) Backlog(ctx context.Context) (map[string]Backlog, error) {
	var rows []struct {
		Queue, State string
		N, Age       int64
	}
	if err := c.read(ctx).Raw(c.engine.backlogSQL()).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("jobs: backlog: %w", err)
	}
	queues := map[string]Backlog{}
	for _, r := range rows {
		b := queues[r.Queue]
		b.Queue = r.Queue
		switch r.State {
		case "available":
			b.Waiting, b.Oldest = r.N, time.Duration(r.Age)*time.Millisecond
		case "running":
			b.Running = r.N
		case "retryable":
			b.Retrying = r.N
		case "scheduled":
			b.Scheduled = r.N
		case "discarded":
			b.Discarded = r.N
		}
		queues[r.Queue] = b
	}
	return queues, nil
}
