package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
)

const (
	retryFirst = 100 * time.Millisecond
	retryMax   = time.Minute
	gapFirst   = 2 * time.Millisecond // a missing number usually comes with the next commit
	gapMax     = 100 * time.Millisecond

	saveTimeout = 5 * time.Second
)

// reader is a Reader at work. All but wake and failures belongs to its goroutine.
type reader[E any] struct {
	Reader[E]
	o     Options[E]
	poll  time.Duration
	ttl   time.Duration // of the lease
	renew time.Duration // how often it is asked for
	wake  chan struct{}

	loaded bool
	cursor int64
	gaps   gaps
	bite   int // how many events to take at once: fewer after a failure

	failures atomic.Int64
}

func newReader[E any](o Options[E], r Reader[E]) *reader[E] {
	if r.Batch <= 0 {
		r.Batch = DefaultBatch
	}
	poll := pollAlone
	if o.Postgres || o.Lease != nil {
		poll = pollTogether
	}
	return &reader[E]{
		Reader: r, o: o, poll: poll, ttl: leaseTTL, renew: leaseRenew, wake: make(chan struct{}, 1), bite: r.Batch,
	}
}

// run works whenever this node is the reader's.
func (r *reader[E]) run(ctx context.Context) {
	for ctx.Err() == nil {
		r.own(ctx, r.work)
	}
}

// work hands over events until ctx ends.
func (r *reader[E]) work(ctx context.Context) {
	r.loaded, r.gaps = false, gaps{}
	blocked := 0 // looks in a row that found nothing but a missing number
	for ctx.Err() == nil {
		began := time.Now()
		handed, held, err := r.step(ctx)
		if err != nil {
			r.failed(ctx, err)
			continue
		}
		if handed > 0 {
			blocked = 0
		}
		switch {
		case handed == r.bite: // there is more
			r.bite = min(r.Batch, r.bite*2)
		case held && handed == 0:
			blocked++
			pause(ctx, min(gapMax, gapFirst<<min(blocked, 10)))
		case held:
			pause(ctx, pace-time.Since(began))
		default:
			r.bite = r.Batch
			r.rest(ctx, r.poll)
			pause(ctx, pace-time.Since(began))
		}
	}
}

// step hands over one batch.
func (r *reader[E]) step(ctx context.Context) (handed int, held bool, err error) {
	if !r.loaded {
		if err := r.load(ctx); err != nil {
			return 0, false, err
		}
	}
	events, held, err := r.next(ctx)
	if err != nil || len(events) == 0 {
		return 0, held, err
	}
	to := r.o.Number(&events[len(events)-1])
	if err := r.deliver(ctx, events, to); err != nil {
		r.loaded = false // a commit may have happened after all
		return 0, held, fmt.Errorf("events %d to %d: %w", r.o.Number(&events[0]), to, err)
	}
	r.cursor = to
	r.failures.Store(0)
	return len(events), held, nil
}

func (r *reader[E]) deliver(ctx context.Context, events []E, to int64) error {
	from := r.cursor // a Write given up because ctx has ended may still be running
	if r.Handle != nil {
		return r.o.Write(ctx, func(tx *gorm.DB) error {
			if err := r.move(tx, from, to); err != nil {
				return err
			}
			return guard(func() error { return r.Handle(ctx, tx, events) })
		})
	}
	if err := guard(func() error { return r.Work(ctx, events) }); err != nil {
		return err
	}
	// The work is done: a stop now must not make it come again. errMoved guards against a lease that was lost.
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
	defer done()
	return r.o.Write(ctx, func(tx *gorm.DB) error { return r.move(tx, from, to) })
}

// guard makes a handler's panic an error: one reader's mistake must not end the desk.
func guard(fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return fn()
}

// failed logs and waits, longer each time. Smaller bites let through what stands before the event that fails.
func (r *reader[E]) failed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	if errors.Is(err, errMoved) {
		r.o.Log.Warn("another node reads these events", slog.String("reader", r.Name))
		pause(ctx, retryFirst)
		return
	}
	n := r.failures.Add(1)
	wait := min(retryMax, retryFirst<<min(n-1, 12))
	wait += time.Duration(rand.Int64N(int64(wait/4 + 1)))
	r.o.Log.Error("a reader of events failed and will try again", slog.String("reader", r.Name),
		slog.Int64("failures", n), slog.Duration("wait", wait), slog.Any("error", err))
	r.bite = max(1, r.bite/2)
	pause(ctx, wait)
}

// rest waits for a Wake, at most d.
func (r *reader[E]) rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-r.wake:
	case <-t.C:
	}
}

// pause waits for d, whatever is written meanwhile.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
