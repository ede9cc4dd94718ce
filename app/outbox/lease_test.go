package outbox_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/outbox"
)

func leased(t testing.TB, d *db.DB, holder string) outbox.Options[event] {
	o := options(t, d)
	o.Lease = func(ctx context.Context, name string, ttl time.Duration) (bool, error) {
		held, _, err := d.Lease(ctx, name, holder, ttl)
		return held, err
	}
	o.Release = func(ctx context.Context, name string) error { return d.Release(ctx, name, holder) }
	return o
}

func TestOneNodeAtATimeReadsAndAnotherTakesOver(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.Postgres)
	var working atomic.Int64
	in := &diary{}
	work := func(_ context.Context, events []event) error {
		if working.Add(1) > 1 {
			t.Error("two nodes work for one reader")
		}
		time.Sleep(time.Millisecond)
		in.add(events)
		working.Add(-1)
		return nil
	}
	a := pump(t, leased(t, d, "a"), outbox.Reader[event]{Name: "r", Batch: 5, Work: work})
	b := pump(t, leased(t, d, "b"), outbox.Reader[event]{Name: "r", Batch: 5, Work: work})
	stopA := run(t, a)
	var want []int64
	ticket := int64(0)
	more := func() {
		ticket++
		want = append(want, write(t, d, ticket, upTo(20)...)...)
		a.Wake()
		b.Wake()
	}
	more()
	within(t, patience, "the first node works", func() bool { return len(in.all()) > 0 })
	run(t, b)
	more()
	within(t, patience, "all is done", func() bool { return len(in.all()) == len(want) })
	stopA()
	more()
	within(t, patience, "the second node takes over", func() bool { return len(in.all()) == len(want) })
	same(t, in.numbers(), want)
}
