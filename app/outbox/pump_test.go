package outbox_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/outbox"
)

func TestEachReaderGetsEachEventInOrder(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		want := write(t, d, 1, upTo(25)...)
		inTx, apart := &diary{}, &diary{}
		p := pump(t, options(t, d),
			outbox.Reader[event]{Name: "tx", Batch: 10, Handle: func(_ context.Context, _ *gorm.DB, events []event) error {
				inTx.add(events)
				return nil
			}},
			outbox.Reader[event]{Name: "apart", Batch: 3, Work: apart.work})
		if got := backlog(t, p, "tx"); got != 25 {
			t.Errorf("backlog before the first run: got %d, want 25", got)
		}
		run(t, p)
		want = append(want, write(t, d, 2, upTo(5)...)...)
		p.Wake()
		within(t, patience, "both are through", func() bool { return backlog(t, p, "tx")+backlog(t, p, "apart") == 0 })
		same(t, inTx.numbers(), want)
		same(t, apart.numbers(), want)
		if e := apart.all()[25]; *e.TicketID != 2 || *e.Pos != 1 || e.Type != "test" {
			t.Errorf("got %+v", e)
		}
	})
}

func TestAReaderGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		in := &diary{}
		var want []int64
		for round := range int64(3) {
			p := pump(t, options(t, d), outbox.Reader[event]{Name: "r", Work: in.work})
			stop := run(t, p)
			want = append(want, write(t, d, round, 1, 2)...)
			p.Wake()
			within(t, patience, "the round", func() bool { return backlog(t, p, "r") == 0 })
			stop()
			want = append(want, write(t, d, 100+round, 1)...) // while it is stopped
		}
		p := pump(t, options(t, d), outbox.Reader[event]{Name: "r", Work: in.work})
		run(t, p)
		within(t, patience, "the rest", func() bool { return backlog(t, p, "r") == 0 })
		same(t, in.numbers(), want)
	})
}

func TestANewReaderMayBeginWithNow(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		write(t, d, 1, upTo(5)...)
		in, old := &diary{}, &diary{}
		p := pump(t, options(t, d),
			outbox.Reader[event]{Name: "new", FromNow: true, Work: in.work}, outbox.Reader[event]{Name: "old", Work: old.work})
		if got := backlog(t, p, "new"); got != 0 {
			t.Errorf("backlog before the first run: got %d, want 0", got)
		}
		run(t, p)
		within(t, patience, "the old ones", func() bool { return len(old.all()) == 5 && rowExists(t, d, "new") })
		want := write(t, d, 1, 6)
		p.Wake()
		within(t, patience, "the new one", func() bool { return backlog(t, p, "new") == 0 })
		same(t, in.numbers(), want)
	})
}

func rowExists(t testing.TB, d *db.DB, reader string) bool {
	t.Helper()
	var n int64
	if err := d.Read(context.Background()).Table("event_readers").Where("name = ?", reader).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n == 1
}

func TestABatchIsSmallerThanItsBound(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		write(t, d, 1, upTo(outbox.DefaultBatch*2+50)...)
		var sizes []int
		p := pump(t, options(t, d), outbox.Reader[event]{Name: "r", Work: func(_ context.Context, events []event) error {
			sizes = append(sizes, len(events))
			return nil
		}})
		stop := run(t, p)
		within(t, patience, "all", func() bool { return backlog(t, p, "r") == 0 })
		stop()
		if want := []int{outbox.DefaultBatch, outbox.DefaultBatch, 50}; !slices.Equal(sizes, want) {
			t.Errorf("got batches of %v, want %v", sizes, want)
		}
	})
}

func TestAnIdleReaderAsksNothingAndAWakeIsPrompt(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		var reads atomic.Int64
		o := options(t, d)
		o.Read = func(ctx context.Context) *gorm.DB {
			reads.Add(1)
			return d.Read(ctx)
		}
		in := &diary{}
		p := pump(t, o, outbox.Reader[event]{Name: "r", Work: in.work})
		run(t, p)
		time.Sleep(500 * time.Millisecond)
		before := reads.Load()
		time.Sleep(1500 * time.Millisecond)
		if got := reads.Load() - before; got != 0 {
			t.Errorf("%d queries in 1.5 s of rest", got)
		}
		began := time.Now()
		write(t, d, 1, 1)
		p.Wake()
		within(t, patience, "the event", func() bool { return len(in.all()) == 1 })
		if took := time.Since(began); took > time.Second {
			t.Errorf("the event took %s", took)
		}
	})
}

func TestARushIsTakenInBatches(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		var batches atomic.Int64
		in := &diary{}
		p := pump(t, options(t, d), outbox.Reader[event]{Name: "r", Work: func(_ context.Context, events []event) error {
			batches.Add(1)
			in.add(events)
			return nil
		}})
		run(t, p)
		began := time.Now()
		for pos := range int64(300) {
			write(t, d, 1, pos+1)
			p.Wake()
		}
		within(t, patience, "all", func() bool { return len(in.all()) == 300 })
		if most := int64(time.Since(began)/(50*time.Millisecond)) + 5; batches.Load() > most {
			t.Errorf("%d batches in %s, want at most %d", batches.Load(), time.Since(began), most)
		}
	})
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	in := &diary{}
	handle := func(context.Context, *gorm.DB, []event) error { return nil }
	for rule, readers := range map[string][]outbox.Reader[event]{
		"no name":        {{Work: in.work}},
		"same name":      {{Name: "a", Work: in.work}, {Name: "a", Work: in.work}},
		"nothing to do":  {{Name: "a"}},
		"two ways to do": {{Name: "a", Work: in.work, Handle: handle}},
	} {
		if _, err := outbox.New(outbox.Options[event]{}, readers); err == nil {
			t.Errorf("%s: accepted", rule)
		}
	}
	o := outbox.Options[event]{Release: func(context.Context, string) error { return nil }}
	if _, err := outbox.New(o, nil); err == nil {
		t.Error("Release without Lease: accepted")
	}
}
