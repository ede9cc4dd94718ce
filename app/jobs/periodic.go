package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
)

// Periodic is a job that comes by the clock, on one node.
type Periodic struct {
	Args  Args
	Every time.Duration // at least a second
	// OnStart does it when the desk starts too, unless it was done within the present span of Every. Without it, a span
	// longer than the desk ever runs never ends.
	OnStart bool
	Queue   string
}

// Periodic adds a job that comes by the clock. It comes before Start. A run is left out while the one before it waits or
// runs; one that fails is tried again after Every at the latest.
func (c *Client) Periodic(p Periodic) error {
	if c.isStarted() {
		return ErrStarted
	}
	if p.Every < time.Second {
		return errors.New("jobs: a periodic job comes at most once a second")
	}
	if err := c.engine.periodic(&periodic{Periodic: p, came: c.cameSince}); err != nil {
		return fmt.Errorf("jobs: periodic %s: %w", p.Args.Kind(), err)
	}
	c.every[p.Args.Kind()] = p.Every
	return nil
}

const (
	onStart      = `{"on_start": true}` // marks jobs of a start
	cameSQLite   = `SELECT EXISTS (SELECT 1 FROM river_job WHERE kind = ? AND json_extract(metadata, '$.on_start') AND unixepoch(created_at, 'subsec') * 1000 >= ?)`
	camePostgres = `SELECT EXISTS (SELECT 1 FROM river_job WHERE kind = ? AND (metadata->>'on_start')::boolean AND extract(epoch FROM created_at) * 1000 >= ?)`
)

// cameSince tells whether a start has inserted a job of a kind since some time.
func (c *Client) cameSince(kind string, since time.Time) (came bool, err error) {
	ctx, done := context.WithTimeout(context.Background(), ringTimeout)
	defer done()
	query, tx := cameSQLite, c.read(ctx)
	if tx.Name() == "postgres" {
		query = camePostgres
	}
	err = tx.Raw(query, kind, since.UnixMilli()).Scan(&came).Error
	return came, err
}

// periodic is a Periodic at work.
type periodic struct {
	Periodic
	came  func(kind string, since time.Time) (bool, error)
	begun atomic.Bool // the run on start has been
}

// next tells River what to insert; nil: nothing. All ways to insert a job share one key, so that no two are at work.
func (p *periodic) next() (river.JobArgs, *river.InsertOpts) {
	o := &river.InsertOpts{Queue: p.Queue, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: waitsOrRuns}}
	if p.OnStart && !p.begun.Swap(true) {
		if came, err := p.came(p.Args.Kind(), time.Now().Truncate(p.Every)); err == nil && came { // finished ones count too
			return nil, nil
		}
		o.Metadata = []byte(onStart)
	}
	return p.Args, o
}
