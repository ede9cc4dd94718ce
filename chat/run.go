package chat

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	closeJitter = 2 * time.Second      // the longest over which the sockets are closed, so that not all come back at once
	closeEach   = 2 * time.Millisecond // what each adds to it
	closeQuiet  = 20 * time.Millisecond
)

// Run drives the desk until ctx ends or Close has finished: the hub, the clocks, the lists, and what comes from other
// nodes.
func (d *Desk) Run(ctx context.Context) error {
	if !d.running.CompareAndSwap(false, true) {
		return errors.New("chat: runs already")
	}
	halt := make(chan struct{})
	cancel, err := d.listen()
	if err != nil {
		close(d.hub.over)
		return err
	}
	helpers := &crew{}
	helpers.spawn(func() { d.keep(halt) })
	helpers.spawn(func() { d.listAll(halt) })
	helpers.spawn(func() { d.hub.run(halt) })
	select {
	case <-ctx.Done():
	case <-d.ctx.Done():
	}
	cancel()
	close(halt)
	return helpers.wait(context.Background())
}

// Close takes nothing new, lets what is under way finish and be acknowledged, closes every socket with 1001, a few at a
// time, and waits for the last goroutine. When ctx ends first, what is left is cut.
func (d *Desk) Close(ctx context.Context) error {
	d.closeOne.Do(func() { close(d.closing) })
	defer d.stop()
	all := d.everyone()
	jitter := min(closeJitter, closeEach*time.Duration(len(all))+1)
	for c := range all {
		d.spawn(func() { c.leave(ctx, jitter) })
	}
	err := d.crew.wait(ctx)
	if err == nil {
		return nil
	}
	d.stop()
	for c := range d.everyone() {
		c.broken()
	}
	last, cancel := context.WithTimeout(context.Background(), lingerWait)
	defer cancel()
	return errors.Join(err, d.crew.wait(last))
}

// leave says goodbye to one client, once it has its answers.
func (c *conn) leave(ctx context.Context, jitter time.Duration) {
	pause := time.NewTimer(rand.N(jitter))
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-ctx.Done():
	}
	for !c.quiet() && ctx.Err() == nil && !c.isClosing() {
		time.Sleep(closeQuiet)
	}
	c.bye(closeGoneAway, "shutdown")
}

// everyone gives a copy of the set of connections.
func (d *Desk) everyone() map[*conn]struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make(map[*conn]struct{}, len(d.conns))
	for c := range d.conns {
		all[c] = struct{}{}
	}
	return all
}

// joined notes a connection; false when the desk is going down.
func (d *Desk) joined(c *conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.isClosing() {
		return false
	}
	d.conns[c] = struct{}{}
	c.slot = d.slots
	d.slots = (d.slots + 1) % pingSlots
	d.metrics.sockets.WithLabelValues(c.side).Inc()
	return true
}

// left forgets a connection, at the very end.
func (d *Desk) left(c *conn) {
	d.mu.Lock()
	delete(d.conns, c)
	d.mu.Unlock()
	d.metrics.sockets.WithLabelValues(c.side).Dec()
	d.sockets.give(c.from)
}

func (d *Desk) isClosing() bool {
	select {
	case <-d.closing:
		return true
	default:
		return false
	}
}

// serving refuses calls while the desk goes down, and counts those that are under way.
func (d *Desk) serving(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.enter()
		defer d.done()
		if d.isClosing() {
			letRead(w, r)
			d.refuse(w, localeOfRequest(r), unavailable(), "")
			return
		}
		next.ServeHTTP(w, r)
	})
}
