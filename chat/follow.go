package chat

import (
	"context"
	"sync/atomic"
	"time"
)

// follow keeps one connection right about a conversation. It is live, and the hub's: news that is the next in line is
// sent on, older news dropped. Or it is filling: a goroutine of its own reads the database beyond what was sent, as fast
// as the client takes it, and news is stashed; when nothing is missing any more it goes live. It begins by filling, and
// falls back to filling on every gap.
type follow struct {
	hub  *hub
	conn *conn
	who  follower

	filling bool          // owned by the hub, as all below
	stash   []*news       // what came while filling
	missed  bool          // something came that the stash does not hold
	ended   bool          // takes nothing more
	done    chan struct{} // of the filler that runs; nil when none does
	stop    atomic.Bool   // tells the filler to give up
}

// follower is what differs between a shopper's and an agent's place.
type follower interface {
	// apply sends what n brings, or answers false when the database must be asked. On the hub, while live.
	apply(n *news) bool
	// read sends what the database holds beyond the place and tells whether there was anything. On the filler, while
	// filling. all asks for what an earlier message has become as well.
	read(ctx context.Context, all bool) (some bool, err error)
	// ready is called on the hub each time the place has become live.
	ready()
}

const (
	fillTries = 12
	fillPause = 20 * time.Millisecond
	fillRest  = 2 * time.Second
)

// take is how news comes in. On the hub.
func (f *follow) take(n *news) {
	switch {
	case f.ended:
	case !f.filling:
		if !f.who.apply(n) {
			f.fill(false)
		}
	case len(f.stash) < stashMax && n.ticket != nil:
		f.stash = append(f.stash, n)
	default:
		f.missed = true // a hint of another node says only that there is more to read
	}
}

// again has everything read once more. On the hub.
func (f *follow) again() {
	switch {
	case f.filling:
		f.missed = true
	default:
		f.fill(true)
	}
}

// fill begins to fill. On the hub.
func (f *follow) fill(all bool) {
	if f.ended {
		return
	}
	done := make(chan struct{})
	f.filling, f.done = true, done
	f.hub.desk.spawn(func() {
		defer close(done)
		f.run(all)
	})
}

// end stops it for good. On the hub.
func (f *follow) end() {
	f.ended, f.stash = true, nil
	f.stop.Store(true)
}

// finish ends it, with what else is to be done on the hub, and waits until no filler sends any more.
func (f *follow) finish(also func()) {
	var done chan struct{}
	if f.hub.call(func() { f.end(); also(); done = f.done }) && done != nil {
		<-done
	}
}

// more tells a filler whether to go on with the next page, once the client has taken most of the last.
func (f *follow) more() bool { return f.conn.waitRoom() && !f.stop.Load() }

// run is the filler's goroutine.
func (f *follow) run(all bool) {
	d := f.hub.desk
	for idle := 0; ; {
		some, err := f.readOnce(all)
		live := false
		if err == nil {
			all = false
			if !f.hub.call(func() { live, all = f.settle() }) || live {
				return
			}
		}
		if some {
			idle = 0
			continue
		}
		if idle++; idle == 1 && err == nil {
			continue // news came in between
		}
		if f.conn.isClosing() || f.stop.Load() {
			return
		}
		if idle > fillTries || !d.pause(min(fillPause<<idle, fillRest)) {
			d.log.Warn("chat: a client cannot be brought up to date", "side", f.conn.side, "error", err)
			f.conn.close(closeInternal, "try again")
			return
		}
	}
}

func (f *follow) readOnce(all bool) (bool, error) {
	ctx, cancel := context.WithTimeout(f.hub.desk.ctx, jobWait)
	defer cancel()
	return f.who.read(ctx, all)
}

// settle goes live when the stash leaves nothing open; otherwise it tells whether old messages must be looked at again.
// On the hub.
func (f *follow) settle() (live, all bool) {
	stash, missed := f.stash, f.missed
	f.stash, f.missed = nil, false
	if f.ended {
		return true, false
	}
	if missed {
		return false, true
	}
	for i, n := range stash {
		if !f.who.apply(n) {
			f.stash = append(f.stash, stash[i+1:]...)
			return false, false
		}
	}
	f.filling, f.done = false, nil
	f.who.ready()
	return true, false
}
