package chat

import (
	"bytes"
	"context"
	"sync"
	"time"
)

// crew counts the goroutines of a desk, so that Close can wait for the last.
type crew struct {
	count sync.Mutex
	n     int
	none  chan struct{} // closed when n falls to zero; made by wait
}

// enter counts the caller's goroutine in, until it calls done.
func (w *crew) enter() {
	w.count.Lock()
	w.n++
	w.count.Unlock()
}

// spawn runs fn on a goroutine of the crew.
func (w *crew) spawn(fn func()) {
	w.enter()
	go func() {
		defer w.done()
		fn()
	}()
}

func (w *crew) done() {
	w.count.Lock()
	defer w.count.Unlock()
	if w.n--; w.n == 0 && w.none != nil {
		close(w.none)
		w.none = nil
	}
}

// wait returns when no goroutine is left, or when ctx ends.
func (w *crew) wait(ctx context.Context) error {
	w.count.Lock()
	if w.n == 0 {
		w.count.Unlock()
		return nil
	}
	if w.none == nil {
		w.none = make(chan struct{})
	}
	none := w.none
	w.count.Unlock()
	select {
	case <-none:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// bufferPool lends buffers for incoming frames; large ones are not kept.
type bufferPool struct{ pool sync.Pool }

var buffers bufferPool

// Get lends an empty buffer.
func (p *bufferPool) Get() *bytes.Buffer {
	if b, ok := p.pool.Get().(*bytes.Buffer); ok {
		b.Reset()
		return b
	}
	return new(bytes.Buffer)
}

// Put takes it back.
func (p *bufferPool) Put(b *bytes.Buffer) {
	if b.Cap() <= 16<<10 {
		p.pool.Put(b)
	}
}

// seldom lets something happen at most once in a while.
type seldom struct {
	mu   sync.Mutex
	last time.Time
}

func (s *seldom) once(every time.Duration, fn func()) {
	s.mu.Lock()
	due := time.Since(s.last) >= every
	if due {
		s.last = time.Now()
	}
	s.mu.Unlock()
	if due {
		fn()
	}
}
