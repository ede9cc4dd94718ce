package apptest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Taken is a message as a client has taken it, in order.
type Taken struct {
	Ticket string
	Seq    int64
	ID     string
	Body   string
}

// Client is a shopper that behaves as the contract asks of clients: it keeps an outbox until acked, moves its `after`
// by gapless message frames only, resends what is not acked after each reconnect, and never trusts an ack for order.
type Client struct {
	base    func() string // http://host:port
	inbox   string
	mu      sync.Mutex
	session string
	outbox  []Frame          // sent or to be sent, without ack
	acked   map[string]int64 // client id → seq
	taken   []Taken
	after   map[string]int64
	faults  []string
	conn    *websocket.Conn
}

// NewClient makes a shopper of an inbox; base is asked at each connection.
func NewClient(base func() string, inboxKey string) *Client {
	return &Client{base: base, inbox: inboxKey, acked: map[string]int64{}, after: map[string]int64{}}
}

// Start gets a session, trying until ctx ends.
func (c *Client) Start(ctx context.Context) error {
	body, err := json.Marshal(map[string]any{"inbox": c.inbox, "locale": "en", "page": map[string]string{"url": "https://shop.example/cart", "title": "Cart"}})
	if err != nil {
		return err
	}
	for {
		token, err := c.startOnce(ctx, body)
		if err == nil {
			c.mu.Lock()
			c.session = token
			c.mu.Unlock()
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (c *Client) startOnce(ctx context.Context, body []byte) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base()+"/chat/v1/sessions", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var answer struct{ Session string }
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || res.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("start session: status %d: %w", res.StatusCode, errors.Join(err, errors.New("no session")))
	}
	return answer.Session, nil
}

// Send puts a text into the outbox and on the wire if there is one; its id comes back.
func (c *Client) Send(body string) string {
	id := fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())
	f := Frame{Type: "send", ID: id, Body: body}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outbox = append(c.outbox, f)
	if c.conn != nil {
		_ = c.conn.WriteJSON(f)
	}
	return id
}

// Run stays connected until ctx ends.
func (c *Client) Run(ctx context.Context) { keepTrying(ctx, c.connect) }

func (c *Client) connect(ctx context.Context) {
	conn := dial(ctx, c.base()+"/chat/v1/socket", "huiyin.chat.v1", nil)
	if conn == nil {
		return
	}
	defer conn.Close()
	if conn.WriteJSON(c.hello()) == nil {
		readAll(conn, func(f Frame) bool { return c.take(conn, f) })
	}
	c.mu.Lock()
	c.conn = nil
	c.mu.Unlock()
}

func (c *Client) hello() any {
	c.mu.Lock()
	defer c.mu.Unlock()
	tickets := map[string]int64{}
	for t, n := range c.after {
		tickets[t] = n
	}
	if len(tickets) == 0 {
		return map[string]any{"type": "hello", "session": c.session, "after": 0}
	}
	return map[string]any{"type": "hello", "session": c.session, "tickets": tickets}
}

// take handles one frame; false ends the connection.
func (c *Client) take(conn *websocket.Conn, f Frame) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch f.Type {
	case "welcome":
		c.conn = conn
		for _, out := range c.outbox {
			if conn.WriteJSON(out) != nil {
				return false
			}
		}
	case "ack":
		c.ack(f)
	case "message":
		return c.message(f)
	case "error":
		if f.RetryAfter == 0 {
			c.faults = append(c.faults, "error "+f.Code)
		}
		return f.RetryAfter == 0 && f.ID != ""
	}
	return true
}

func (c *Client) ack(f Frame) {
	if f.Seq == nil {
		c.faults = append(c.faults, "ack without seq")
		return
	}
	if old, ok := c.acked[f.ID]; ok && old != *f.Seq {
		c.faults = append(c.faults, fmt.Sprintf("%s acked as %d and as %d", f.ID, old, *f.Seq))
	}
	c.acked[f.ID] = *f.Seq
	for i, out := range c.outbox {
		if out.ID == f.ID {
			c.outbox = append(c.outbox[:i:i], c.outbox[i+1:]...)
			break
		}
	}
}

func (c *Client) message(f Frame) bool {
	if f.Seq == nil {
		c.faults = append(c.faults, "message without seq")
		return false
	}
	last := c.after[f.Ticket]
	if *f.Seq <= last {
		return true // sent again on resume
	}
	if *f.Seq != last+1 {
		return false // a gap: say hello again
	}
	c.after[f.Ticket] = *f.Seq
	c.taken = append(c.taken, Taken{Ticket: f.Ticket, Seq: *f.Seq, ID: f.ID, Body: f.Body})
	return true
}

// State is what the client knows now: what it took, what was acked, how much waits, what went wrong.
func (c *Client) State() (taken []Taken, acked map[string]int64, waiting int, faults []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	acked = make(map[string]int64, len(c.acked))
	for k, v := range c.acked {
		acked[k] = v
	}
	return append([]Taken(nil), c.taken...), acked, len(c.outbox), append([]string(nil), c.faults...)
}

// Again is what a fresh client of the same session takes, from the beginning, until it has n messages or ctx ends.
func (c *Client) Again(ctx context.Context, base func() string, inboxKey string, n int) []Taken {
	fresh := NewClient(base, inboxKey)
	c.mu.Lock()
	fresh.session = c.session
	for t := range c.after {
		fresh.after[t] = 0
	}
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	go fresh.Run(ctx)
	for ctx.Err() == nil {
		if taken, _, _, _ := fresh.State(); len(taken) >= n {
			time.Sleep(50 * time.Millisecond) // one too many would come now
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	taken, _, _, _ := fresh.State()
	return taken
}
