package jobs_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/jobs"
)

func TestStopLeavesNoGoroutines(t *testing.T) { // not parallel: it counts the process's goroutines
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		before := goleak.IgnoreCurrent()
		n := &notebook{}
		c := openWith(t, options(t, d), n)
		if err := c.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		insert(t, d, c, "x", jobs.InsertOptions{})
		insert(t, d, c, "later", jobs.InsertOptions{At: time.Now().Add(time.Second)})
		within(t, soon, "the job", func() bool { return n.count("x") == 1 })
		if err := c.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		goleak.VerifyNone(t, before,
			goleak.IgnoreAnyFunction("github.com/jackc/pgx/v5/pgxpool.(*Pool).backgroundHealthCheck"),
			goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener"),
			goleak.IgnoreAnyFunction("database/sql.(*DB).connectionCleaner"))
	})
}

func TestStopWaitsForTheRunningJob(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		begun := make(chan struct{})
		n := &notebook{hold: func(context.Context) {
			close(begun)
			time.Sleep(500 * time.Millisecond)
		}}
		c := openWith(t, options(t, d), n)
		if err := c.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		insert(t, d, c, "slow", jobs.InsertOptions{})
		<-begun
		insert(t, d, c, "next", jobs.InsertOptions{At: time.Now().Add(time.Hour)})
		if err := c.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n.count("slow") != 1 {
			t.Error("Stop returned before the running job was done")
		}
		if b := backlog(t, c); b.Running != 0 || b.Scheduled != 1 {
			t.Errorf("after the stop: got %+v, want the scheduled job alone", b)
		}
		if err := c.Stop(t.Context()); err != nil {
			t.Errorf("second stop: %v", err)
		}
	})
}

func TestAJobCutShortByStopRunsAgainAndItsAttemptDoesNotCount(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		begun := make(chan struct{})
		var second atomic.Bool
		n := &notebook{hold: func(ctx context.Context) {
			if !second.Swap(true) {
				close(begun)
				<-ctx.Done()
			}
		}}
		n.fail = func(job jobs.Job[noteArgs]) error {
			if job.Attempt != 1 {
				t.Errorf("attempt %d, want 1", job.Attempt)
			}
			return nil
		}
		c := openWith(t, options(t, d), n)
		if err := c.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		insert(t, d, c, "long", jobs.InsertOptions{})
		<-begun
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := c.Stop(ctx); err != nil {
			t.Fatal(err)
		}
		run(t, openWith(t, options(t, d), n))
		within(t, soon, "it runs again", func() bool { return n.count("long") == 1 })
	})
}

func TestAStoppedClientStaysSo(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		c := openWith(t, options(t, d), &notebook{})
		if err := c.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.Start(t.Context()); !errors.Is(err, jobs.ErrStopped) {
			t.Errorf("start after stop: got %v, want ErrStopped", err)
		}
	})
}
