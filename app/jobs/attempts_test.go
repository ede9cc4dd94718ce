package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"huiyin/app/db"
	"huiyin/app/jobs"
)

func TestAFailingJobIsTriedAgainAndThenDiscarded(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		var attempts atomic.Int64
		n := &notebook{fail: func(job jobs.Job[noteArgs]) error {
			attempts.Add(1)
			if int64(job.Attempt) != attempts.Load() || job.MaxAttempts != 2 {
				t.Errorf("attempt %d of %d, want %d of 2", job.Attempt, job.MaxAttempts, attempts.Load())
			}
			return errNo
		}}
		c := start(t, d, n)
		insert(t, d, c, "x", jobs.InsertOptions{MaxAttempts: 2})
		within(t, soon, "the second attempt, a second after the first", func() bool { return attempts.Load() == 2 })
		within(t, soon, "it is discarded", func() bool { return backlog(t, c).Discarded == 1 })
		if b := backlog(t, c); b.Waiting+b.Running+b.Retrying+b.Scheduled != 0 {
			t.Errorf("the discarded job still counts as unfinished: %+v", b)
		}
	})
}

func backlog(t *testing.T, c *jobs.Client) jobs.Backlog {
	t.Helper()
	queues, err := c.Backlog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return queues[jobs.DefaultQueue]
}

func TestBacklogCountsWhatIsNotDone(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		gate := make(chan struct{})
		n := &notebook{hold: func(context.Context) { <-gate }}
		c := openWith(t, options(t, d), n)
		if b := backlog(t, c); b != (jobs.Backlog{}) {
			t.Errorf("empty: got %+v", b)
		}
		for range jobs.DefaultWorkers + 3 {
			insert(t, d, c, "x", jobs.InsertOptions{})
		}
		insert(t, d, c, "x", jobs.InsertOptions{At: time.Now().Add(time.Hour)})
		time.Sleep(20 * time.Millisecond)
		b := backlog(t, c)
		if b.Waiting != jobs.DefaultWorkers+3 || b.Scheduled != 1 || b.Oldest < 20*time.Millisecond || b.Oldest > patience {
			t.Errorf("before the start: got %+v", b)
		}
		run(t, c)
		within(t, soon, "all workers are busy", func() bool { return backlog(t, c).Running == jobs.DefaultWorkers })
		close(gate)
		within(t, soon, "all is done", func() bool { b := backlog(t, c); return b.Waiting+b.Running == 0 })
	})
}

func TestDiscardEndsAJobAndLaterPutsItOff(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		var hopeless, later atomic.Int64
		n := &notebook{fail: func(job jobs.Job[noteArgs]) error {
			switch job.Args.Note {
			case "hopeless":
				hopeless.Add(1)
				return jobs.Discard(errNo)
			case "later":
				if job.Attempt != 1 {
					t.Errorf("being put off counted as an attempt: %d", job.Attempt)
				}
				if later.Add(1) == 1 {
					return jobs.Later(time.Second)
				}
			}
			return nil
		}}
		c := start(t, d, n)
		insert(t, d, c, "hopeless", jobs.InsertOptions{})
		insert(t, d, c, "later", jobs.InsertOptions{})
		within(t, soon, "the job that was put off", func() bool { return n.count("later") == 1 })
		if got := hopeless.Load(); got != 1 {
			t.Errorf("the hopeless job ran %d times, want 1", got)
		}
	})
}

const (
	email = "li.na@example.com"
	phone = "+86 138 0013 8000"
)

func TestNothingPersonalIsStoredOrLogged(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		log := &logbook{}
		o := options(t, d)
		o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		n := &notebook{fail: func(job jobs.Job[noteArgs]) error {
			if job.Args.Note == "secret panic" {
				panic("call " + phone)
			}
			return errors.New("550 <" + email + "> unknown, ask " + phone)
		}}
		c := openWith(t, o, n)
		run(t, c)
		insert(t, d, c, "secret error", jobs.InsertOptions{MaxAttempts: 1})
		insert(t, d, c, "secret panic", jobs.InsertOptions{MaxAttempts: 1})
		within(t, soon, "both are discarded", func() bool { return backlog(t, c).Discarded == 2 })

		var stored []string
		if err := d.Read(t.Context()).Raw(errorsSQL[d.Dialect()]).Scan(&stored).Error; err != nil {
			t.Fatal(err)
		}
		kept := strings.Join(stored, "\n")
		for _, want := range []string{"550 <…> unknown", "panic: call …"} {
			if !strings.Contains(kept, want) {
				t.Errorf("the stored errors do not say %q: %s", want, kept)
			}
		}
		for where, text := range map[string]string{"stored": kept, "logged": log.String()} {
			for _, bad := range []string{email, phone, "13800138000", "secret"} {
				if strings.Contains(text, bad) {
					t.Errorf("%q is %s: %s", bad, where, text)
				}
			}
		}
		for _, want := range []string{"kind=note", "job=", "given up", "attempts_test.go"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log does not say %q: %s", want, log)
			}
		}
	})
}

var errorsSQL = map[string]string{
	db.SQLite:   `SELECT json_extract(errors, '$[0].error') FROM river_job`,
	db.Postgres: `SELECT errors[1]->>'error' FROM river_job`,
}
