package jobs_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/jobs"
)

// childEnv makes this test binary a process that begins a job and never ends it.
const childEnv = "HUIYIN_JOBS_TEST_CHILD"

func TestAKilledProcessesJobRunsAgain(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			where := db.Options{Log: slog.New(slog.DiscardHandler)}
			if dialect == db.SQLite {
				where.Path = filepath.Join(t.TempDir(), "huiyin.db")
			} else {
				where.DSN = dbtest.Postgres(t)
			}
			d, err := db.Open(t.Context(), where)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = d.Close() })
			if _, err := d.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			var attempt atomic.Int64
			n := &notebook{fail: func(job jobs.Job[noteArgs]) error {
				attempt.Store(int64(job.Attempt))
				return nil
			}}
			o := options(t, d)
			o.RescueAfter = 2 * time.Second
			c := openWith(t, o, n)
			insert(t, d, c, "x", jobs.InsertOptions{})
			insert(t, d, c, "only once", jobs.InsertOptions{MaxAttempts: 1})

			killWhileItWorks(t, where, 0)
			if got := backlog(t, c).Running; got != 2 {
				t.Fatalf("%d jobs are left running, want 2", got)
			}
			if dialect == db.Postgres { // as if the dead leader's 15 s had passed
				if _, err := d.SQL().ExecContext(t.Context(), "DELETE FROM river_leader"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(o.RescueAfter)
			}
			run(t, c)
			within(t, patience, "the job runs again", func() bool { return n.count("x") == 1 })
			if got := attempt.Load(); got != 2 {
				t.Errorf("attempt %d, want 2: a job that kills the process must not do so for ever", got)
			}
			if b := backlog(t, c); b.Discarded != 1 || n.count("only once") != 0 {
				t.Errorf("the job without attempts left: got %+v, want it discarded", b)
			}
		})
	}
}

// killWhileItWorks starts a process that begins both jobs, and kills it. ttl is that of its lease; 0: it has none.
func killWhileItWorks(t *testing.T, where db.Options, ttl time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=1", "CHILD_PATH="+where.Path, "CHILD_DSN="+where.DSN, "CHILD_TTL="+ttl.String())
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }()
	lines := bufio.NewScanner(out)
	for range 2 {
		if !lines.Scan() {
			t.Fatal("the child ended before it had begun both jobs")
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
}

func runChild() {
	ctx := context.Background()
	d, err := db.Open(ctx, db.Options{Path: os.Getenv("CHILD_PATH"), DSN: os.Getenv("CHILD_DSN"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	o := jobs.Options{SQLTx: db.SQLTx, After: db.After, PgxTx: db.PgxTx, Read: d.Read, Log: slog.Default(), Pool: d.PgxPool()}
	if d.Dialect() == db.SQLite {
		o.SQL = d.SQL()
	}
	ttl, err := time.ParseDuration(os.Getenv("CHILD_TTL"))
	if err == nil && ttl > 0 {
		o.Lease, err = leased(ctx, d, "child", ttl)
	}
	if err != nil {
		panic(err)
	}
	c, err := jobs.Open(o)
	if err == nil {
		err = jobs.Register(c, jobs.Worker[noteArgs]{Timeout: time.Hour, Work: func(context.Context, jobs.Job[noteArgs]) error {
			fmt.Println("begun")
			select {} // killed here
		}})
	}
	if err == nil {
		err = c.Start(ctx)
	}
	if err != nil {
		panic(err)
	}
	time.Sleep(time.Minute) // the parent kills long before; this ends an orphan
	os.Exit(1)
}
