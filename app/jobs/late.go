package jobs

import (
	"sync"
	"time"

	"github.com/riverqueue/river/rivertype"
)

// lateGrain is how exactly the late bell rings: jobs due within one grain share a ring.
const lateGrain = 100 * time.Millisecond

// late rings for jobs that River has made available before they are due (it does so up to five seconds ahead).
type late struct {
	ring func(queue string) // any goroutine

	mu      sync.Mutex
	timers  map[lateKey]*time.Timer
	running bool
}

type lateKey struct {
	queue string
	grain int64
}

func newLate(ring func(queue string)) *late {
	return &late{ring: ring, timers: map[lateKey]*time.Timer{}}
}

// rows notes the jobs that have just been made available.
func (l *late) rows(rows []*rivertype.JobRow) {
	for _, r := range rows {
		if r != nil && r.State == rivertype.JobStateAvailable {
			l.at(r.Queue, r.ScheduledAt)
		}
	}
}

// at rings for the queue when a job of it is due.
func (l *late) at(queue string, due time.Time) {
	now := time.Now()
	if !due.After(now) {
		return // River rings itself
	}
	key := lateKey{queue, due.UnixNano()/int64(lateGrain) + 1}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.running || l.timers[key] != nil {
		return
	}
	l.timers[key] = time.AfterFunc(time.Unix(0, key.grain*int64(lateGrain)).Sub(now), func() {
		l.mu.Lock()
		delete(l.timers, key)
		l.mu.Unlock()
		l.ring(key.queue)
	})
}

// run lets it ring (true) or silences it.
func (l *late) run(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running = on
	for _, t := range l.timers {
		t.Stop()
	}
	clear(l.timers)
}
