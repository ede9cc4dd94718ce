package jobs

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"gorm.io/gorm"
)

const (
	// dozeAfter is how long there has to be nothing to do before River is stopped.
	dozeAfter = 10 * time.Second
	// dozeMargin is how long before a job is due River is started.
	dozeMargin = 2 * time.Second
)

// dozer is the engine of SQLite. River wakes up 20 times a second even if there is nothing to do, which costs a desk
// that rests more than all its other parts; so the dozer stops River then and starts it (in some 3 ms) when a job is
// inserted, is due, or comes by the clock. One process works on a SQLite file, so nobody else needs it meanwhile.
type dozer struct {
	river   *riverEngine[*sql.Tx]
	inherit func(ctx context.Context) error
	read    func(ctx context.Context) *gorm.DB
	log     *slog.Logger
	clock   []*periodic
	wake    chan struct{}
	quit    context.CancelFunc
	done    chan struct{}
	after   time.Duration // dozeAfter, less in tests
	awake   atomic.Bool   // written by the goroutine alone between start and stop

	// These belong to the goroutine.
	busy time.Time   // when there was last something to do
	due  []time.Time // of each of clock
}

func newDozer(o Options) *dozer {
	return &dozer{read: o.Read, log: o.Log, wake: make(chan struct{}, 1), done: make(chan struct{}), after: dozeAfter}
}

func (z *dozer) insert(tx *gorm.DB, args river.JobArgs, o *river.InsertOpts) (Inserted, error) {
	return z.river.insert(tx, args, o)
}

func (z *dozer) backlogSQL() string { return z.river.backlogSQL() }

func (z *dozer) periodic(p *periodic) error {
	if slices.ContainsFunc(z.clock, func(x *periodic) bool { return x.Args.Kind() == p.Args.Kind() }) {
		return errors.New("there is one already")
	}
	z.clock = append(z.clock, p)
	return nil
}

// nudge says that a job has been inserted. It does not block.
func (z *dozer) nudge() {
	select {
	case z.wake <- struct{}{}:
	default:
	}
}

func (z *dozer) start(ctx context.Context) error {
	if err := z.inherit(ctx); err != nil {
		return err
	}
	if err := z.river.start(ctx); err != nil {
		return err
	}
	now := time.Now()
	z.awake.Store(true)
	z.busy = now
	for _, p := range z.clock {
		first := now
		if !p.OnStart {
			first = now.Add(p.Every)
		}
		z.due = append(z.due, first)
	}
	ctx, z.quit = context.WithCancel(context.WithoutCancel(ctx))
	go z.run(ctx)
	return nil
}

func (z *dozer) stop(ctx context.Context) error {
	z.quit()
	select {
	case <-z.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	if !z.awake.Load() {
		return nil
	}
	return z.river.stop(ctx)
}

func (z *dozer) cancel(ctx context.Context) error {
	err := z.river.cancel(ctx)
	select {
	case <-z.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (z *dozer) run(ctx context.Context) {
	defer close(z.done)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		nudged := false
		select {
		case <-ctx.Done():
			return
		case <-z.wake:
			nudged = true
		case <-timer.C:
		}
		timer.Reset(z.turn(ctx, nudged))
	}
}

// turn does what the moment asks for and says when to look again.
func (z *dozer) turn(ctx context.Context, nudged bool) time.Duration {
	now := time.Now()
	clock, err := z.ring(ctx, now)
	if nudged && z.awake.Load() { // in a rush nobody asks the database
		z.busy = now
		return min(clock, z.after)
	}
	next, err2 := z.next(ctx, now)
	if err = errors.Join(err, err2); err != nil && ctx.Err() == nil {
		z.log.Warn("cannot look for jobs", slog.Any("error", err))
	}
	if z.awake.Load() {
		if err != nil || next <= max(z.after, dozeMargin) {
			z.busy = now
		}
		z.doze(ctx, now)
		return min(clock, z.after)
	}
	if err != nil || next <= dozeMargin {
		z.rise(ctx, now)
		return min(clock, z.after)
	}
	return min(clock, next-dozeMargin, pollInterval)
}

// rise starts River.
func (z *dozer) rise(ctx context.Context, now time.Time) {
	if err := z.river.start(ctx); err != nil {
		if ctx.Err() == nil {
			z.log.Error("cannot start the jobs; trying again", slog.Any("error", err))
		}
		return
	}
	z.busy = now
	z.awake.Store(true)
}

// doze stops River if there has been nothing to do for long enough. No job runs then, so the stop does not wait, but for
// one that was inserted within the last instant; whoever inserts one later leaves a nudge.
func (z *dozer) doze(ctx context.Context, now time.Time) {
	if now.Sub(z.busy) < z.after {
		return
	}
	if err := z.river.stop(context.WithoutCancel(ctx)); err != nil {
		z.log.Error("cannot stop the jobs", slog.Any("error", err))
		return
	}
	z.awake.Store(false)
	z.nudge() // look once more
}
