package bus

import (
	"slices"
	"sync"
	"time"
)

// resyncPause is the least time between two runs of OnReconnect's functions: each of them reads the database.
const resyncPause = time.Second

// resync runs the functions given to OnReconnect after each loss. Losses that come together make one run, and the last
// loss is always followed by a run.
type resync struct {
	mu  sync.Mutex
	fns []func()

	signal chan struct{}
	quit   chan struct{}
	done   chan struct{}
	once   sync.Once
}

func newResync() *resync {
	r := &resync{signal: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{})}
	go r.run()
	return r
}

func (r *resync) add(fn func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fns = append(r.fns, fn)
}

// lost says that messages may have been lost. It does not block.
func (r *resync) lost() {
	select {
	case r.signal <- struct{}{}:
	default:
	}
}

func (r *resync) close() {
	r.once.Do(func() { close(r.quit) })
	<-r.done
}

func (r *resync) run() {
	defer close(r.done)
	for {
		select {
		case <-r.quit:
			return
		case <-r.signal:
		}
		r.mu.Lock()
		fns := slices.Clone(r.fns)
		r.mu.Unlock()
		for _, fn := range fns {
			fn()
		}
		select {
		case <-r.quit:
			return
		case <-time.After(resyncPause):
		}
	}
}
