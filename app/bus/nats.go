package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	natsReconnectWait = 200 * time.Millisecond
	natsPingInterval  = 5 * time.Second // with two outstanding: a dead server is noticed after 15 s
	natsWriteTimeout  = 2 * time.Second // how long a stalled server may hold up a publisher
	natsPingTimeout   = 2 * time.Second
	natsCloseTimeout  = 2 * time.Second
	// wordResync is the bus's own subject: "I was away; what I said meanwhile did not reach you".
	wordResync = "_resync"
)

// natsBus is a handle on NATS core. Its lost messages have three causes and each is told: this node's connection was
// cut (ReconnectHandler), another node's was (wordResync, which that node sends when it is back), or a mailbox was full.
type natsBus struct {
	addr   address
	conn   *nats.Conn
	log    *slog.Logger
	resync *resync
	away   atomic.Bool   // the connection is or was cut since the last resync
	gone   chan struct{} // closed when the connection is closed for good

	mu     sync.Mutex
	closed bool
	subs   map[*nats.Subscription]*mailbox
	boxes  sync.WaitGroup
}

func openNATS(url string, log *slog.Logger) (Bus, error) {
	addr, err := parseAddress(url)
	if err != nil {
		return nil, err
	}
	b := &natsBus{
		addr: addr, log: log.With("bus", addr.shown), resync: newResync(),
		gone: make(chan struct{}), subs: map[*nats.Subscription]*mailbox{},
	}
	b.conn, err = nats.Connect(strings.Join(addr.servers, ","), b.options()...)
	if err != nil {
		b.resync.close()
		return nil, fmt.Errorf("bus: connect to %s: %w", addr.shown, err)
	}
	if _, err := b.conn.Subscribe(addr.prefix+wordResync, func(*nats.Msg) { b.resync.lost() }); err != nil {
		return nil, errors.Join(fmt.Errorf("bus: %w", err), b.Close())
	}
	return b, nil
}

func (b *natsBus) options() []nats.Option {
	return []nats.Option{
		nats.Name("huiyin"),
		nats.NoEcho(),
		nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(natsReconnectWait),
		nats.ReconnectBufSize(-1), // a hint that cannot go out now is worthless later
		nats.PingInterval(natsPingInterval),
		nats.MaxPingsOutstanding(2),
		nats.FlusherTimeout(natsWriteTimeout),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { b.disconnected(err) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { b.disconnected(err) }),
		nats.ConnectHandler(b.connected),
		nats.ReconnectHandler(b.connected),
		nats.ClosedHandler(func(*nats.Conn) { close(b.gone) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			b.log.Warn("the message engine reports an error", "error", err)
			b.resync.lost()
		}),
	}
}

// disconnected, connected and the other handlers run on one goroutine of the client, in order.
func (b *natsBus) disconnected(err error) {
	if b.isClosed() || b.away.Swap(true) {
		return
	}
	b.log.Warn("no connection to the message engine; trying again", "error", err)
}

// connected runs after the first connect too, where nothing was lost.
func (b *natsBus) connected(conn *nats.Conn) {
	if !b.away.Swap(false) {
		return
	}
	b.log.Info("connected to the message engine again")
	b.resync.lost()
	if err := conn.Publish(b.addr.prefix+wordResync, nil); err != nil {
		b.away.Store(true) // cut again already; the next connect tells
	}
}

func (b *natsBus) OnReconnect(fn func()) { b.resync.add(fn) }

// Ping waits for the server's answer, two seconds at most.
func (b *natsBus) Ping(ctx context.Context) error {
	if b.isClosed() {
		return ErrClosed
	}
	if !b.conn.IsConnected() {
		return ErrDown
	}
	if err := ctx.Err(); err != nil {
		return err // a quick answer could win over it
	}
	ctx, cancel := context.WithTimeout(ctx, natsPingTimeout)
	defer cancel()
	return downOrClosed(b.conn.FlushWithContext(ctx))
}

func (b *natsBus) Remote() bool { return true }

func (b *natsBus) isClosed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed
}

func (b *natsBus) Close() error {
	b.mu.Lock()
	already := b.closed
	b.closed = true
	for _, box := range b.subs {
		box.stop()
	}
	b.mu.Unlock()
	if already {
		return nil
	}
	b.conn.Close() // sends what is buffered
	select {
	case <-b.gone:
	case <-time.After(natsCloseTimeout):
	}
	b.boxes.Wait()
	b.resync.close()
	return nil
}
