package chat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"huiyin/tickets"
)

func TestAShopperWritesAndAnAgentAnswers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		li, s := n.shopper(obj{"page": obj{"url": "https://shop.example/cart", "title": "购物车"}})
		lin := n.agent(w.lin)
		lin.send(obj{"type": "watch", "lists": []string{"unassigned", "mine"}})
		lin.expect("list")

		ack := li.say("m1", "你好，我的包裹到哪里了？")
		is(t, "seq", ack.num("seq"), 1)
		own := li.expect("message")
		is(t, "own message", own.str("id"), "m1")
		is(t, "author", own.obj("author").str("kind"), "contact")
		is(t, "author id", own.obj("author").str("id"), s.obj.obj("contact").str("id"))

		item := obj(lin.expectOf("list", func(f obj) bool { return len(f.list("items")) > 0 }).list("items")[0].(map[string]any))
		is(t, "listed", item.str("ticket"), ack.str("ticket"))
		is(t, "list", fmt.Sprint(item["lists"]), "[unassigned]")

		lin.send(obj{"type": "subscribe", "ticket": ack.str("ticket"), "after": 0})
		fields := lin.expect("ticket").obj("fields")
		is(t, "page", fields.obj("page").str("title"), "购物车")
		got := lin.expect("message")
		is(t, "body", got.str("body"), "你好，我的包裹到哪里了？")
		is(t, "pos", got.num("pos"), 2)
		is(t, "kind", got.str("kind"), "contact")
		is(t, "contact is there", lin.expectOf("presence", func(f obj) bool { return f.str("ticket") != "" }).is("online"), true)

		lin.send(obj{"type": "send", "id": "a1", "ticket": ack.str("ticket"), "kind": "reply", "body": "已经发出，明天到。", "seen": got.num("pos")})
		back := lin.expect("ack")
		is(t, "agent's ack", back.num("seq"), 2)
		answer := li.expectOf("message", func(f obj) bool { return f.num("seq") == 2 })
		is(t, "answer", answer.str("body"), "已经发出，明天到。")
		is(t, "agent's name", answer.obj("author").str("name"), "小林")
		if _, ok := answer["pos"]; ok {
			t.Error("a shopper must not learn the place among internal notes")
		}
		is(t, "status", li.expectOf("status", func(f obj) bool { return f.str("status") == "pending" }).obj("agent").str("name"), "小林")
	})
}

func TestNotesStayInside(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	li, s := n.shopper(nil)
	ack := li.say("m1", "在吗")
	lin := n.agent(w.lin)
	lin.send(obj{"type": "subscribe", "ticket": ack.str("ticket")})
	lin.expect("subscribed")
	lin.send(obj{"type": "typing", "ticket": ack.str("ticket"), "on": true, "kind": "note"})
	lin.send(obj{"type": "send", "id": "n1", "ticket": ack.str("ticket"), "kind": "note", "body": "老顾客，注意语气"})
	got := lin.expect("ack")
	if got["seq"] != nil {
		t.Errorf("a note has a seq: %v", got)
	}
	note := lin.expectOf("message", func(f obj) bool { return f.str("kind") == "note" })
	is(t, "note", note.str("body"), "老顾客，注意语气")
	li.never("message", func(f obj) bool { return strings.Contains(f.str("body"), "老顾客") })
	li.never("typing", anyFrame)
	back := n.back(s.str("session"), nil)
	back.never("message", func(f obj) bool { return strings.Contains(f.str("body"), "老顾客") })
}

func TestTheSameIDIsStoredOnceAndAckedAlike(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		li, s := n.shopper(nil)
		first := li.say("m1", "第一句")
		again := li.say("m1", "别的话")
		is(t, "same seq", again.num("seq"), first.num("seq"))
		is(t, "same ticket", again.str("ticket"), first.str("ticket"))
		is(t, "next seq", li.say("m2", "第二句").num("seq"), 2)

		other := n.back(s.str("session"), nil)
		is(t, "by another socket", other.say("m1", "x").num("seq"), 1)
		is(t, "without a body", li.say("m1", "").num("seq"), 1)
		li.send(obj{"type": "send", "id": "m1", "body": "x", "attachments": []string{"1"}})
		is(t, "with an upload", li.expect("ack").num("seq"), 1)
		rest := n.call("POST", "/chat/v1/messages", bearer(s.str("session")), obj{"id": "m1", "body": "x"})
		is(t, "by HTTP", rest.num("seq"), 1)
		is(t, "stored", len(visible(t, w, first)), 2)
	})
}

func TestTypingIsShownForAMoment(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	li, _ := n.shopper(nil)
	ack := li.say("m1", "在吗")
	lin, chen := n.agent(w.lin), n.agent(w.chen)
	for _, a := range []*client{lin, chen} {
		a.send(obj{"type": "subscribe", "ticket": ack.str("ticket")})
		a.expect("subscribed")
	}
	li.send(obj{"type": "typing", "on": true})
	is(t, "shopper's typing", lin.expect("typing").obj("author").str("kind"), "contact")
	lin.send(obj{"type": "typing", "ticket": ack.str("ticket"), "on": true})
	f := li.expect("typing")
	is(t, "agent's typing", f.obj("author").str("name"), "小林")
	is(t, "on", f.is("on"), true)
	chen.expectOf("typing", func(f obj) bool { return f.obj("author").str("name") == "小林" })
	began := time.Now()
	is(t, "over", li.expect("typing").is("on"), false)
	if d := time.Since(began); d < 4*time.Second || d > 8*time.Second {
		t.Errorf("typing went away after %v", d)
	}
	lin.never("typing", func(f obj) bool { return f.obj("author").str("kind") == "agent" })
}

