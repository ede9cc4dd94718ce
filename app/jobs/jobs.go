package jobs

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"gorm.io/gorm"
)

const (
	// DefaultQueue takes the jobs that name none.
	DefaultQueue = river.QueueDefault
	// DefaultWorkers is how many jobs of the default queue run at once in one process.
	DefaultWorkers = 8
	// DefaultTimeout ends the context of a job whose Worker names no Timeout.
	DefaultTimeout = time.Minute
	// MaxAttempts is how often a job is tried when its insertion says nothing; with River's pauses (1 s, 16 s, 81 s …)
	// that is some three weeks.
	MaxAttempts = river.MaxAttemptsDefault

	pollInterval  = 30 * time.Second
	fetchCooldown = 10 * time.Millisecond // River's 100 ms would allow 80 short jobs a second
	rescueMargin  = time.Minute           // after a timeout; by then the job's own process has written it down
	cancelTimeout = 5 * time.Second
)

var (
	// ErrStarted is returned by Register, Periodic and Start after Start.
	ErrStarted = errors.New("jobs: already started")
	// ErrStopped is returned by Start after Stop.
	ErrStopped = errors.New("jobs: stopped")
	// ErrStuck is returned by Stop when a job did not heed the end of its context.
	ErrStuck = errors.New("jobs: a job does not stop")
)

// Options are what Open needs. Either SQL or Pool is set; it decides the database.
type Options struct {
	SQL   *sql.DB                            // SQLite: the pool that writes
	SQLTx func(tx *gorm.DB) *sql.Tx          // SQLite: the transaction under a Write's tx
	After func(tx *gorm.DB, fn func())       // SQLite: calls fn right after tx has been committed
	Pool  *pgxpool.Pool                      // PostgreSQL
	PgxTx func(tx *gorm.DB) (pgx.Tx, error)  // PostgreSQL: the transaction under a Write's tx
	Read  func(ctx context.Context) *gorm.DB // for Backlog
	Log   *slog.Logger
	// Queues are further queues and how many of their jobs run at once here. The default queue is always there.
	Queues map[string]int
	// Lease says which nodes live: the jobs of one whose lease is over start again on another (PostgreSQL). nil: nobody knows.
	Lease *Lease
	// RescueAfter is when a job of a node of which nobody knows whether it lives starts again on another (PostgreSQL). Zero: a
	// minute after DefaultTimeout. A Worker's longer Timeout puts it off.
	RescueAfter time.Duration
}

// Client is the desk's door to its jobs.
type Client struct {
	engine  engine
	workers *river.Workers
	every   map[string]time.Duration // how often kinds come by the clock
	term    *tenure                  // nil: the jobs of this process are nobody else's
	read    func(ctx context.Context) *gorm.DB
	log     *slog.Logger

	mu      sync.Mutex
	started bool
	stopped bool
}

// engine is River's client on one of the databases; its type differs with the transaction's.
type engine interface {
	insert(tx *gorm.DB, args river.JobArgs, o *river.InsertOpts) (Inserted, error)
	periodic(p *periodic) error
	start(ctx context.Context) error
	stop(ctx context.Context) error
	cancel(ctx context.Context) error
	backlogSQL() string
}

// Open makes the client. Nothing runs before Start, but jobs can be inserted.
func Open(o Options) (*Client, error) {
	c := &Client{workers: river.NewWorkers(), every: map[string]time.Duration{}, read: o.Read, log: o.Log}
	var err error
	switch {
	case o.SQL != nil && o.Pool == nil:
		c.engine, err = openSQLite(o, c.config(o))
	case o.Pool != nil && o.SQL == nil:
		if o.Lease != nil {
			c.term = newTenure(*o.Lease, o)
		}
		c.engine, err = openPostgres(o, c.config(o), c.term)
	default:
		err = errors.New("jobs: either SQL or Pool has to be set")
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Client) config(o Options) *river.Config {
	queues := map[string]river.QueueConfig{DefaultQueue: {MaxWorkers: DefaultWorkers}}
	for name, workers := range o.Queues {
		queues[name] = river.QueueConfig{MaxWorkers: workers}
	}
	rescueAfter := o.RescueAfter
	if rescueAfter == 0 {
		rescueAfter = DefaultTimeout + rescueMargin
	}
	return &river.Config{
		ErrorHandler:         &reporter{log: o.Log},
		FetchCooldown:        fetchCooldown,
		FetchPollInterval:    pollInterval,
		JobTimeout:           min(DefaultTimeout, rescueAfter-time.Second),
		Logger:               slog.New(&quiet{o.Log.Handler()}),
		MaxAttempts:          MaxAttempts,
		Queues:               queues,
		RescueStuckJobsAfter: rescueAfter,
		Workers:              c.workers,
	}
}

// Start lets the jobs run. ctx counts for the start alone; Stop ends what it began. It needs at least one worker.
func (c *Client) Start(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.stopped:
		return ErrStopped
	case c.started:
		return ErrStarted
	}
	if err := c.engine.start(ctx); err != nil {
		return err
	}
	c.started = true
	return nil
}

// Stop takes no further jobs and waits for the running ones. When ctx ends first, their contexts are cancelled and they
// have five seconds more; they run again with the next process, and the broken attempt does not count. Stop is for good,
// also before Start.
func (c *Client) Stop(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	stopped := c.stopped
	if c.stopped = true; stopped || !c.started {
		return nil
	}
	if err := c.engine.stop(ctx); err == nil {
		return nil
	}
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
	defer done()
	if err := c.engine.cancel(ctx); err != nil {
		return ErrStuck
	}
	return nil
}

func (c *Client) isStarted() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.started
}
