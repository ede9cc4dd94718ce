package imapbox

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// moving is within for what may take long as long as something comes: a connection that stands still for the time of one answer
// is closed.
func (b *Box) moving(ctx context.Context, limit time.Duration, fn func() error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	b.pulse.beat()
	tick := time.NewTicker(b.config.CommandTime / 4)
	defer tick.Stop()
	done := make(chan struct{})
	defer close(done)
	go func() {
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				if b.pulse.still() > b.config.CommandTime {
					stop(context.DeadlineExceeded)
					return
				}
			}
		}
	}()
	err := b.within(ctx, limit, fn)
	if err != nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return errors.Join(context.DeadlineExceeded, err)
	}
	return err
}

// pulse is a connection that knows when something came last.
type pulse struct {
	net.Conn
	last atomic.Int64 // Unix ns
}

func (p *pulse) beat() { p.last.Store(time.Now().UnixNano()) }

func (p *pulse) still() time.Duration { return time.Since(time.Unix(0, p.last.Load())) }

// Read reads and notes that something came.
func (p *pulse) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	if n > 0 {
		p.beat()
	}
	return n, err
}
