package chat_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"huiyin/tickets"
)

func (n *node) poll(token, query string) answer {
	n.world.t.Helper()
	a := n.call("GET", "/chat/v1/messages"+query, bearer(token), nil)
	is(n.world.t, "poll "+query, a.StatusCode, http.StatusOK)
	return a
}

func item(a answer, i int) obj {
	m, _ := a.list("items")[i].(map[string]any)
	return m
}

func TestAShopperWithoutSocketMissesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		token := n.session(nil).str("session")
		a := n.poll(token, "")
		if a.obj["ticket"] != nil || len(a.list("items")) != 0 {
			t.Fatalf("nothing was written yet: %v", a.obj)
		}
		ack := n.call("POST", "/chat/v1/messages", bearer(token), obj{"id": "m1", "body": "在吗"})
		is(t, "ack", ack.str("type"), "ack")
		is(t, "seq", ack.num("seq"), 1)
		a = n.poll(token, "")
		is(t, "item", item(a, 0).str("id"), "m1")
		is(t, "seq", a.num("seq"), 1)

		answered := make(chan answer, 1)
		began := time.Now()
		go func() {
			answered <- n.call("GET", "/chat/v1/messages?ticket="+ack.str("ticket")+"&after=1&wait=20", bearer(token), nil)
		}()
		time.Sleep(300 * time.Millisecond)
		_, err := n.Post(bg, w.lin, tickets.Outgoing{TicketID: ack.ticket(t), Kind: tickets.KindReply, ClientID: "a1", Body: "在的"})
		ok(t, err)
		a = <-answered
		is(t, "answer", item(a, 0).str("body"), "在的")
		if d := time.Since(began); d > 5*time.Second {
			t.Errorf("the poll slept %v", d)
		}

		is(t, "read", n.call("POST", "/chat/v1/read", bearer(token), obj{"seq": 2}).StatusCode, http.StatusNoContent)
		_, err = n.SetStatus(bg, w.lin, ack.ticket(t), tickets.StatusSolved)
		ok(t, err)
		w.advance(8 * 24 * time.Hour)
		second := n.call("POST", "/chat/v1/messages", bearer(token), obj{"id": "m2", "body": "另一件事"})
		a = n.poll(token, "?ticket="+ack.str("ticket")+"&after=2&wait=20")
		is(t, "the next ticket", a.str("next_ticket"), second.str("ticket"))
		a = n.poll(token, "?ticket="+second.str("ticket")+"&after=0")
		is(t, "from its beginning", item(a, 0).num("seq"), 1)
	})
}

func TestPollsAreBounded(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	token := n.session(nil).str("session")
	codes := make(chan int, 6)
	for range 6 {
		go func() { codes <- n.call("GET", "/chat/v1/messages?wait=2", bearer(token), nil).StatusCode }()
	}
	many := 0
	for range 6 {
		if <-codes == http.StatusTooManyRequests {
			many++
		}
	}
	is(t, "refused", many, 2)
}

func TestPollsTellWhatWasTakenBack(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	li, s := n.shopper(nil)
	ack := li.say("m1", "写错了")
	li.send(obj{"type": "recall", "seq": 1})
	li.expect("message_changed")
	a := n.poll(s.str("session"), "?ticket="+ack.str("ticket")+"&after=1")
	is(t, "changed", fmt.Sprint(a.list("changed")[0].(map[string]any)["state"]), "recalled")
}

func TestTheNoticeIsAcceptedOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		s := n.session(nil)
		is(t, "not yet", s.obj.obj("notice").is("accepted"), false)
		is(t, "version", s.obj.obj("notice").str("version"), "1")
		is(t, "old version", n.call("POST", "/chat/v1/sessions/notice", bearer(s.str("session")), obj{"version": "0"}).StatusCode, 422)
		li := n.back(s.str("session"), nil)
		li.send(obj{"type": "send", "id": "m1", "body": "在吗", "notice": "1"})
		li.expect("ack")
		is(t, "now", n.session(obj{"session": s.str("session")}).obj.obj("notice").is("accepted"), true)
		other := n.session(nil)
		is(t, "by a call", n.call("POST", "/chat/v1/sessions/notice", bearer(other.str("session")), obj{"version": "1"}).StatusCode, 204)
		is(t, "now", n.session(obj{"session": other.str("session")}).obj.obj("notice").is("accepted"), true)
	})
}

