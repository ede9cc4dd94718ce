package chat_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/tickets/id"
)

// TestSoakEveryAckedMessageIsThereOnceInOrder lets shoppers and agents write over sockets that are cut at random; what is
// not acknowledged is sent again, by whichever node. HUIYIN_SOAK=1 makes it long (make soak).
func TestSoakEveryAckedMessageIsThereOnceInOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		dialect string
		nodes   int
	}{{"sqlite", db.SQLite, 1}, {"postgres, two nodes", db.Postgres, 2}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, dbtest.Open(t, c.dialect), 1000)
			for range c.nodes - 1 {
				w.join(w.bus.Node())
			}
			soak(t, w)
		})
	}
}

func soak(t *testing.T, w *world) {
	const agents = 3
	shoppers, seconds := 30, 6
	if os.Getenv("HUIYIN_SOAK") != "" {
		shoppers, seconds = 200, 120
	}
	var all, answering sync.WaitGroup
	talks := make([]*talk, shoppers)
	tickets := make(chan string, 10_000)
	for i := range talks {
		talks[i] = &talk{t: t, w: w, name: fmt.Sprint("s", i), tickets: tickets, seen: map[int64]string{}, acked: map[string]int64{}}
		a := w.nodes[i%len(w.nodes)].session(nil)
		talks[i].token, talks[i].contact = a.str("session"), a.obj.obj("contact").id(t)
	}
	stop := time.Now().Add(time.Duration(seconds) * time.Second)
	for _, k := range talks {
		all.Go(func() { k.run(stop) })
	}
	for i := range agents {
		answering.Go(func() { keepAnswering(t, w, i, tickets) })
	}
	all.Wait()
	close(tickets)
	answering.Wait()
	sent := 0
	for _, k := range talks {
		k.check()
		sent += len(k.acked)
	}
	t.Logf("%d messages acked", sent)
}

// keepAnswering is an agent who answers over sockets that are cut, too.
func keepAnswering(t *testing.T, w *world, which int, tickets <-chan string) {
	header := http.Header{"Authorization": {"Bearer agent " + w.lin.ID.String()}}
	n := 0
	for ticket := range tickets {
		n++
		key := fmt.Sprintf("a%d-%d", which, n)
		for tries := 0; ; tries++ {
			if tries > 50 {
				t.Errorf("an answer was never acked")
				return
			}
			node := w.nodes[rand.N(len(w.nodes))]
			ws, _, err := websocket.DefaultDialer.Dial(strings.Replace(node.url, "http", "ws", 1)+"/agent/v1/socket", header)
			if err != nil {
				continue
			}
			_ = ws.WriteJSON(obj{"type": "send", "id": key, "ticket": ticket, "kind": "reply", "body": "answer " + key})
			if rand.N(3) == 0 {
				_ = ws.NetConn().Close()
				continue
			}
			_ = ws.SetReadDeadline(time.Now().Add(patience))
			done := false
			for !done {
				var f obj
				if err = ws.ReadJSON(&f); err != nil {
					break
				}
				done = f.str("type") == "ack"
			}
			_ = ws.Close()
			if done {
				break
			}
		}
	}
}

// talk is one shopper with an outbox, as the widget is one.
type talk struct {
	t       *testing.T
	w       *world
	name    string
	token   string
	contact id.ID
	tickets chan<- string

	next   int
	outbox []string         // sent and not acked
	acked  map[string]int64 // client id, seq
	ticket string
	after  int64
	seen   map[int64]string // seq, client id
}

func (k *talk) run(stop time.Time) {
	for time.Now().Before(stop) {
		k.connection(time.Now().Add(time.Duration(50+rand.N(700)) * time.Millisecond))
	}
	for tries := 0; len(k.outbox) > 0 && tries < 20; tries++ {
		k.connection(time.Now().Add(3 * time.Second))
	}
	if len(k.outbox) > 0 {
		k.t.Errorf("%s: %d messages were never acked", k.name, len(k.outbox))
	}
}

