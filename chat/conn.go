package chat

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
)

// party is who speaks on a connection. frame and ended are called by the reader's goroutine.
type party interface {
	begin()            // before the first frame
	frame(data []byte) // one text frame; data may be used during the call only
	silent() bool      // has not said hello yet
	ended()            // the connection is over
}

// conn is one socket. Its reader lives as long as it does; the writer and the lane only while they have work.
type conn struct {
	desk   *Desk
	ws     *websocket.Conn
	party  party
	side   string // visitor or agent
	from   netip.Prefix
	origin string
	slot   int // second of the half minute in which it is pinged
	lane   lane
	busy   atomic.Int32 // jobs that wait or run
	in     prometheus.Counter
	outs   prometheus.Counter
	flood  flood

	mu      sync.Mutex
	out     []*frame
	pending int // frames handed to the kernel and not yet taken
	writing bool
	closing bool // a close frame is the last thing in out
	dead    bool
	locale  string
	room    sync.Cond
}

func newConn(d *Desk, ws *websocket.Conn, side string) *conn {
	c := &conn{desk: d, ws: ws, side: side}
	c.in, c.outs = d.metrics.framesIn.WithLabelValues(side), d.metrics.framesOut.WithLabelValues(side)
	c.room.L = &c.mu
	c.lane.init()
	// Everything that is written goes through our writer, so that no control frame shortens the deadline of a write
	// that is under way.
	ws.SetPingHandler(func(data string) error {
		c.heard()
		c.push(controlFrame(websocket.PongMessage, []byte(data)))
		return nil
	})
	ws.SetPongHandler(func(string) error { c.heard(); return nil })
	ws.SetCloseHandler(func(code int, _ string) error {
		if code == websocket.CloseNoStatusReceived {
			code = websocket.CloseNormalClosure
		}
		c.bye(code, "")
		return nil
	})
	return c
}

// heard puts off the moment when the connection counts as dead. One that is being closed has its last moment already.
func (c *conn) heard() {
	if c.party.silent() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closing && !c.dead {
		_ = c.ws.SetReadDeadline(time.Now().Add(c.desk.pace.silence))
	}
}

// read takes frames until the connection ends.
func (c *conn) read() {
	defer c.end()
	c.ws.SetReadLimit(frameMax)
	_ = c.ws.SetReadDeadline(time.Now().Add(helloWait))
	c.heard()
	for {
		kind, r, err := c.ws.NextReader()
		if err != nil {
			c.failed(err)
			return
		}
		buf := buffers.Get()
		_, err = buf.ReadFrom(r)
		if err == nil && !c.isClosing() {
			c.take(kind, buf.Bytes())
		}
		buffers.Put(buf)
		if err != nil {
			c.failed(err)
			return
		}
	}
}

// take hands one frame on, unless it is one too many.
func (c *conn) take(kind int, data []byte) {
	c.in.Inc()
	if c.flood.over(time.Now(), c.desk.scale) {
		c.close(websocket.ClosePolicyViolation, "too many frames")
		return
	}
	c.heard()
	if kind != websocket.TextMessage {
		data = nil // never valid JSON: answered as a bad frame
	}
	c.party.frame(data)
}

// failed says why, where the protocol has a word for it.
func (c *conn) failed(err error) {
	var slow net.Error
	switch {
	case c.isClosing():
	case errors.Is(err, websocket.ErrReadLimit):
		c.desk.metrics.cuts.WithLabelValues("1009").Inc() // the library has said so already
		c.drain()
	case errors.As(err, &slow) && slow.Timeout() && c.party.silent():
		c.close(closeNoHello, "no hello")
		c.drain()
	case errors.As(err, &slow) && slow.Timeout():
		c.desk.metrics.cuts.WithLabelValues("silent").Inc()
	}
}

// drain reads what the client still sends, for a moment: closing a socket with unread data resets it, and the client
// would not see the close frame.
func (c *conn) drain() {
	raw := c.ws.NetConn()
	_ = raw.SetReadDeadline(time.Now().Add(lingerWait))
	buf := buffers.Get()
	defer buffers.Put(buf)
	buf.Grow(4096)
	b := buf.AvailableBuffer()[:4096]
	for {
		if _, err := raw.Read(b); err != nil {
			return
		}
	}
}

// turnAway closes a socket that came too late to join.
func (c *conn) turnAway() {
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(closeGoneAway, "shutdown"), time.Now().Add(lingerWait))
	c.drain()
	_ = c.ws.Close()
}

// end cleans up, on the reader's goroutine. A goodbye that is on its way out may finish.
func (c *conn) end() {
	c.mu.Lock()
	if c.closing && c.writing {
		_ = c.ws.NetConn().SetWriteDeadline(time.Now().Add(lingerWait))
		for c.writing {
			c.room.Wait()
		}
	}
	c.dead, c.out = true, nil
	c.room.Broadcast()
	c.mu.Unlock()
	_ = c.ws.Close()
	c.party.ended()
	c.desk.left(c)
}

func (c *conn) isClosing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closing || c.dead
}

func (c *conn) setLocale(locale string) {
	c.mu.Lock()
	c.locale = locale
	c.mu.Unlock()
}

// language is what errors are told in.
func (c *conn) language() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.locale
}
