package outbox_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/outbox"
)

var errNo = errors.New("no")

func TestAPoisonedEventIsNeverSkippedNorHoldsUpOthers(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		want := write(t, d, 1, upTo(30)...)
		poison := want[20]
		var healed atomic.Bool
		in, healthy := &diary{}, &diary{}
		sick := func(events []event) error {
			for _, e := range events {
				if e.N == poison && !healed.Load() {
					panic("poison")
				}
			}
			return nil
		}
		p := pump(t, options(t, d),
			outbox.Reader[event]{Name: "sick", Batch: 16, Handle: func(_ context.Context, tx *gorm.DB, events []event) error {
				// its writes go with the batch that fails
				if err := tx.Exec("INSERT INTO settings (name, value, updated_at) VALUES (?, ?, 0)", time.Now().String(), []byte("x")).Error; err != nil {
					return err
				}
				if err := sick(events); err != nil {
					return err
				}
				in.add(events)
				return nil
			}},
			outbox.Reader[event]{Name: "healthy", Work: healthy.work})
		run(t, p)
		within(t, patience, "what stands before the poisoned event", func() bool { return len(in.all()) == 20 })
		within(t, patience, "the other reader", func() bool { return backlog(t, p, "healthy") == 0 })
		within(t, patience, "failures are counted", func() bool { return p.Failures()["sick"] > 2 })
		if got := backlog(t, p, "sick"); got != 10 {
			t.Errorf("backlog: got %d, want 10", got)
		}
		same(t, in.numbers(), want[:20])
		healed.Store(true)
		within(t, patience, "the rest", func() bool { return backlog(t, p, "sick") == 0 })
		same(t, in.numbers(), want)
		if got := p.Failures()["sick"]; got != 0 {
			t.Errorf("%d failures after a success", got)
		}
	})
}

func TestFailuresWaitLongerEachTime(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		write(t, d, 1, 1)
		var tries atomic.Int64
		p := pump(t, options(t, d), outbox.Reader[event]{Name: "r", Work: func(context.Context, []event) error {
			tries.Add(1)
			return errNo
		}})
		stop := run(t, p)
		end := time.Now().Add(2 * time.Second)
		for time.Now().Before(end) {
			p.Wake() // commits do not hurry it
			time.Sleep(time.Millisecond)
		}
		stop()
		if got := tries.Load(); got < 3 || got > 6 { // after 0, 0.1, 0.3, 0.7, 1.5 s and up to a quarter more
			t.Errorf("%d tries in two seconds", got)
		}
	})
}
