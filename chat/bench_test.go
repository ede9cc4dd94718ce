package chat_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// The benchmarks speak to a server in a process of its own, over real sockets. Limits are lifted: --limit-scale 1e6.
//
//	go test ./chat -run '^$' -bench BenchmarkDesk -benchtime 1x
const (
	benchTalks  = 200
	benchAgents = 20 // each has benchTalks/benchAgents tickets open and watches the lists
)

// side is one end of a conversation; several of an agent share her socket.
type side struct {
	mu   *sync.Mutex
	ws   *websocket.Conn
	make func(id, body string) []byte // a frame that says body
}

func (s *side) say(id, body string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ws.WriteMessage(websocket.TextMessage, s.make(id, body))
}

// meter takes the time from a send to its arrival at the other side.
type meter struct {
	mu      sync.Mutex
	took    []time.Duration
	acked   []time.Duration
	arrived atomic.Int64
}

var bodyMark = []byte(`"body":"@`)

// arrive looks for a body of the other side's: "@c1234567890…" with the time of sending in nanoseconds. Its first
// letter says who wrote it.
func (m *meter) arrive(frame []byte, from byte) {
	i := bytes.Index(frame, bodyMark)
	if i < 0 || !bytes.Contains(frame[:min(len(frame), 20)], []byte(`"message"`)) {
		return
	}
	rest := frame[i+len(bodyMark):]
	end := bytes.IndexByte(rest, '.')
	if end < 2 || rest[0] != from {
		return
	}
	at, err := strconv.ParseInt(string(rest[1:end]), 10, 64)
	if err != nil {
		return
	}
	d := time.Duration(time.Now().UnixNano() - at)
	m.arrived.Add(1)
	m.mu.Lock()
	m.took = append(m.took, d)
	m.mu.Unlock()
}

var ackMark = []byte(`{"type":"ack","id":"b`)

// ack takes the time from a send to its ack; the client's id holds when it was sent.
func (m *meter) ack(frame []byte) {
	rest, found := bytes.CutPrefix(frame, ackMark)
	if !found {
		return
	}
	at, err := strconv.ParseInt(string(rest[:max(0, bytes.IndexByte(rest, '-'))]), 10, 64)
	if err != nil {
		return
	}
	m.mu.Lock()
	m.acked = append(m.acked, time.Duration(time.Now().UnixNano()-at))
	m.mu.Unlock()
}

// take gives the latencies since the last call: of deliveries and of acks.
func (m *meter) take() (took, acked []time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	took, acked = m.took, m.acked
	m.took, m.acked = nil, nil
	slices.Sort(took)
	slices.Sort(acked)
	return took, acked
}

func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(float64(len(sorted))*p))]
}

// listen reads a socket and meters what the other side wrote.
func (m *meter) listen(ws *websocket.Conn, from byte, first func(frame []byte)) {
	for {
		_, data, err := ws.ReadMessage()
		if err != nil {
			return
		}
		m.ack(data)
		if first != nil {
			first(data)
		}
		m.arrive(data, from)
	}
}

func benchDial(b testing.TB, url string, header http.Header) *websocket.Conn {
	b.Helper()
	ws, _, err := websocket.DefaultDialer.Dial(strings.Replace(url, "http", "ws", 1), header)
	ok(b, err)
	b.Cleanup(func() { _ = ws.Close() })
	return ws
}

// talksOnDesk opens conversations between shoppers and agents.
func talksOnDesk(b testing.TB, c *child, m *meter) (sides []*side) {
	b.Helper()
	agents := make([]*side, benchAgents)
	live := make(chan struct{}, benchTalks)
	for i := range agents {
		ws := benchDial(b, c.URL+"/agent/v1/socket", http.Header{"Authorization": {"Bearer agent " + c.Agents[i]}})
		agents[i] = &side{mu: &sync.Mutex{}, ws: ws}
		go m.listen(ws, 'c', func(f []byte) {
			if bytes.HasPrefix(f, []byte(`{"type":"subscribed"`)) {
				live <- struct{}{}
			}
		})
		ok(b, ws.WriteJSON(obj{"type": "watch", "lists": []string{"unassigned", "mine"}}))
	}
	for i := range benchTalks {
		ws := benchDial(b, c.URL+"/chat/v1/socket", nil)
		ok(b, ws.WriteJSON(obj{"type": "hello", "session": c.session(b)}))
		ok(b, ws.WriteJSON(obj{"type": "send", "id": "first", "body": "hello"}))
		var ticket string
		for ticket == "" {
			var f obj
			ok(b, ws.ReadJSON(&f))
			if f.str("type") == "ack" {
				ticket = f.str("ticket")
			}
		}
		go m.listen(ws, 'a', nil)
		agent := agents[i%benchAgents]
		agent.mu.Lock()
		ok(b, agent.ws.WriteJSON(obj{"type": "subscribe", "ticket": ticket}))
		agent.mu.Unlock()
		<-live
		sides = append(sides,
			&side{mu: &sync.Mutex{}, ws: ws, make: func(id, body string) []byte {
				return fmt.Appendf(nil, `{"type":"send","id":"%s","body":"@c%s"}`, id, body)
			}},
			&side{mu: agent.mu, ws: agent.ws, make: func(id, body string) []byte {
				return fmt.Appendf(nil, `{"type":"send","kind":"reply","ticket":"%s","id":"%s","body":"@a%s"}`, ticket, id, body)
			}})
	}
	return sides
}

// pace sends rate messages a second for a while, and waits for the last to arrive.
func (m *meter) pace(sides []*side, rate int, long time.Duration) (sent int64, all bool) {
	const step = 2 * time.Millisecond
	began, n := time.Now(), 0
	had := m.arrived.Load()
	for time.Since(began) < long {
		due := int(time.Since(began).Seconds() * float64(rate))
		for ; n < due; n++ {
			s := sides[(n*7919)%len(sides)]
			now := strconv.FormatInt(time.Now().UnixNano(), 10)
			if s.say("b"+now+"-"+strconv.Itoa(n), now+". I would like to know where my parcel is, please.") != nil {
				return int64(n), false
			}
		}
		time.Sleep(step)
	}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if m.arrived.Load()-had >= int64(n) {
			return int64(n), true
		}
	}
	return int64(n), false
}
