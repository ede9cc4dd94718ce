package jobs

import (
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
// runs.
func (c *Client) Periodic(p Periodic) error {
	if c.isStarted() {
		return ErrStarted
	}
	if p.Every < time.Second {
		return errors.New("jobs: a periodic job comes at most once a second")
	}
	if err := c.engine.periodic(&periodic{Periodic: p}); err != nil {
		return fmt.Errorf("jobs: periodic %s: %w", p.Args.Kind(), err)
	}
	return nil
}

// periodic is a Periodic at work.
type periodic struct {
	Periodic
	begun atomic.Bool // the run on start has been
}

// next tells River what to insert.
func (p *periodic) next() (river.JobArgs, *river.InsertOpts) {
	unique := river.UniqueOpts{ByArgs: true, ByState: waitsOrRuns}
	if p.OnStart && !p.begun.Swap(true) {
		unique = river.UniqueOpts{ByArgs: true, ByPeriod: p.Every} // finished ones count too
	}
	return p.Args, &river.InsertOpts{Queue: p.Queue, UniqueOpts: unique}
}
