package app

import (
	"context"
	"time"

	"huiyin/tickets"
)

// soonest is how much later than its time a held reply is released at the earliest: clocks of nodes differ a little.
const soonest = 50 * time.Millisecond

// holdsFor releases a reply, that this node has just seen being held, when its time is over. Longer holds, and those of a node that
// died, are the clock's: it looks every few seconds.
const holdsFor = time.Minute

// hold waits for a held reply's time.
func (s *server) hold(c tickets.Change) {
	m := c.Message
	if m == nil || m.State != tickets.StateHeld || m.HeldUntil == nil {
		return
	}
	wait := time.Until(time.UnixMilli(*m.HeldUntil)) + soonest
	if wait > holdsFor {
		return
	}
	message := m.ID
	time.AfterFunc(max(wait, 0), func() {
		if s.stopping.Load() {
			return // the clock of whoever starts next does it
		}
		ctx, cancel := context.WithTimeout(context.Background(), holdsFor)
		defer cancel()
		if _, err := s.Tickets.Release(ctx, message); err != nil {
			s.Log.WarnContext(ctx, "release a held reply", "message", message, "error", err)
		}
	})
}
