package outbox_test

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/outbox"
)

const patience = 20 * time.Second

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		runChild()
		return
	}
	flag.Parse()
	_ = flag.Set("test.parallel", "8") // these tests wait more than they work
	os.Exit(m.Run())
}

// event is a row of the log, as a caller has it.
type event struct {
	N         int64 `gorm:"primaryKey;autoIncrement"`
	TicketID  *int64
	Pos       *int64
	Type      string
	ActorKind string
	ActorID   int64
	At        int64
}

func (event) TableName() string { return "events" }

func number(e *event) int64 { return e.N }

// A diary is what a reader was given.
type diary struct {
	mu     sync.Mutex
	events []event
}

func (d *diary) add(events []event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.events = append(d.events, events...)
}

func (d *diary) work(_ context.Context, events []event) error {
	d.add(events)
	return nil
}

func (d *diary) all() []event {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.events)
}

func (d *diary) numbers() []int64 { return numbers(d.all()) }

func numbers(events []event) (n []int64) {
	for _, e := range events {
		n = append(n, e.N)
	}
	return n
}

func options(t testing.TB, d *db.DB) outbox.Options[event] {
	return outbox.Options[event]{
		Write: d.Write, Read: d.Read, Postgres: d.Dialect() == db.Postgres, Number: number, Now: time.Now,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
}

// run lets a pump work until the returned function is called or the test ends.
func run(t testing.TB, p *outbox.Pump[event]) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return stop
}

func pump(t testing.TB, o outbox.Options[event], readers ...outbox.Reader[event]) *outbox.Pump[event] {
	t.Helper()
	p, err := outbox.New(o, readers)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// write commits n events of a ticket in one transaction and gives their numbers.
func write(t testing.TB, d *db.DB, ticket int64, positions ...int64) []int64 {
	t.Helper()
	var rows []event
	err := d.Write(context.Background(), func(tx *gorm.DB) error {
		rows = nil
		for _, pos := range positions {
			rows = append(rows, event{TicketID: &ticket, Pos: &pos, Type: "test", ActorKind: "system", At: 1})
		}
		return tx.Create(&rows).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	return numbers(rows)
}

func upTo(n int64) (positions []int64) {
	for pos := range n {
		positions = append(positions, pos+1)
	}
	return positions
}

func within(t testing.TB, d time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(d); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %s for: %s", d, what)
		}
	}
}

func same(t testing.TB, got, want []int64) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("got events %v, want %v", got, want)
	}
}

func backlog(t testing.TB, p *outbox.Pump[event], reader string) int64 {
	t.Helper()
	all, err := p.Backlog(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	n, ok := all[reader]
	if !ok {
		t.Fatalf("no backlog of %s in %v", reader, all)
	}
	return n
}

func both(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		test(t, d)
	})
}

func TestRunLeavesNoGoroutines(t *testing.T) { // not parallel: it counts the process's goroutines
	d := dbtest.Open(t, db.SQLite)
	before := goleak.IgnoreCurrent()
	o := options(t, d)
	o.Lease = func(context.Context, string, time.Duration) (bool, error) { return true, nil }
	o.Release = func(context.Context, string) error { return nil }
	in := &diary{}
	p := pump(t, o, outbox.Reader[event]{Name: "r", Work: in.work})
	stop := run(t, p)
	write(t, d, 1, 1)
	p.Wake()
	within(t, patience, "the event", func() bool { return len(in.all()) == 1 })
	stop()
	goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener"))
}