// connection lives until it is cut: it resumes, sends again what has no ack, and goes on writing.
func (k *talk) connection(end time.Time) {
	n := k.w.nodes[rand.N(len(k.w.nodes))]
	ws, _, err := websocket.DefaultDialer.Dial(strings.Replace(n.url, "http", "ws", 1)+"/chat/v1/socket", nil)
	if err != nil {
		time.Sleep(10 * time.Millisecond)
		return
	}
	defer ws.NetConn().Close()
	hello := obj{"type": "hello", "session": k.token}
	if k.ticket != "" {
		hello["ticket"], hello["after"] = k.ticket, k.after
	}
	_ = ws.WriteJSON(hello)
	for _, id := range k.outbox {
		_ = ws.WriteJSON(obj{"type": "send", "id": id, "body": "text " + id})
	}
	last := len(k.outbox) > 0 && time.Until(end) > time.Second
	for time.Now().Before(end) {
		if !last && len(k.outbox) < 8 {
			k.next++
			id := fmt.Sprintf("%s-%d", k.name, k.next)
			k.outbox = append(k.outbox, id)
			_ = ws.WriteJSON(obj{"type": "send", "id": id, "body": "text " + id})
		}
		_ = ws.SetReadDeadline(end)
		var f obj
		if ws.ReadJSON(&f) != nil {
			return
		}
		if !k.take(f) || (last && len(k.outbox) == 0) {
			return
		}
	}
}

// take believes nothing: seq has to run without gaps, and an ack has to name what the message frame says.
func (k *talk) take(f obj) bool {
	switch f.str("type") {
	case "ack":
		id := f.str("id")
		if was, known := k.acked[id]; known && was != f.num("seq") {
			k.t.Errorf("%s: %s was acked as %d and as %d", k.name, id, was, f.num("seq"))
		}
		k.acked[id] = f.num("seq")
		for i, one := range k.outbox {
			if one == id {
				k.outbox = append(k.outbox[:i:i], k.outbox[i+1:]...)
				break
			}
		}
		if rand.N(10) == 0 {
			select {
			case k.tickets <- f.str("ticket"):
			default:
			}
		}
	case "message":
		if k.ticket == "" {
			k.ticket = f.str("ticket")
		}
		if f.str("ticket") != k.ticket {
			k.t.Errorf("%s: a second ticket", k.name)
		}
		if f.num("seq") != k.after+1 {
			k.t.Errorf("%s: seq %d after %d", k.name, f.num("seq"), k.after)
			return false
		}
		k.after++
		k.seen[k.after] = f.str("id")
	case "error":
		k.t.Errorf("%s: %v", k.name, f)
	}
	return true
}

// check compares what she saw with what is stored.
func (k *talk) check() {
	if len(k.acked) == 0 {
		return
	}
	s := k.w.node().back(k.token, obj{"ticket": k.ticket, "after": 0})
	head, err := k.w.node().CurrentChat(bg, k.w.inbox.ID, k.contact)
	ok(k.t, err)
	s.expectOf("message", func(f obj) bool { return f.num("seq") == head.LastSeq })
	stored := map[string]int64{}
	for i, f := range s.of("message") {
		if f.num("seq") != int64(i+1) {
			k.t.Errorf("%s: stored with a gap at %d", k.name, i+1)
		}
		if _, twice := stored[f.str("id")]; twice {
			k.t.Errorf("%s: %s is stored twice", k.name, f.str("id"))
		}
		stored[f.str("id")] = f.num("seq")
	}
	for id, seq := range k.acked {
		if stored[id] != seq {
			k.t.Errorf("%s: %s was acked as %d and is stored as %d", k.name, id, seq, stored[id])
		}
	}
	for seq, id := range k.seen {
		if stored[id] != seq {
			k.t.Errorf("%s: %s was shown as %d and is stored as %d", k.name, id, seq, stored[id])
		}
	}
	s.cut()
}
