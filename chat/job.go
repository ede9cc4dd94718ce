package chat

import "context"

// job puts fn on a lane, with the time that one job may take. It goes on when the client is gone: what was sent is
// stored.
func (c *conn) job(l *lane, fn func(context.Context)) {
	c.busy.Add(1)
	l.push(c.desk.spawn, func() {
		defer c.busy.Add(-1)
		ctx, cancel := context.WithTimeout(c.desk.ctx, jobWait)
		defer cancel()
		fn(ctx)
	})
}

// pong answers a ping at once: it shows that the desk is there.
func (c *conn) pong(in *incoming, fail func(*incoming, *problem)) {
	n, p := in.number()
	if p != nil {
		fail(in, p)
		return
	}
	c.send(textFrame(pongFrame{Type: "pong", N: n}))
}
