package chat_test

import (
	"fmt"
	"maps"
	"net/http"
	"testing"
	"time"

	"huiyin/tickets"
)

// opened is an agent's socket with one ticket open and its past delivered.
func (n *node) opened(who tickets.Actor, ack obj) *client {
	n.world.t.Helper()
	c := n.agent(who)
	c.send(obj{"type": "subscribe", "ticket": ack.str("ticket")})
	c.expect("subscribed")
	return c
}

func TestAnAgentIsShownWhatIsNewerBeforeSending(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		li, _ := n.shopper(nil)
		ack := li.say("m1", "我要退货")
		lin := n.opened(w.lin, ack)
		li.say("m2", "不退了，想换一件")
		_, err := n.Post(bg, w.chen, tickets.Outgoing{TicketID: ack.ticket(t), Kind: tickets.KindNote, Body: "我来看一下"})
		ok(t, err)
		lin.send(obj{"type": "send", "id": "a1", "ticket": ack.str("ticket"), "kind": "reply", "body": "好的，退货", "seen": 2})
		f := lin.expectError("newer_messages")
		is(t, "answers", f.str("id"), "a1")
		newer := f.list("newer")
		is(t, "newer", len(newer), 2)
		first, second := obj(newer[0].(map[string]any)), obj(newer[1].(map[string]any))
		is(t, "the shopper's", first.str("body"), "不退了，想换一件")
		is(t, "the colleague's", second.obj("author").str("name"), "陈晨")
		is(t, "not stored", len(visible(t, w, ack)), 2)
		lin.send(obj{"type": "send", "id": "a1", "ticket": ack.str("ticket"), "kind": "reply", "body": "好的，换一件", "seen": second.num("pos")})
		is(t, "sent", lin.expect("ack").num("seq"), 3)
		lin.send(obj{"type": "send", "id": "a1", "ticket": ack.str("ticket"), "kind": "reply", "body": "好的，换一件", "seen": 0})
		is(t, "once", lin.expect("ack").num("seq"), 3)
	})
}

func TestAgentsCountWithoutGaps(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		li, _ := n.shopper(nil)
		ack := li.say("m1", "在吗")
		lin := n.opened(w.lin, ack)
		one := ack.ticket(t)
		_, err := n.Assign(bg, w.lin, one, &w.chen.ID)
		ok(t, err)
		_, err = n.SetTags(bg, w.lin, one, []string{"退货"})
		ok(t, err)
		_, err = n.SetPriority(bg, w.lin, one, tickets.PriorityHigh)
		ok(t, err)
		li.say("m2", "还在吗")
		lin.send(obj{"type": "send", "id": "n1", "ticket": ack.str("ticket"), "kind": "note", "body": "转给陈晨"})
		last := lin.expect("ack").num("pos")
		lin.expectOf("message", func(f obj) bool { return f.num("pos") == last })
		next := int64(1)
		for _, f := range lin.all() {
			if k := f.str("type"); k == "message" || k == "event" {
				is(t, "pos", f.num("pos"), next)
				next++
			}
		}
		is(t, "all", next-1, last)
		ev := lin.expectOf("event", func(f obj) bool { return f.str("event") == "ticket.assigned" })
		is(t, "to", ev.obj("subject").str("name"), "陈晨")
		is(t, "by", ev.obj("author").str("name"), "小林")
		fields := obj{}
		eventually(t, "fields", func() bool {
			for _, f := range lin.of("ticket") {
				maps.Copy(fields, f.obj("fields"))
			}
			return fields.obj("assignee").str("name") == "陈晨" && fmt.Sprint(fields["tags"]) == "[退货]" && fields.str("priority") == "high"
		})

		again := n.agent(w.chen)
		again.send(obj{"type": "subscribe", "ticket": ack.str("ticket"), "after": 3})
		again.expect("subscribed")
		for _, f := range again.all() {
			if k := f.str("type"); (k == "message" || k == "event") && f.num("pos") <= 3 {
				t.Errorf("was known already: %v", f)
			}
		}
	})
}

func TestWhoLooksAtATicketIsShown(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	li, _ := n.shopper(nil)
	ack := li.say("m1", "在吗")
	lin := n.opened(w.lin, ack)
	is(t, "alone", len(lin.expect("viewers").list("viewers")), 1)
	chen := n.opened(w.chen, ack)
	two := lin.expectOf("viewers", func(f obj) bool { return len(f.list("viewers")) == 2 })
	is(t, "name", two.list("viewers")[1].(map[string]any)["name"].(string), "陈晨")
	chen.cut()
	lin.expectOf("viewers", func(f obj) bool { return len(f.list("viewers")) == 1 })
	li.cut()
	gone := lin.expectOf("presence", func(f obj) bool { return f.str("ticket") != "" && !f.is("online") })
	is(t, "the shopper left", gone.obj("author").str("kind"), "contact")
}

