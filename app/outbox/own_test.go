package outbox

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"
)

func ownReader(lease func(n int64) (bool, error), released *atomic.Int64) *reader[int] {
	var asked atomic.Int64
	r := newReader(Options[int]{
		Lease:   func(context.Context, string, time.Duration) (bool, error) { return lease(asked.Add(1)) },
		Release: func(context.Context, string) error { released.Add(1); return nil },
		Log:     slog.New(slog.DiscardHandler),
	}, Reader[int]{Name: "r"})
	r.renew, r.ttl = 5*time.Millisecond, 15*time.Millisecond
	return r
}

func TestALostLeaseEndsTheWork(t *testing.T) {
	t.Parallel()
	for rule, lease := range map[string]func(n int64) (bool, error){
		"another node holds it": func(n int64) (bool, error) { return n < 4, nil },
		"the database does not answer": func(n int64) (bool, error) {
			if n < 4 {
				return true, nil
			}
			return false, errors.New("no")
		},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			var released atomic.Int64
			r := ownReader(lease, &released)
			r.own(t.Context(), func(ctx context.Context) { <-ctx.Done() }) // hangs if the lease is not given up
			if released.Load() != 1 {
				t.Error("the lease was not released")
			}
		})
	}
}

func TestWithoutTheLeaseNoWork(t *testing.T) {
	t.Parallel()
	var released atomic.Int64
	r := ownReader(func(int64) (bool, error) { return false, nil }, &released)
	r.own(t.Context(), func(context.Context) { t.Error("worked without the lease") })
	if released.Load() != 0 {
		t.Error("released a lease that it did not hold")
	}
}
