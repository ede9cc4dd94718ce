package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/jobs"
)

// leaseTTL is short, for the tests' sake; a desk has 30 s.
const leaseTTL = 3 * time.Second

// node is one of several on a PostgreSQL database.
type node struct {
	*db.DB
	*jobs.Client
}

// startNode starts a node whose jobs may take an hour, so that nothing but its lease says that it is gone.
func startNode(t *testing.T, where db.Options, name string, work func(ctx context.Context, job jobs.Job[noteArgs]) error) *node {
	t.Helper()
	d, err := db.Open(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if _, err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	o := options(t, d)
	if o.Lease, err = leased(t.Context(), d, name, leaseTTL); err != nil {
		t.Fatal(err)
	}
	c, err := jobs.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := jobs.Register(c, jobs.Worker[noteArgs]{Timeout: time.Hour, Work: work}); err != nil {
		t.Fatal(err)
	}
	return &node{d, c}
}

// stopRenewing keeps a node from renewing its lease until it is called off, as a network that fails does.
func stopRenewing(t *testing.T, d *db.DB, name string) (callOff func()) {
	t.Helper()
	held, free, over := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		_ = d.Write(context.Background(), func(tx *gorm.DB) error {
			defer close(held)
			if err := tx.Exec(`SELECT node FROM nodes WHERE holder = ? FOR UPDATE`, name).Error; err != nil {
				return err
			}
			held <- struct{}{}
			<-free
			return nil
		})
	}()
	<-held
	callOff = sync.OnceFunc(func() { close(free); <-over })
	t.Cleanup(callOff)
	return callOff
}

func TestAKilledNodesJobsAreTakenUpWhenItsLeaseIsOverAndNobodyElsesAre(t *testing.T) {
	t.Parallel()
	where := db.Options{Log: slog.New(slog.DiscardHandler), DSN: dbtest.Postgres(t)}
	n := &notebook{}
	var attempt, long atomic.Int64
	hold := make(chan struct{})
	work := func(ctx context.Context, job jobs.Job[noteArgs]) error {
		switch job.Args.Note {
		case "long":
			long.Add(1)
			<-hold
		case "x":
			attempt.Store(int64(job.Attempt))
		}
		return n.work(ctx, job)
	}
	a, b := startNode(t, where, "a", work), startNode(t, where, "b", work)
	insert(t, a.DB, a.Client, "x", jobs.InsertOptions{})
	insert(t, a.DB, a.Client, "only once", jobs.InsertOptions{MaxAttempts: 1})
	killWhileItWorks(t, where, leaseTTL)
	killed := time.Now()
	run(t, a.Client)
	run(t, b.Client)
	insert(t, a.DB, a.Client, "long", jobs.InsertOptions{})
	within(t, patience, "the job runs again", func() bool { return n.count("x") == 1 })
	if took := time.Since(killed); took < leaseTTL/2 || took > 4*leaseTTL {
		t.Errorf("it was taken up after %s, with a lease of %s", took, leaseTTL)
	}
	if got := attempt.Load(); got != 2 {
		t.Errorf("attempt %d, want 2: a job that kills the process must not do so for ever", got)
	}
	within(t, soon, "the job without attempts left is discarded", func() bool { return backlog(t, a.Client).Discarded == 1 })
	time.Sleep(leaseTTL)
	if got := long.Load(); got != 1 {
		t.Errorf("a job of a node that lives began %d times", got)
	}
	close(hold)
	within(t, soon, "the long job", func() bool { return n.count("long") == 1 })
	if n.count("only once") != 0 || n.count("x") != 1 {
		t.Error("a job ran that should not")
	}
}