func TestListsShowWhoLooksAtATicket(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	li, _ := n.shopper(nil)
	ack := li.say("m1", "在吗")
	lin := n.opened(w.lin, ack)
	list := n.agent(w.chen)
	list.send(obj{"type": "watch", "lists": []string{"all"}})
	open := list.expect("viewers") // what is open already is told at once
	is(t, "whose", open.str("ticket"), ack.str("ticket"))
	is(t, "who", open.list("viewers")[0].(map[string]any)["name"].(string), "小林")
	lin.cut()
	list.expectOf("viewers", func(f obj) bool { return f.str("ticket") == ack.str("ticket") && len(f.list("viewers")) == 0 })
}

func TestListsFollowWhatHappens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		lin, chen := n.agent(w.lin), n.agent(w.chen)
		for _, a := range []*client{lin, chen} {
			a.send(obj{"type": "watch", "lists": []string{"unassigned", "mine", "colleagues", "all"}})
			is(t, "counts at once", a.expect("list").obj("counts").num("all"), 0)
		}
		li, _ := n.shopper(nil)
		ack := li.say("m1", "在吗")
		in := func(f obj) string {
			for _, i := range f.list("items") {
				if m := obj(i.(map[string]any)); m.str("ticket") == ack.str("ticket") {
					return fmt.Sprint(m["lists"])
				}
			}
			return ""
		}
		lin.expectOf("list", func(f obj) bool { return in(f) == "[unassigned all]" })
		eventuallyCounts(t, lin, "unassigned", 1)
		_, err := n.Assign(bg, w.chen, ack.ticket(t), &w.lin.ID)
		ok(t, err)
		lin.expectOf("list", func(f obj) bool { return in(f) == "[mine all]" })
		chen.expectOf("list", func(f obj) bool { return in(f) == "[colleagues all]" })
		eventuallyCounts(t, lin, "mine", 1)
		eventuallyCounts(t, chen, "colleagues", 1)
		li.say("m2", "还在吗")
		row := lin.expectOf("list", func(f obj) bool {
			return in(f) == "[mine all]" && obj(f.list("items")[0].(map[string]any)).obj("row").str("preview") == "还在吗"
		})
		is(t, "counts only when they change", row["counts"], any(nil))
		lin.send(obj{"type": "watch", "lists": []string{"mine"}})
		lin.expect("list")
		_, err = n.SetStatus(bg, w.lin, ack.ticket(t), tickets.StatusSolved)
		ok(t, err)
		lin.expectOf("list", func(f obj) bool { return in(f) == "[]" })
		chen.expectOf("list", func(f obj) bool { return in(f) == "[all]" })
		lin.send(obj{"type": "watch", "lists": []string{"secrets"}})
		lin.expectError("invalid")
	})
}

func eventuallyCounts(t *testing.T, c *client, list string, want int64) {
	t.Helper()
	eventually(t, "counts of "+list, func() bool {
		all := c.of("list")
		for i := len(all) - 1; i >= 0; i-- {
			if counts := all[i].obj("counts"); counts != nil {
				return counts.num(list) == want
			}
		}
		return false
	})
}

func TestMuchAtOnceAsksForAReload(t *testing.T) {
	w := newWorldScaled(t, 1000)
	n := w.node()
	lin := n.agent(w.lin)
	lin.send(obj{"type": "watch", "lists": []string{"all"}})
	lin.expect("list")
	for i := range 150 {
		c, err := n.CreateContact(bg, tickets.NewContact{})
		ok(t, err)
		go func() {
			_, err := n.Receive(bg, tickets.Inbound{InboxID: w.inbox.ID, ContactID: c.ID, SourceID: fmt.Sprint(i), Body: "x"})
			if err != nil {
				t.Error(err)
			}
		}()
	}
	eventuallyCounts(t, lin, "all", 150)
	for _, f := range lin.of("list") {
		if len(f.list("items")) > 100 {
			t.Errorf("a frame of %d rows", len(f.list("items")))
		}
	}
}

