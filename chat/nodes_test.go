package chat_test

import (
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"huiyin/app/bus"
	"huiyin/app/bus/bustest"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/chat"
	"huiyin/tickets"
)

// pair is two nodes on one PostgreSQL.
func pair(t *testing.T, second func(w *world) (bus.Bus, bus.Bus)) (w *world, a, b *node) {
	t.Helper()
	t.Parallel()
	w = newWorld(t, dbtest.Open(t, db.Postgres), 1)
	x, y := second(w)
	return w, w.join(x), w.join(y)
}

func TestTwoNodesShowTheSameConversation(t *testing.T) {
	for name, join := range map[string]func(t *testing.T, w *world) (a, b bus.Bus){
		"inside the process": func(_ *testing.T, w *world) (a, b bus.Bus) { return w.bus.Node(), w.bus.Node() },
		"nats": func(t *testing.T, _ *world) (a, b bus.Bus) {
			address := bustest.NATS(t)
			open := func() bus.Bus {
				b, err := bus.Open(address, slog.New(slog.DiscardHandler))
				ok(t, err)
				eventually(t, "NATS answers", func() bool { return b.Ping(bg) == nil })
				return b
			}
			return open(), open()
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, a, b := pair(t, func(w *world) (bus.Bus, bus.Bus) { return join(t, w) })
			li, s := a.shopper(nil)
			lin := b.agent(w.lin)
			lin.send(obj{"type": "watch", "lists": []string{"unassigned", "mine"}})
			lin.expect("list")
			li.expectOf("presence", func(f obj) bool { return f.is("online") })
			ack := li.say("m1", "在吗")
			lin.expectOf("list", func(f obj) bool { return len(f.list("items")) == 1 })
			a.desk.Notify(chat.Notification{Agent: w.lin.ID, Kind: "waiting", Ticket: ack.ticket(t), Number: 1001, Unread: 3, Sound: true})
			note := lin.expect("notification")
			is(t, "notice", fmt.Sprintln(note.str("kind"), note.str("ticket") == ack.str("ticket"), note.num("unread"), note.is("sound"), note.is("desktop")), "waiting true 3 true false\n")
			lin.send(obj{"type": "subscribe", "ticket": ack.str("ticket")})
			lin.expect("subscribed")
			lin.expectOf("presence", func(f obj) bool { return f.str("ticket") != "" && f.is("online") })
			li.say("m2", "有人吗")
			lin.expectOf("message", func(f obj) bool { return f.num("seq") == 2 })
			lin.send(obj{"type": "typing", "ticket": ack.str("ticket"), "on": true})
			is(t, "typing", li.expect("typing").obj("author").str("name"), "小林")
			lin.send(obj{"type": "send", "id": "a1", "ticket": ack.str("ticket"), "kind": "reply", "body": "在的"})
			is(t, "answer", li.expectOf("message", func(f obj) bool { return f.num("seq") == 3 }).str("body"), "在的")
			li.send(obj{"type": "read", "seq": 3})
			is(t, "read", lin.expectOf("read", func(f obj) bool { return f.obj("author").str("kind") == "contact" }).num("seq"), 3)
			li.send(obj{"type": "recall", "seq": 1})
			is(t, "recalled", lin.expect("message_changed").num("seq"), 1)
			chen := a.opened(w.chen, ack)
			lin.expectOf("viewers", func(f obj) bool { return len(f.list("viewers")) == 2 })
			chen.expectOf("viewers", func(f obj) bool { return len(f.list("viewers")) == 2 })
			_, err := a.SetStatus(bg, w.chen, ack.ticket(t), tickets.StatusSolved)
			ok(t, err)
			lin.expectOf("ticket", func(f obj) bool { return f.obj("fields").str("status") == "solved" })
			other := b.back(s.str("session"), nil)
			is(t, "by the other node", other.say("m3", "还没好").num("seq"), 4)
			li.expectOf("message", func(f obj) bool { return f.num("seq") == 4 })
			is(t, "logout", b.call("DELETE", "/chat/v1/sessions", bearer(s.str("session")), nil).StatusCode, 204)
			li.expectClose(4401)
			other.expectClose(4401)
		})
	}
}

func TestNodesThatLoseHintsReadAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t, db.Postgres), 1)
	lossy := &lossyBus{Bus: w.bus.Node()}
	a, b := w.join(w.bus.Node()), w.join(lossy)
	li, _ := a.shopper(nil)
	ack := li.say("m1", "1")
	lin := b.opened(w.lin, ack)
	lossy.deaf.Store(true)
	for i := 2; i <= 5; i++ {
		li.say(fmt.Sprint("m", i), fmt.Sprint(i))
	}
	time.Sleep(200 * time.Millisecond)
	is(t, "lost", len(lin.of("message")), 1)
	lossy.deaf.Store(false)
	lossy.reconnected()
	lin.expectOf("message", func(f obj) bool { return f.num("seq") == 5 })
	is(t, "each once", len(lin.of("message")), 5)
}

func TestASilentPartitionIsFoundByTheSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t, db.Postgres), 1)
	w.hurry = true
	lossy := &lossyBus{Bus: w.bus.Node()}
	a, b := w.join(w.bus.Node()), w.join(lossy)
	li, s := a.shopper(nil)
	ack := li.say("m1", "1")
	other := b.back(s.str("session"), nil)
	lin := b.opened(w.lin, ack)
	lossy.deaf.Store(true)
	li.say("m2", "2")
	lin.expectOf("message", func(f obj) bool { return f.num("seq") == 2 })
	other.expectOf("message", func(f obj) bool { return f.num("seq") == 2 })
}

// lossyBus loses what other nodes tell while it is deaf.
type lossyBus struct {
	bus.Bus
	deaf  atomic.Bool
	again []func()
}

func (l *lossyBus) Remote() bool { return true }

func (l *lossyBus) OnReconnect(fn func()) { l.again = append(l.again, fn) }

func (l *lossyBus) reconnected() {
	for _, fn := range l.again {
		fn()
	}
}

func (l *lossyBus) Subscribe(subject string, fn func(string, []byte)) (func(), error) {
	return l.Bus.Subscribe(subject, func(s string, data []byte) {
		if !l.deaf.Load() {
			fn(s, data)
		}
	})
}
