package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/jobs"
)

// dozing gives a client that has fallen asleep.
func dozing(t *testing.T, prepare func(c *jobs.Client)) (*db.DB, *jobs.Client, *notebook) {
	t.Helper()
	d, n := dbtest.Open(t, db.SQLite), &notebook{}
	c := openWith(t, options(t, d), n)
	c.DozeAfter(50 * time.Millisecond)
	if prepare != nil {
		prepare(c)
	}
	run(t, c)
	within(t, soon, "it dozes", func() bool { return !c.Awake() })
	return d, c, n
}

func TestAJobWakesAtOnce(t *testing.T) {
	t.Parallel()
	d, c, n := dozing(t, nil)
	began := time.Now()
	insert(t, d, c, "x", jobs.InsertOptions{})
	within(t, soon, "the job", func() bool { return n.count("x") == 1 })
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("the job took %s", took)
	}
	within(t, soon, "it dozes again", func() bool { return !c.Awake() })
}

func TestAJobThatWasPutOffWakesInTime(t *testing.T) {
	t.Parallel()
	d, c, n := dozing(t, nil)
	due := time.Now().Add(5 * time.Second)
	insert(t, d, c, "x", jobs.InsertOptions{At: due})
	time.Sleep(time.Second)
	if c.Awake() {
		t.Error("awake long before the job is due")
	}
	within(t, patience, "the job", func() bool { return n.count("x") == 1 })
	if late := time.Since(due); late < -10*time.Millisecond || late > 2*time.Second {
		t.Errorf("started %s after it was due", late)
	}
}

func TestTheClockGoesOnWhileItDozes(t *testing.T) {
	t.Parallel()
	_, c, n := dozing(t, func(c *jobs.Client) {
		if err := c.Periodic(jobs.Periodic{Args: noteArgs{Note: "tick"}, Every: 2 * time.Second}); err != nil {
			t.Fatal(err)
		}
	})
	within(t, patience, "the first tick", func() bool { return n.count("tick") == 1 })
	within(t, patience, "it dozes in between", func() bool { return !c.Awake() })
	within(t, patience, "the second tick", func() bool { return n.count("tick") == 2 })
}

func TestARetryIsNotSleptThrough(t *testing.T) {
	t.Parallel()
	d, c, n := dozing(t, nil)
	n.fail = func(job jobs.Job[noteArgs]) error {
		if job.Attempt == 1 {
			return errors.New("first attempt")
		}
		return nil
	}
	insert(t, d, c, "x", jobs.InsertOptions{})
	within(t, soon, "the second attempt", func() bool { return n.count("x") == 1 })
}

// A client that dozes off all the time must lose nothing.
func TestNoJobIsSleptThrough(t *testing.T) {
	t.Parallel()
	d, n := dbtest.Open(t, db.SQLite), &notebook{}
	c := openWith(t, options(t, d), n)
	c.DozeAfter(time.Millisecond)
	run(t, c)
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for i := range 100 {
				note := fmt.Sprintf("%d-%d", w, i)
				err := d.Write(context.Background(), func(tx *gorm.DB) error {
					_, err := c.Insert(tx, noteArgs{Note: note}, jobs.InsertOptions{})
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
				for began := time.Now(); n.count(note) == 0; time.Sleep(time.Millisecond) {
					if time.Since(began) > soon {
						t.Errorf("job %s is slept through", note)
						return
					}
				}
				time.Sleep(rand.N(8 * time.Millisecond))
			}
		})
	}
	wg.Wait()
}
