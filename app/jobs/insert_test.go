package jobs_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/jobs"
)

func TestAJobRunsExactlyIfItsTransactionCommits(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		n := &notebook{}
		c := start(t, d, n)
		insertInVain(t, d, c, "rolled back")
		insert(t, d, c, "committed", jobs.InsertOptions{})
		insertInVain(t, d, c, "rolled back")
		insert(t, d, c, "last", jobs.InsertOptions{Priority: 4})
		within(t, soon, "the committed jobs", func() bool { return n.count("committed") == 1 && n.count("last") == 1 })
		if got := n.count("rolled back"); got != 0 {
			t.Errorf("%d jobs of rolled back transactions ran", got)
		}
	})
}

// River rings at most once in 100 ms and counts rings whose transaction rolls back; with a look every 30 s a job could
// wait that long.
func TestAJobStartsAtOnceWhateverCameBefore(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		n := &notebook{}
		c := start(t, d, n)
		for i := range 20 {
			insertInVain(t, d, c, "in vain")
			time.Sleep(time.Duration(i) * 10 * time.Millisecond)
			note := fmt.Sprint(i)
			insert(t, d, c, note, jobs.InsertOptions{})
			within(t, soon, "job "+note, func() bool { return n.count(note) == 1 })
		}
	})
}

func TestJobsInsertedBeforeTheStartRun(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		n := &notebook{}
		c := openWith(t, options(t, d), n)
		insert(t, d, c, "early", jobs.InsertOptions{})
		run(t, c)
		within(t, soon, "the early job", func() bool { return n.count("early") == 1 })
	})
}

func TestAUniqueJobIsThereOnce(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		gate := make(chan struct{})
		n := &notebook{hold: func(context.Context) { <-gate }}
		c := openWith(t, options(t, d), n)
		unique := jobs.InsertOptions{Unique: true}
		first := insert(t, d, c, "a", unique)
		again := insert(t, d, c, "a", unique)
		if first.Duplicate || !again.Duplicate || again.Running || again.ID != first.ID {
			t.Errorf("while it waits: got %+v then %+v", first, again)
		}
		if other := insert(t, d, c, "b", unique); other.Duplicate {
			t.Error("other args are another job")
		}
		run(t, c)
		within(t, patience, "the job is seen running", func() bool { return insert(t, d, c, "a", unique).Running })
		close(gate)
		within(t, patience, "both jobs are done", func() bool { return n.count("a") == 1 && n.count("b") == 1 })
		within(t, patience, "it can be inserted again", func() bool { return !insert(t, d, c, "a", unique).Duplicate })
		within(t, soon, "it runs again", func() bool { return n.count("a") == 2 })
	})
}

// River makes a job available up to 5 s before it is due and trusts its next look, every 30 s here, to find it.
func TestAScheduledJobStartsWhenItIsDue(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		n := &notebook{}
		c := start(t, d, n)
		due := time.Now().Add(6500 * time.Millisecond) // one look of the leader falls before it for certain
		insert(t, d, c, "due", jobs.InsertOptions{At: due})
		for n.count("due") == 0 && time.Since(due) < patience {
			time.Sleep(5 * time.Millisecond)
		}
		if late := time.Since(due); late < -10*time.Millisecond || late > 2*time.Second {
			t.Errorf("started %s after it was due", late)
		}
	})
}

func TestPeriodicJobsComeByTheClockOnOneNode(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		n := &notebook{}
		nodes := 1
		if d.Dialect() == db.Postgres {
			nodes = 2
		}
		for range nodes {
			c := openWith(t, options(t, d), n)
			if err := c.Periodic(jobs.Periodic{Args: noteArgs{Note: "tick"}, Every: time.Second}); err != nil {
				t.Fatal(err)
			}
			if err := c.Periodic(jobs.Periodic{Args: noteArgs{Note: "tick"}, Every: time.Millisecond}); err == nil {
				t.Error("a periodic job every millisecond was accepted")
			}
			run(t, c)
		}
		within(t, patience, "three ticks", func() bool { return n.count("tick") >= 3 })
		before, began := n.count("tick"), time.Now()
		time.Sleep(3 * time.Second)
		if got, most := n.count("tick")-before, int(time.Since(began).Seconds())+2; got > most {
			t.Errorf("%d ticks in three seconds: more than one node makes them", got)
		}
	})
}