func TestANodeThatCannotRenewItsLeaseEndsItsJobsBeforeOthersTakeThemUp(t *testing.T) {
	t.Parallel()
	where := db.Options{Log: slog.New(slog.DiscardHandler), DSN: dbtest.Postgres(t)}
	var on atomic.Int64 // how many nodes are at the job
	began := make(chan string, 100)
	failed := make(chan struct{}) // with the test
	var again atomic.Bool
	var attempt atomic.Int64
	work := func(name string) func(ctx context.Context, job jobs.Job[noteArgs]) error {
		return func(ctx context.Context, job jobs.Job[noteArgs]) error {
			if on.Add(1) > 1 {
				t.Error("two nodes are at one job")
			}
			defer on.Add(-1)
			attempt.Store(int64(job.Attempt))
			began <- name
			if again.Load() {
				return nil
			}
			select {
			case <-ctx.Done():
			case <-failed:
			}
			return ctx.Err()
		}
	}
	a := startNode(t, where, "a", work("a"))
	run(t, a.Client)
	insert(t, a.DB, a.Client, "x", jobs.InsertOptions{})
	if got := <-began; got != "a" {
		t.Fatalf("it began on %s", got)
	}
	b := startNode(t, where, "b", work("b"))
	run(t, b.Client)
	callOff := stopRenewing(t, b.DB, "a")
	t.Cleanup(func() { close(failed) })
	again.Store(true)
	select {
	case got := <-began:
		if got != "b" {
			t.Errorf("it began again on %s, which has no lease", got)
		}
	case <-time.After(patience):
		t.Fatal("it did not begin again")
	}
	if got := attempt.Load(); got != 1 {
		t.Errorf("attempt %d, want 1: that it was ended does not count", got)
	}
	callOff()
	within(t, patience, "the first node works again", func() bool {
		insert(t, b.DB, b.Client, "y", jobs.InsertOptions{})
		return <-began == "a"
	})
}

var errOfTheSuccessor = errors.New("of the successor")

func TestWhatANodeWithoutALeaseSaysOfAJobIsNotHeardWhileItRunsElsewhere(t *testing.T) {
	t.Parallel()
	where := db.Options{Log: slog.New(slog.DiscardHandler), DSN: dbtest.Postgres(t)}
	began, end := map[string]chan struct{}{}, map[string]chan error{}
	for _, name := range []string{"a", "b"} {
		began[name], end[name] = make(chan struct{}), make(chan error)
	}
	deaf := func(name string) func(ctx context.Context, job jobs.Job[noteArgs]) error {
		return func(context.Context, jobs.Job[noteArgs]) error { // it does not heed the end of its context
			close(began[name])
			return <-end[name]
		}
	}
	a := startNode(t, where, "a", deaf("a"))
	run(t, a.Client)
	insert(t, a.DB, a.Client, "x", jobs.InsertOptions{MaxAttempts: 2})
	<-began["a"]
	b := startNode(t, where, "b", deaf("b"))
	run(t, b.Client)
	stopRenewing(t, b.DB, "a")
	<-began["b"]
	end["a"] <- nil
	time.Sleep(time.Second)
	if got := backlog(t, b.Client); got.Running != 1 {
		t.Errorf("%d jobs run, want the one of the successor", got.Running)
	}
	end["b"] <- errOfTheSuccessor
	within(t, soon, "what the successor says", func() bool { return backlog(t, b.Client).Discarded == 1 })
}

func TestWhatANodeSaysOfAJobThatItHasBegunAnewIsNotHeard(t *testing.T) {
	t.Parallel()
	where := db.Options{Log: slog.New(slog.DiscardHandler), DSN: dbtest.Postgres(t)}
	began, end := make(chan int), map[int]chan error{1: make(chan error), 2: make(chan error)}
	a := startNode(t, where, "a", func(_ context.Context, job jobs.Job[noteArgs]) error {
		if job.Args.Note != "x" {
			return nil
		}
		began <- job.Attempt
		return <-end[job.Attempt] // it does not heed the end of its context
	})
	run(t, a.Client)
	insert(t, a.DB, a.Client, "x", jobs.InsertOptions{MaxAttempts: 2})
	<-began
	other, err := db.Open(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	callOff := stopRenewing(t, other, "a")
	within(t, patience, "the lease is over", func() bool { return a.NodeLease().Left() <= 0 })
	err = other.Write(t.Context(), func(tx *gorm.DB) error { // as another node does
		return tx.Exec(`UPDATE river_job SET state = 'available' WHERE state = 'running'`).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	callOff()
	within(t, patience, "it has a lease again", func() bool { return a.NodeLease().Left() > 0 })
	insert(t, a.DB, a.Client, "look", jobs.InsertOptions{})
	if got := <-began; got != 2 {
		t.Fatalf("attempt %d, want the second", got)
	}
	end[1] <- nil
	time.Sleep(time.Second)
	if got := backlog(t, a.Client).Running; got != 1 {
		t.Errorf("%d jobs run, want the second attempt", got)
	}
	end[2] <- errOfTheSuccessor
	within(t, soon, "what the second attempt says", func() bool { return backlog(t, a.Client).Discarded == 1 })
}
