package outbox

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	leaseTTL     = 30 * time.Second
	leaseRenew   = 10 * time.Second
	leaseTimeout = 5 * time.Second
)

// own runs work while this node holds the reader's lease, or waits a while for the next try.
func (r *reader[E]) own(ctx context.Context, work func(ctx context.Context)) {
	if r.o.Lease == nil {
		work(ctx)
		return
	}
	if held, err := r.lease(ctx); err != nil || !held {
		if err != nil && ctx.Err() == nil {
			r.o.Log.Warn("cannot ask for the lease of a reader of events", slog.String("reader", r.Name), slog.Any("error", err))
		}
		pause(ctx, r.renew)
		return
	}
	owned, lose := context.WithCancel(ctx)
	var renewal sync.WaitGroup
	renewal.Go(func() { r.keep(owned, lose) })
	work(owned)
	lose()
	renewal.Wait()
	r.release(ctx)
}

func (r *reader[E]) leaseName() string { return "events." + r.Name }

func (r *reader[E]) lease(ctx context.Context) (bool, error) {
	ctx, done := context.WithTimeout(ctx, leaseTimeout)
	defer done()
	return r.o.Lease(ctx, r.leaseName(), r.ttl)
}

// keep renews the lease until ctx ends, and calls lose in time when it cannot.
func (r *reader[E]) keep(ctx context.Context, lose func()) {
	until := time.Now().Add(r.ttl)
	for {
		pause(ctx, r.renew)
		if ctx.Err() != nil {
			return
		}
		asked := time.Now()
		held, err := r.lease(ctx)
		switch {
		case err == nil && held:
			until = asked.Add(r.ttl)
		case err == nil || time.Until(until) < r.renew+leaseTimeout:
			r.o.Log.Warn("lost the lease of a reader of events", slog.String("reader", r.Name), slog.Any("error", err))
			lose()
			return
		}
	}
}

// release lets another node take over at once.
func (r *reader[E]) release(ctx context.Context) {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), leaseTimeout)
	defer done()
	if err := r.o.Release(ctx, r.leaseName()); err != nil {
		r.o.Log.Warn("cannot release the lease of a reader of events", slog.String("reader", r.Name), slog.Any("error", err))
	}
}