type cleanArgs struct{}

func (cleanArgs) Kind() string { return "clean" }

func TestAPeriodicJobOnStartComesOnceInItsSpan(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		runs := make(chan struct{}, 10)
		n := &notebook{}
		for round := range 2 {
			c := openWith(t, options(t, d), n)
			err := jobs.Register(c, jobs.Worker[cleanArgs]{Work: func(context.Context, jobs.Job[cleanArgs]) error {
				runs <- struct{}{}
				return nil
			}})
			if err != nil {
				t.Fatal(err)
			}
			// a span that cannot end during the test
			if err := c.Periodic(jobs.Periodic{Args: cleanArgs{}, Every: 100 * 365 * 24 * time.Hour, OnStart: true}); err != nil {
				t.Fatal(err)
			}
			if err := c.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			if round == 0 {
				select {
				case <-runs:
				case <-time.After(patience):
					t.Error("did not run at the start")
				}
			} else {
				time.Sleep(2 * time.Second)
			}
			if err := c.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if len(runs) != 0 {
			t.Error("ran again at the second start")
		}
	})
}

func TestAPeriodicJobOnStartIsNotAtWorkBesideOneThatWasAskedFor(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		began, hold := make(chan struct{}, 10), make(chan struct{})
		c := openWith(t, options(t, d), &notebook{})
		err := jobs.Register(c, jobs.Worker[cleanArgs]{Work: func(context.Context, jobs.Job[cleanArgs]) error {
			began <- struct{}{}
			<-hold
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		err = d.Write(t.Context(), func(tx *gorm.DB) error {
			if _, err := c.Insert(tx, cleanArgs{}, jobs.InsertOptions{Unique: true}); err != nil {
				return err
			}
			return tx.Exec(`UPDATE river_job SET created_at = '2020-01-01 00:00:00.000'`).Error // a span before
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Periodic(jobs.Periodic{Args: cleanArgs{}, Every: time.Hour, OnStart: true}); err != nil {
			t.Fatal(err)
		}
		run(t, c)
		t.Cleanup(func() { close(hold) })
		<-began
		time.Sleep(2 * time.Second)
		if len(began) != 0 {
			t.Error("two of a kind are at work")
		}
	})
}

// It keeps the runs that come by the clock out: it must not wait for hours because it has failed for hours.
func TestAPeriodicJobThatFailsIsTriedAgainWithinItsSpan(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		var attempt atomic.Int64
		c := openWith(t, options(t, d), &notebook{})
		err := jobs.Register(c, jobs.Worker[cleanArgs]{Work: func(_ context.Context, job jobs.Job[cleanArgs]) error {
			attempt.Store(int64(job.Attempt))
			return errNo
		}})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Periodic(jobs.Periodic{Args: cleanArgs{}, Every: time.Second, OnStart: true}); err != nil {
			t.Fatal(err)
		}
		run(t, c)
		within(t, soon, "the fourth attempt, which would come after two minutes", func() bool { return attempt.Load() >= 4 })
	})
}

func TestRegistrationIsRefusedTwiceAndLate(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		n := &notebook{}
		c := openWith(t, options(t, d), n)
		if err := jobs.Register(c, jobs.Worker[noteArgs]{Work: n.work}); err == nil {
			t.Error("a second worker of the same kind was accepted")
		}
		err := d.Write(t.Context(), func(tx *gorm.DB) error {
			_, err := c.Insert(tx, cleanArgs{}, jobs.InsertOptions{})
			return err
		})
		if err == nil {
			t.Error("a job that nobody does was accepted")
		}
		run(t, c)
		if err := jobs.Register(c, jobs.Worker[cleanArgs]{}); err == nil {
			t.Error("a worker was accepted after the start")
		}
		if err := c.Periodic(jobs.Periodic{Args: noteArgs{}, Every: time.Hour}); err == nil {
			t.Error("a periodic job was accepted after the start")
		}
		if err := c.Start(t.Context()); err == nil {
			t.Error("a second start was accepted")
		}
	})
}
