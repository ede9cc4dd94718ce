package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"gorm.io/gorm"
)

// Lease says which processes live, by the leases that they renew in the database.
type Lease struct {
	Holder string // this process
	TTL    time.Duration
	// Left is how long this process surely holds its lease, and how often it has not for a while.
	Left func() (left time.Duration, lapses int)
	// Holders are those of all leases that hold, by the clock of the database.
	Holders func(ctx context.Context) ([]string, error)
}

const (
	// A process ends its jobs ttl/marginPart before its lease is over, and looks as often for jobs of others whose lease is. These
	// must be seen gone for ttl/gonePart: when the database itself was away, those who live renew first.
	marginPart, gonePart = 6, 2
	// putOff is when a job that was ended with its lease may run again.
	putOff = time.Second
	// ownIDs begins the names under which processes with a lease run jobs. Those of older programs have others.
	ownIDs = "huiyin-"
)

var errLapsed = errors.New("jobs: the lease of this process is over")

// runnerID names who runs a job, in river_job.attempted_by.
func runnerID(holder string) string {
	sum := sha256.Sum256([]byte(holder))
	return ownIDs + hex.EncodeToString(sum[:16])
}

// ranBy is who ran a job last.
func ranBy(job *rivertype.JobRow) string {
	if len(job.AttemptedBy) == 0 {
		return ""
	}
	return job.AttemptedBy[len(job.AttemptedBy)-1]
}

// tenure is the time in which this process may run jobs. It has two goroutines: one ends jobs before the lease is over, one
// takes up those of processes whose lease is. A nil one holds for ever.
type tenure struct {
	Lease
	id   string
	read func(ctx context.Context) *gorm.DB
	take func(ctx context.Context, runner string) error // takes up the jobs of a process that is gone
	log  *slog.Logger

	quit context.CancelFunc
	wg   sync.WaitGroup

	mu     sync.Mutex
	term   context.Context // of the jobs that run; ended when the lease is over
	end    context.CancelFunc
	seen   int           // lapses that term knows of
	joined int           // so many jobs have begun here
	atWork map[int64]int // the last that has, by its job
}

func newTenure(l Lease, o Options) *tenure {
	t := &tenure{Lease: l, id: runnerID(l.Holder), read: o.Read, log: o.Log, atWork: map[int64]int{}}
	t.term, t.end = context.WithCancel(context.Background())
	return t
}

func (t *tenure) start() {
	if t == nil {
		return
	}
	var ctx context.Context
	ctx, t.quit = context.WithCancel(context.Background())
	t.wg.Go(func() { t.keep(ctx) })
	t.wg.Go(func() { t.watch(ctx) })
}

func (t *tenure) stop() {
	if t == nil || t.quit == nil {
		return
	}
	t.quit()
	t.wg.Wait()
}

// keep ends the jobs of this process before its lease is over, and lets others run when it has one again.
func (t *tenure) keep(ctx context.Context) {
	for ctx.Err() == nil {
		left, lapses := t.Left()
		left -= t.TTL / marginPart
		t.set(left > 0, lapses)
		if left <= 0 {
			left = t.TTL / marginPart
		}
		pause(ctx, min(left, t.TTL/marginPart)) // a machine that sleeps wakes up in the middle
	}
}

func (t *tenure) set(holds bool, lapses int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	over := t.term.Err() != nil
	if !over && (!holds || lapses != t.seen) {
		t.log.Warn("the lease of this process is over: the jobs that it runs are put off", slog.Int("jobs", len(t.atWork)))
		t.end()
		over = true
	}
	if over && holds {
		t.seen = lapses
		t.term, t.end = context.WithCancel(context.Background())
	}
}

// join gives a job a context that ends with the lease. done says what becomes of it: one that was ended so is put off, and
// the attempt does not count; what it ended with is logged, for it may have failed of something else.
func (t *tenure) join(ctx context.Context, job int64) (_ context.Context, done func(err error) error) {
	if t == nil {
		return ctx, func(err error) error { return err }
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	if t.term.Err() != nil {
		cancel(errLapsed)
	}
	leave := context.AfterFunc(t.term, func() { cancel(errLapsed) })
	t.joined++
	begun := t.joined
	t.atWork[job] = begun
	return ctx, func(err error) error {
		leave()
		if err != nil && errors.Is(context.Cause(ctx), errLapsed) {
			if !errors.Is(err, context.Canceled) {
				t.log.Warn("a job that was put off with the lease ended with an error", slog.Int64("job", job), slog.Any("error", err))
			}
			err = river.JobSnooze(putOff)
		}
		cancel(nil)
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.atWork[job] == begun { // else it has begun here anew
			delete(t.atWork, job)
		}
		return err
	}
}

// unbroken tells that this process has held its lease without a gap: nobody has taken up a job of it that heeds its timeout.
func (t *tenure) unbroken() bool {
	if t == nil {
		return true
	}
	left, lapses := t.Left()
	return left > 0 && lapses == 0
}

// isMine tells whether the outcome of a job is this process's to write: nobody has taken it up, nor does it run here anew.
func (t *tenure) isMine(job *rivertype.JobRow) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, anew := t.atWork[job.ID]
	return ranBy(job) == t.id && !anew
}

// watch takes up the jobs of processes whose lease is over.
func (t *tenure) watch(ctx context.Context) {
	gone := map[string]time.Time{} // since when
	for pause(ctx, t.TTL/marginPart); ctx.Err() == nil; pause(ctx, t.TTL/marginPart) {
		if err := t.look(ctx, gone); err != nil {
			clear(gone)
			if ctx.Err() == nil {
				t.log.Warn("cannot look for jobs of processes that are gone", slog.Any("error", err))
			}
		}
	}
}

func (t *tenure) look(ctx context.Context, gone map[string]time.Time) error {
	ctx, done := context.WithTimeout(ctx, t.TTL)
	defer done()
	var running []string
	if err := t.read(ctx).Raw(`SELECT DISTINCT attempted_by[array_upper(attempted_by, 1)] FROM river_job WHERE state = 'running'`).Scan(&running).Error; err != nil {
		return err
	}
	holders, err := t.Holders(ctx)
	if err != nil {
		return err
	}
	living := map[string]bool{t.id: true}
	for _, holder := range holders {
		living[runnerID(holder)] = true
	}
	now, still := time.Now(), map[string]bool{}
	for _, runner := range running {
		if living[runner] || !strings.HasPrefix(runner, ownIDs) {
			continue
		}
		still[runner] = true
		if since, seen := gone[runner]; !seen {
			gone[runner] = now
		} else if now.Sub(since) >= t.TTL/gonePart {
			if err := t.take(ctx, runner); err != nil {
				return err
			}
			t.log.WarnContext(ctx, "jobs of a process that is gone were taken up", slog.String("process", runner))
		}
	}
	for runner := range gone {
		if !still[runner] {
			delete(gone, runner)
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
