package chat_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"huiyin/tickets"
)

func TestResumeBringsTheRestInOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		li, s := n.shopper(nil)
		ack := li.say("m1", "1")
		for i := 2; i <= 25; i++ {
			li.say(fmt.Sprintf("m%d", i), fmt.Sprint(i))
		}
		for _, after := range []int{0, 1, 24, 25, 99, -5} {
			c := n.visitor()
			c.hello(s.str("session"), obj{"ticket": ack.str("ticket"), "after": after})
			w := c.expect("welcome")
			is(t, "welcome's ticket", w.str("ticket"), ack.str("ticket"))
			is(t, "welcome's seq", w.num("seq"), 25)
			from := int64(min(max(after, 0), 25))
			for seq := from + 1; seq <= 25; seq++ {
				is(t, "next", c.expect("message").num("seq"), seq)
			}
			c.never("message", func(f obj) bool { return f.num("seq") <= from })
			c.cut()
		}
	})
}

func TestALongPastIsGivenAtTheClientsPace(t *testing.T) {
	w := newWorldScaled(t, 1000)
	n := w.node()
	li, s := n.shopper(nil)
	ack := li.say("m0", "0")
	const many = 1501 // more than a client's queue holds
	contact := s.obj.obj("contact").id(t)
	var all sync.WaitGroup
	for lane := range 50 {
		all.Go(func() {
			for i := range 30 {
				_, err := n.Receive(bg, tickets.Inbound{InboxID: w.inbox.ID, ContactID: contact, SourceID: fmt.Sprint(lane, "-", i), Body: "x"})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	c := n.back(s.str("session"), nil)
	c.expectOf("message", func(f obj) bool { return f.num("seq") == many })
	got := c.of("message")
	is(t, "messages", len(got), many)
	for i, f := range got {
		is(t, "order", f.num("seq"), int64(i+1))
	}
	lin := n.agent(w.lin)
	lin.send(obj{"type": "subscribe", "ticket": ack.str("ticket"), "after": 1400})
	lin.expect("subscribed")
	is(t, "agent's rest", len(lin.of("message")), many+1-1400)
}

func TestATicketBetweenTheNamedOnesIsGiven(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	li, s := n.shopper(nil)
	var acks []obj
	for _, one := range []string{"a", "b", "c"} {
		ack := li.say(one, one)
		acks = append(acks, ack)
		_, err := n.SetStatus(bg, w.lin, ack.ticket(t), tickets.StatusClosed)
		ok(t, err)
	}
	back := n.back(s.str("session"), obj{"tickets": obj{acks[0].str("ticket"): 1, acks[2].str("ticket"): 1}})
	got := back.expect("message")
	is(t, "the one between", got.str("ticket"), acks[1].str("ticket"))
	is(t, "from its beginning", got.num("seq"), 1)
	back.never("message", func(f obj) bool { return f.str("id") != "b" })
}

func TestASecondHelloStartsOver(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	li, s := n.shopper(nil)
	ack := li.say("m1", "1")
	li.say("m2", "2")
	li.expectOf("message", func(f obj) bool { return f.num("seq") == 2 })
	li.hello(s.str("session"), obj{"ticket": ack.str("ticket"), "after": 1})
	li.expect("welcome")
	is(t, "again", li.expect("message").num("seq"), 1)
	is(t, "the rest", li.expectOf("message", func(f obj) bool { return f.num("seq") == 2 }).str("id"), "m2")
	is(t, "live", li.say("m3", "3").num("seq"), 3)
	li.expectOf("message", func(f obj) bool { return f.num("seq") == 3 })
	is(t, "once", len(li.of("message")), 4)
}

func TestAnotherShoppersTicketDoesNotExist(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		li, _ := n.shopper(nil)
		ack := li.say("m1", "秘密")
		thief, s := n.shopper(nil)
		thief.say("t1", "x")
		for _, hello := range []obj{
			{"ticket": ack.str("ticket"), "after": 0}, {"tickets": obj{ack.str("ticket"): 0}}, {"ticket": "1"}, {"ticket": "abc"},
		} {
			c := n.visitor()
			c.hello(s.str("session"), hello)
			c.expectError("not_found")
			is(t, "no welcome", len(c.of("welcome")), 0)
			c.hello(s.str("session"), nil)
			c.expect("welcome")
		}
		for _, f := range []obj{{"type": "read", "seq": 1}, {"type": "recall", "seq": 1}} {
			f["ticket"] = ack.str("ticket")
			thief.send(f)
			thief.expectError("not_found")
		}
		header := bearer(s.str("session"))
		is(t, "poll", n.call("GET", "/chat/v1/messages?ticket="+ack.str("ticket"), header, nil).StatusCode, 404)
		is(t, "read", n.call("POST", "/chat/v1/read", header, obj{"ticket": ack.str("ticket"), "seq": 1}).StatusCode, 404)
		thief.never("message", func(f obj) bool { return f.str("body") == "秘密" })
		is(t, "not recalled", visible(t, w, ack)[0].Body, "秘密")
	})
}

func TestNobodyGetsAnythingWithoutASession(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	for _, path := range []string{"POST /chat/v1/messages", "GET /chat/v1/messages", "POST /chat/v1/read", "POST /chat/v1/typing", "DELETE /chat/v1/sessions", "POST /chat/v1/sessions/notice"} {
		var method, where string
		_, err := fmt.Sscan(path, &method, &where)
		ok(t, err)
		for _, header := range []map[string]string{nil, bearer(""), bearer("wrong"), {"Authorization": "Basic eDp5"}} {
			is(t, path, n.call(method, where, header, obj{"id": "x", "body": "x", "seq": 1}).StatusCode, 401)
		}
	}
	for _, f := range []obj{{"type": "send", "id": "1", "body": "x"}, {"type": "read", "seq": 1}, {"type": "typing", "on": true}, {"type": "recall", "seq": 1}} {
		c := n.visitor()
		c.send(f)
		c.expectError("denied")
	}
	c := n.visitor()
	c.hello("wrong", nil)
	c.expectError("denied")
	c.expectClose(4401)
}

// Under a rush the desk's time goes to those who still wait: a greeting whose connection was given up meanwhile is not read.
func TestAGreetingThatWasGivenUpTakesNoTurn(t *testing.T) {
	w := onSQLite(t)
	a := w.node().session(nil)
	seen := func() int64 {
		p, err := w.node().Contact(bg, a.obj.obj("contact").id(t))
		ok(t, err)
		return p.LastSeenAt
	}
	before := seen()
	w.advance(2 * time.Minute) // being seen is noted by the minute
	free := w.node().desk.Busy()
	c := w.node().visitor()
	c.hello(a.str("session"), nil)
	time.Sleep(50 * time.Millisecond) // the greeting waits for its turn
	c.cut()
	time.Sleep(50 * time.Millisecond)
	free()
	w.node().shopper(nil)
	time.Sleep(200 * time.Millisecond)
	is(t, "seen", seen(), before)
	w.node().back(a.str("session"), nil)
	eventually(t, "she is seen when she stays", func() bool { return seen() > before })
}
