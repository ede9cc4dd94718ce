package chat_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"huiyin/tickets"
)

// client is a real socket of a shopper or an agent. Its reader keeps all frames, in order.
type client struct {
	t  testing.TB
	ws *websocket.Conn

	mu     sync.Mutex
	frames []obj
	used   map[int]bool // frames that expect has given
	code   int          // close code; 0 while open, -1 without one
	more   chan struct{}
	wmu    sync.Mutex
}

const patience = time.Minute // other tests keep the machine busy

func dial(t testing.TB, n *node, path, protocol string, header http.Header) (*client, *http.Response, error) {
	d := websocket.Dialer{Subprotocols: []string{protocol}, HandshakeTimeout: patience}
	ws, resp, err := d.Dial(strings.Replace(n.url, "http", "ws", 1)+path, header)
	if err != nil {
		return nil, resp, err
	}
	c := &client{t: t, ws: ws, used: map[int]bool{}, more: make(chan struct{}, 1)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.read()
	}()
	t.Cleanup(func() {
		_ = ws.Close()
		<-done
	})
	return c, resp, nil
}

// visitor opens a shopper's socket, without hello.
func (n *node) visitor() *client {
	n.world.t.Helper()
	c, _, err := dial(n.world.t, n, "/chat/v1/socket", "huiyin.chat.v1", nil)
	ok(n.world.t, err)
	return c
}

// shopper starts a session, says hello and is welcomed.
func (n *node) shopper(more obj) (*client, answer) {
	n.world.t.Helper()
	s := n.session(more)
	return n.back(s.str("session"), nil), s
}

// back says hello on a new socket.
func (n *node) back(token string, more obj) *client {
	n.world.t.Helper()
	c := n.visitor()
	c.hello(token, more)
	c.expect("welcome")
	return c
}

func (c *client) hello(token string, more obj) {
	f := obj{"type": "hello", "session": token}
	for k, v := range more {
		f[k] = v
	}
	c.send(f)
}

// agent opens an agent's socket.
func (n *node) agent(who tickets.Actor) *client {
	n.world.t.Helper()
	c, _, err := dial(n.world.t, n, "/agent/v1/socket", "huiyin.agent.v1", http.Header{"Authorization": {"Bearer agent " + who.ID.String()}})
	ok(n.world.t, err)
	c.expect("welcome")
	return c
}

func (c *client) read() {
	for {
		_, data, err := c.ws.ReadMessage()
		c.mu.Lock()
		if err != nil {
			c.code = -1
			var closed *websocket.CloseError
			if errors.As(err, &closed) {
				c.code = closed.Code
			}
		} else {
			var f obj
			if json.Unmarshal(data, &f) != nil {
				f = obj{"type": "broken", "data": string(data)}
			}
			c.frames = append(c.frames, f)
		}
		c.mu.Unlock()
		select {
		case c.more <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func (c *client) send(f obj) {
	c.t.Helper()
	b, err := json.Marshal(f)
	ok(c.t, err)
	c.raw(websocket.TextMessage, b)
}

func (c *client) raw(kind int, b []byte) {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	_ = c.ws.WriteMessage(kind, b) // a cut socket shows in what comes back
}

// say sends a message and gives its ack.
func (c *client) say(clientID, body string) obj {
	c.t.Helper()
	c.send(obj{"type": "send", "id": clientID, "body": body})
	return c.expectOf("ack", func(f obj) bool { return f.str("id") == clientID })
}

// expect gives the next frame of a type that was not given yet.
func (c *client) expect(kind string) obj {
	c.t.Helper()
	return c.expectOf(kind, func(obj) bool { return true })
}

// find looks through the frames that expect has not given.
func (c *client) find(kind string, fit func(obj) bool) (f obj, over bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.frames {
		if !c.used[i] && c.frames[i].str("type") == kind && fit(c.frames[i]) {
			c.used[i] = true
			return c.frames[i], false
		}
	}
	return nil, c.code != 0
}

func (c *client) expectOf(kind string, fit func(obj) bool) obj {
	c.t.Helper()
	end := time.After(patience)
	for {
		f, over := c.find(kind, fit)
		if f != nil {
			return f
		}
		if over {
			c.t.Fatalf("the socket was closed (%d) while %q was expected; it said %v", c.closed(), kind, c.all())
		}
		select {
		case <-c.more:
		case <-end:
			c.t.Fatalf("no %q came; it said %v", kind, c.all())
		}
	}
}

// never fails when such a frame comes within a moment.
func (c *client) never(kind string, fit func(obj) bool) {
	c.t.Helper()
	c.send(obj{"type": "ping", "n": "sync"})
	c.expectOf("pong", func(f obj) bool { return f["n"] == "sync" })
	time.Sleep(50 * time.Millisecond)
	for _, f := range c.all() {
		if f.str("type") == kind && fit(f) {
			c.t.Fatalf("must not come: %v", f)
		}
	}
}

func anyFrame(obj) bool { return true }

func (c *client) all() []obj {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]obj(nil), c.frames...)
}

// of gives all frames of a type.
func (c *client) of(kind string) (out []obj) {
	for _, f := range c.all() {
		if f.str("type") == kind {
			out = append(out, f)
		}
	}
	return out
}

func (c *client) closed() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.code
}

// expectClose waits for the end and its code.
func (c *client) expectClose(code int) {
	c.t.Helper()
	end := time.Now().Add(patience)
	for c.closed() == 0 && time.Now().Before(end) {
		time.Sleep(5 * time.Millisecond)
	}
	if got := c.closed(); got != code {
		c.t.Fatalf("close code: got %d, want %d; it said %v", got, code, c.all())
	}
}

// expectError waits for an error with a code.
func (c *client) expectError(code string) obj {
	c.t.Helper()
	f := c.expect("error")
	is(c.t, "error code", f.str("code"), code)
	if f.str("message") == "" || strings.HasPrefix(f.str("message"), "chat.") || strings.HasPrefix(f.str("message"), "error.") {
		c.t.Fatalf("error without a text: %v", f)
	}
	return f
}

// cut ends the socket without a word.
func (c *client) cut() { _ = c.ws.NetConn().Close() }
