package apptest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
)

// Agent is an agent's client on the agent socket: it subscribes to tickets, counts by pos, answers and resends.
type Agent struct {
	base    func() string
	token   string
	mu      sync.Mutex
	after   map[string]int64 // ticket → pos
	taken   map[string][]Frame
	outbox  []Frame
	acked   map[string]Frame
	faults  []string
	conn    *websocket.Conn
	replies func(Frame) (body string, ok bool)
}

// NewAgent makes an agent's client. replies says what to answer to a contact's message, if anything.
func NewAgent(base func() string, token string, replies func(Frame) (string, bool)) *Agent {
	return &Agent{base: base, token: token, after: map[string]int64{}, taken: map[string][]Frame{}, acked: map[string]Frame{}, replies: replies}
}

// Subscribe follows a ticket from its beginning.
func (a *Agent) Subscribe(ticket string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.after[ticket]; ok {
		return
	}
	a.after[ticket] = 0
	a.write(map[string]any{"type": "subscribe", "ticket": ticket, "after": 0})
}

// Run stays connected until ctx ends.
func (a *Agent) Run(ctx context.Context) { keepTrying(ctx, a.connect) }

func (a *Agent) connect(ctx context.Context) {
	conn := dial(ctx, a.base()+"/agent/v1/socket", "huiyin.agent.v1", http.Header{"Authorization": {"Bearer " + a.token}})
	if conn == nil {
		return
	}
	defer conn.Close()
	a.resume(conn)
	readAll(conn, a.take)
	a.mu.Lock()
	a.conn = nil
	a.mu.Unlock()
}

func (a *Agent) resume(conn *websocket.Conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.conn = conn
	for t, pos := range a.after {
		a.write(map[string]any{"type": "subscribe", "ticket": t, "after": pos})
	}
	for _, f := range a.outbox {
		a.write(f)
	}
}

// write sends a frame if there is a connection; a failure shows at the reader.
func (a *Agent) write(f any) {
	if a.conn != nil {
		_ = a.conn.WriteJSON(f)
	}
}

func (a *Agent) take(f Frame) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch f.Type {
	case "message", "event":
		return a.entry(f)
	case "ack":
		a.acked[f.ID] = f
		for i, out := range a.outbox {
			if out.ID == f.ID {
				a.outbox = append(a.outbox[:i:i], a.outbox[i+1:]...)
				break
			}
		}
	case "error":
		if f.RetryAfter == 0 {
			a.faults = append(a.faults, "error "+f.Code)
		}
		return false
	}
	return true
}

func (a *Agent) entry(f Frame) bool {
	last := a.after[f.Ticket]
	if f.Pos == nil {
		a.faults = append(a.faults, f.Type+" without pos")
		return false
	}
	if *f.Pos <= last {
		return true
	}
	if *f.Pos != last+1 {
		return false // a gap: subscribe again
	}
	a.after[f.Ticket] = *f.Pos
	a.taken[f.Ticket] = append(a.taken[f.Ticket], f)
	if f.Type == "message" && f.Kind == "contact" {
		if body, ok := a.replies(f); ok {
			out := Frame{Type: "send", ID: fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64()), Ticket: f.Ticket, Kind: "reply", Body: body}
			a.outbox = append(a.outbox, out)
			a.write(out)
		}
	}
	return true
}

// State is what the client knows now: its timeline of each ticket, what was acked, how much waits, what went wrong.
func (a *Agent) State() (taken map[string][]Frame, acked map[string]Frame, waiting int, faults []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	taken, acked = map[string][]Frame{}, map[string]Frame{}
	for t, list := range a.taken {
		taken[t] = append([]Frame(nil), list...)
	}
	for k, f := range a.acked {
		acked[k] = f
	}
	return taken, acked, len(a.outbox), append([]string(nil), a.faults...)
}