func TestAgentsSocketWantsASignIn(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	try := func(h http.Header) int {
		c, resp, err := dial(t, n, "/agent/v1/socket", "huiyin.agent.v1", h)
		if err == nil {
			c.cut()
		}
		return resp.StatusCode
	}
	me := w.lin.ID.String()
	is(t, "nobody", try(nil), 401)
	is(t, "a shopper", try(http.Header{"Authorization": {"Bearer " + n.session(nil).str("session")}}), 401)
	is(t, "no such agent", try(http.Header{"Authorization": {"Bearer agent 12345"}}), 401)
	is(t, "token", try(http.Header{"Authorization": {"Bearer agent " + me}}), 101)
	is(t, "cookie, own page", try(http.Header{"Cookie": {"agent=" + me}, "Origin": {n.url}}), 101)
	is(t, "cookie, shop's page", try(http.Header{"Cookie": {"agent=" + me}, "Origin": {"https://shop.example"}}), 403)
	is(t, "cookie, null", try(http.Header{"Cookie": {"agent=" + me}, "Origin": {"null"}}), 403)
	is(t, "cookie, a program", try(http.Header{"Cookie": {"agent=" + me}}), 101)
	_, resp, _ := dial(t, n, "/agent/v1/socket", "other.v1", http.Header{"Authorization": {"Bearer agent " + me}})
	is(t, "another protocol", resp.StatusCode, 400)
}

func TestAnEndedSignInLosesItsSocket(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	lin, chen := n.agent(w.lin), n.agent(w.chen)
	w.signOut(w.lin.ID)
	n.desk.AgentChanged(w.lin.ID)
	lin.expectClose(4401)
	chen.never("error", anyFrame)
}

func TestAgentsMistakesAreAnswered(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	li, _ := n.shopper(nil)
	ack := li.say("m1", "在吗")
	lin := n.opened(w.lin, ack)
	for name, c := range map[string]struct {
		frame obj
		code  string
	}{
		"no such ticket":  {obj{"type": "subscribe", "ticket": "123"}, "not_found"},
		"no ticket":       {obj{"type": "subscribe"}, "not_found"},
		"a number":        {obj{"type": "subscribe", "ticket": 5}, "invalid"},
		"no kind":         {obj{"type": "send", "id": "a", "ticket": ack.str("ticket"), "body": "x"}, "invalid"},
		"contact's kind":  {obj{"type": "send", "id": "a", "ticket": ack.str("ticket"), "body": "x", "kind": "contact"}, "invalid"},
		"empty":           {obj{"type": "send", "id": "a", "ticket": ack.str("ticket"), "body": "", "kind": "reply"}, "invalid"},
		"nowhere":         {obj{"type": "send", "id": "a", "ticket": "77", "body": "x", "kind": "reply"}, "not_found"},
		"read nowhere":    {obj{"type": "read", "ticket": "77", "seq": 1}, "not_found"},
		"recall hers":     {obj{"type": "recall", "ticket": ack.str("ticket"), "seq": 1}, "denied"},
		"shopper's hello": {obj{"type": "hello", "session": "x"}, "unknown_type"},
		"a list unknown":  {obj{"type": "watch", "lists": []string{"x"}}, "invalid"},
	} {
		lin.send(c.frame)
		if f := lin.expect("error"); f.str("code") != c.code {
			t.Errorf("%s: got %v, want %s", name, f, c.code)
		}
	}
	lin.send(obj{"type": "unsubscribe", "ticket": ack.str("ticket")})
	lin.send(obj{"type": "ping", "n": 7})
	is(t, "pong", lin.expect("pong").num("n"), 7)
	before := len(lin.of("message"))
	li.say("m2", "?")
	time.Sleep(100 * time.Millisecond)
	is(t, "no more of it", len(lin.of("message")), before)
}

func TestOfMuchThatIsNewerTheLastIsShown(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	li, _ := n.shopper(nil)
	ack := li.say("m1", "我要退货")
	lin := n.opened(w.lin, ack)
	for i := range 60 {
		_, err := n.Post(bg, w.chen, tickets.Outgoing{TicketID: ack.ticket(t), Kind: tickets.KindNote, Body: fmt.Sprint(i)})
		ok(t, err)
	}
	lin.send(obj{"type": "send", "id": "a1", "ticket": ack.str("ticket"), "kind": "reply", "body": "好的", "seen": 2})
	newer := lin.expectError("newer_messages").list("newer")
	is(t, "newer", len(newer), 50)
	is(t, "first", obj(newer[0].(map[string]any)).str("body"), "10")
	is(t, "last", obj(newer[49].(map[string]any)).str("body"), "59")
}
