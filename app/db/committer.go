package db

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"

	"gorm.io/gorm"
)

const (
	maxBatch = 256  // requests in one transaction
	queueLen = 1024 // requests that wait without a goroutine of theirs being held in the send
)

var errExited = errors.New("db: the write's function ended its goroutine (runtime.Goexit, t.FailNow)")

// request is one Write that waits for its turn.
type request struct {
	ctx   context.Context
	fn    func(tx *gorm.DB) error
	scope *scope // of its last run
	err   error
	done  chan struct{} // closed with the answer
}

func (r *request) answered() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// committer is the group commit of SQLite. Its goroutine owns everything but the queue.
type committer struct {
	writer *sql.DB
	base   *gorm.DB
	log    *slog.Logger
	server context.Context // for every statement; it never ends

	mu     sync.RWMutex // held for reading while a request is sent, for writing to close the queue
	closed bool
	queue  chan *request
	ended  chan struct{} // closed when the goroutine has answered the last request

	batch    []*request // taken from the queue, in the works
	tx       *sql.Tx    // open, or nil
	current  *request   // its function runs now
	settling []*request // committed, their hooks run now
}

func newCommitter(writer *sql.DB, base *gorm.DB, log *slog.Logger) *committer {
	c := &committer{
		writer: writer, base: base, log: log, server: context.Background(),
		queue: make(chan *request, queueLen), ended: make(chan struct{}),
	}
	go c.run(nil)
	return c
}

// write waits for the answer even when ctx ends: until then fn may run, and it shares variables with the caller.
func (c *committer) write(ctx context.Context, fn func(tx *gorm.DB) error) error {
	r := &request{ctx: ctx, fn: fn, done: make(chan struct{})}
	if err := c.send(r); err != nil {
		return err
	}
	<-r.done
	return r.err
}

func (c *committer) send(r *request) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed {
		return ErrClosed
	}
	select {
	case c.queue <- r:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

// close answers what waits and ends the goroutine.
func (c *committer) close() {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		close(c.queue)
	}
	c.mu.Unlock()
	<-c.ended
}

// run is the goroutine; left is what an earlier one did not get done.
func (c *committer) run(left []*request) {
	finished := false
	defer func() {
		if finished {
			close(c.ended)
			return
		}
		go c.run(c.salvage())
	}()
	c.batch = left
	c.oneByOne()
	for first := range c.queue {
		c.gather(first)
		c.commit()
	}
	finished = true
}

// gather takes what waits, without waiting for more.
func (c *committer) gather(first *request) {
	c.batch = append(make([]*request, 0, 1+min(len(c.queue), maxBatch-1)), first)
	for len(c.batch) < maxBatch {
		select {
		case r, ok := <-c.queue:
			if !ok {
				return
			}
			c.batch = append(c.batch, r)
		default:
			return
		}
	}
}

// salvage is called when a function has ended the goroutine: it undoes and answers what was under way and gives what is
// left to do.
func (c *committer) salvage() (left []*request) {
	if c.tx != nil {
		_ = c.tx.Rollback()
	}
	if c.current != nil {
		c.current.err = errExited
		close(c.current.done)
	}
	for _, r := range c.settling {
		close(r.done)
	}
	for _, r := range c.batch {
		if !r.answered() {
			left = append(left, r)
		}
	}
	c.tx, c.current, c.settling, c.batch = nil, nil, nil, nil
	return left
}