func TestReadMarksGoBothWays(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	li, s := n.shopper(nil)
	ack := li.say("m1", "在吗")
	lin := n.agent(w.lin)
	lin.send(obj{"type": "subscribe", "ticket": ack.str("ticket")})
	lin.expect("subscribed")
	lin.send(obj{"type": "read", "ticket": ack.str("ticket"), "seq": 1})
	f := li.expect("read")
	is(t, "read by", f.obj("author").str("kind"), "agent")
	is(t, "up to", f.num("seq"), 1)
	lin.send(obj{"type": "send", "id": "a1", "ticket": ack.str("ticket"), "kind": "reply", "body": "在的"})
	li.expectOf("message", func(f obj) bool { return f.num("seq") == 2 })
	li.send(obj{"type": "read", "seq": 2})
	f = lin.expectOf("read", func(f obj) bool { return f.obj("author").str("kind") == "contact" })
	is(t, "up to", f.num("seq"), 2)

	back := n.back(s.str("session"), obj{"ticket": ack.str("ticket"), "after": 2})
	back.expectOf("read", func(f obj) bool { return f.obj("author").str("kind") == "agent" && f.num("seq") >= 1 })
}

func TestARecalledMessageIsTakenBackEverywhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		li, s := n.shopper(nil)
		ack := li.say("m1", "写错了的秘密")
		li.say("m2", "第二句")
		lin := n.agent(w.lin)
		lin.send(obj{"type": "subscribe", "ticket": ack.str("ticket")})
		lin.expect("subscribed")
		li.send(obj{"type": "recall", "seq": 1})
		f := li.expect("message_changed")
		is(t, "seq", f.num("seq"), 1)
		is(t, "state", f.str("state"), "recalled")
		f = lin.expect("message_changed")
		is(t, "pos", f.num("pos"), 2)

		fresh := n.back(s.str("session"), nil)
		m := fresh.expect("message")
		is(t, "body", m.str("body"), "")
		is(t, "state", m.str("state"), "recalled")
		resumed := n.back(s.str("session"), obj{"ticket": ack.str("ticket"), "after": 2})
		is(t, "again on resume", resumed.expect("message_changed").num("seq"), 1)

		w.advance(3 * time.Minute)
		li.send(obj{"type": "recall", "seq": 2})
		if f := li.expectError("invalid"); f["retry_after"] != nil {
			t.Error("too late is final")
		}
		lin.send(obj{"type": "recall", "ticket": ack.str("ticket"), "seq": 2})
		lin.expectError("denied")
	})
}

func TestSolvedTicketsReopenAndOldOnesBeginAnew(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		li, s := n.shopper(nil)
		first := li.say("m1", "第一件事")
		_, err := n.SetStatus(bg, w.lin, first.ticket(t), tickets.StatusSolved)
		ok(t, err)
		li.expectOf("status", func(f obj) bool { return f.str("status") == "solved" })
		is(t, "reopened", li.say("m2", "还没好").str("ticket"), first.str("ticket"))
		li.expectOf("status", func(f obj) bool { return f.str("status") == "open" })

		_, err = n.SetStatus(bg, w.lin, first.ticket(t), tickets.StatusSolved)
		ok(t, err)
		w.advance(8 * 24 * time.Hour)
		second := li.say("m3", "另一件事")
		if second.str("ticket") == first.str("ticket") {
			t.Fatal("a ticket that was solved long ago went on")
		}
		is(t, "counts from one", second.num("seq"), 1)
		li.expectOf("message", func(f obj) bool { return f.str("ticket") == second.str("ticket") && f.num("seq") == 1 })

		back := n.back(s.str("session"), obj{"ticket": first.str("ticket"), "after": 1})
		is(t, "rest of the first", back.expect("message").str("id"), "m2")
		is(t, "the later one from its beginning", back.expect("message").str("id"), "m3")
		both := n.back(s.str("session"), obj{"tickets": obj{first.str("ticket"): 2, second.str("ticket"): 0}})
		is(t, "only what is missing", both.expect("message").str("id"), "m3")
	})
}

func TestPresenceFollowsTheAgents(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	s := n.session(nil)
	is(t, "nobody is there", s.is("online"), false)
	li := n.back(s.str("session"), nil)
	n.agent(w.lin)
	is(t, "somebody came", li.expect("presence").is("online"), true)
	is(t, "sessions know", n.session(nil).is("online"), true)
	is(t, "Online", n.desk.There(), true)
	ok(t, n.SetAgentPreferences(bg, w.lin.ID, "", "", "away"))
	n.desk.AgentChanged(w.lin.ID)
	is(t, "went away", li.expect("presence").is("online"), false)
}

// visible reads what the contact may see of the ticket of an ack.
func visible(t testing.TB, w *world, ack obj) []tickets.Message {
	t.Helper()
	list, err := w.node().Visible(bg, ack.ticket(t), 0, 200)
	ok(t, err)
	return list
}
