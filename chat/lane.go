package chat

import "sync"

// laneRoom is how many jobs of one connection may wait; a reader that is further ahead waits itself, so that a client
// who sends faster than the database takes is slowed by TCP.
const laneRoom = 64

// lane runs one connection's jobs in order, on a goroutine that exists only while there are any. The jobs' deep stacks
// (database, sealing) so never become part of an idle connection.
type lane struct {
	mu   sync.Mutex
	jobs []func()
	busy bool
	room sync.Cond
}

func (l *lane) init() { l.room.L = &l.mu }

// push adds a job and starts the goroutine when none runs. It waits for room.
func (l *lane) push(run func(func()), job func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.jobs) >= laneRoom {
		l.room.Wait()
	}
	l.jobs = append(l.jobs, job)
	if !l.busy {
		l.busy = true
		run(l.work)
	}
}

// work runs until no job is left.
func (l *lane) work() {
	for {
		l.mu.Lock()
		if len(l.jobs) == 0 {
			l.busy, l.jobs = false, nil
			l.room.Broadcast()
			l.mu.Unlock()
			return
		}
		job := l.jobs[0]
		l.jobs[0] = nil
		l.jobs = l.jobs[1:]
		l.room.Signal()
		l.mu.Unlock()
		job()
	}
}

// idle tells whether nothing is left to do.
func (l *lane) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.busy
}

// lanes keep the order of one client's frames about one ticket, and let those about others pass: an agent who answers
// in ten tickets does not wait ten times. Owned by the reader.
type lanes[K comparable] map[K]*lane

// lanesKept is how many idle lanes are left standing.
const lanesKept = 32

// of gives the lane of key.
func (l lanes[K]) of(key K) *lane {
	if one := l[key]; one != nil {
		return one
	}
	if len(l) >= lanesKept {
		for k, one := range l {
			if one.idle() {
				delete(l, k)
			}
		}
	}
	one := &lane{}
	one.init()
	l[key] = one
	return one
}