// A new version of the notice asks again only who has accepted none since the last one that asks anew.
func TestANoticeThatAsksAnewIsShownToWhoHasAcceptedAnOlderOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		s := n.session(nil)
		notice := func() obj { return n.session(obj{"session": s.str("session")}).obj.obj("notice") }
		accept := func(version string, want int) {
			t.Helper()
			is(t, "accept "+version, n.call("POST", "/chat/v1/sessions/notice", bearer(s.str("session")), obj{"version": version}).StatusCode, want)
		}
		accept("1", 204)
		w.notice.Store(&[2]string{"2", "1"})
		is(t, "version", notice().str("version"), "2")
		is(t, "a change of words", notice().is("accepted"), true)
		w.notice.Store(&[2]string{"3", "3"})
		is(t, "asked again", notice().is("accepted"), false)
		is(t, "told why", notice().is("changed"), true)
		accept("2", 422)
		accept("3", 204)
		is(t, "accepted", notice().is("accepted"), true)
		is(t, "no change any more", notice().is("changed"), false)
		w.settings(func(s *tickets.InboxSettings) { s.NoticeURL, s.NoticeVersion = "https://shop.example/privacy", "3" })
		time.Sleep(1100 * time.Millisecond)
		is(t, "the shop's own notice is another", notice().is("accepted"), false)
	})
}

func TestAShopperSaysAndTakesBackThatSheWantsToBeTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		s := n.session(nil)
		told := func(body any, want int, who string) {
			t.Helper()
			is(t, "told", n.call("POST", "/chat/v1/sessions/told", bearer(who), body).StatusCode, want)
		}
		wants := func(want bool) {
			t.Helper()
			is(t, "wants", n.session(obj{"session": s.str("session")}).obj.is("told"), want)
		}
		wants(false)
		is(t, "the notice", n.call("POST", "/chat/v1/sessions/notice", bearer(s.str("session")), obj{"version": "1"}).StatusCode, 204)
		wants(false) // one does not bring the other
		told(obj{}, 422, s.str("session"))
		told(obj{"on": true}, 401, "nobody")
		told(obj{"on": true}, 204, s.str("session"))
		wants(true)
		told(obj{"on": false}, 204, s.str("session"))
		wants(false)
	})
}

func TestTheStartSaysWhatTheWidgetNeeds(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	w.settings(func(s *tickets.InboxSettings) { s.Hotline, s.Greeting = "400-800-1234", "您好" })
	time.Sleep(1100 * time.Millisecond)
	s := n.session(nil)
	is(t, "hotline", s.str("hotline"), "400-800-1234")
	is(t, "greeting", s.str("greeting"), "您好")
	is(t, "notice", s.obj.obj("notice").str("url"), n.url+"/privacy?version=1")
	for _, key := range []string{"ticket", "answer_by"} {
		if v, there := s.obj[key]; !there || v != nil {
			t.Errorf("%s: got %v, want null", key, v)
		}
	}
	if s.obj["hours"] == nil || len(s.str("session")) != 43 {
		t.Errorf("start: %v", s.obj)
	}
	li := n.back(s.str("session"), nil)
	li.say("m1", "在吗")
	other, _ := n.shopper(nil)
	time.Sleep(5 * time.Millisecond)
	other.say("m1", "我也在")
	again := n.session(obj{"session": s.str("session")})
	is(t, "seq", again.obj.obj("ticket").num("seq"), 1)
}

func TestTheQueueIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		var last answer
		for range 3 {
			var li *client
			li, last = n.shopper(nil)
			li.say("m1", "排队")
			time.Sleep(5 * time.Millisecond)
		}
		c := n.visitor()
		c.hello(last.str("session"), nil)
		is(t, "her place", c.expect("welcome").num("queue"), 3)
	})
}
