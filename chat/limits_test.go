package chat_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"huiyin/tickets"
)

func TestSendsAreLimitedPerSession(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	li, s := n.shopper(nil)
	for i := range 60 {
		li.send(obj{"type": "send", "id": fmt.Sprint("m", i), "body": "x"})
	}
	f := li.expect("error")
	is(t, "code", f.str("code"), "too_many")
	is(t, "retry_after", f.num("retry_after"), 1)
	if f.str("id") == "" || f.str("message") == "" {
		t.Errorf("the error does not say what it answers: %v", f)
	}
	a := n.call("POST", "/chat/v1/messages", bearer(s.str("session")), obj{"id": "http", "body": "x"})
	for i := 0; i < 20 && a.StatusCode == http.StatusOK; i++ { // a bucket of its own would hold 40; this one may have got one or two meanwhile
		a = n.call("POST", "/chat/v1/messages", bearer(s.str("session")), obj{"id": fmt.Sprint("http", i), "body": "x"})
	}
	is(t, "the same bucket by HTTP", a.StatusCode, http.StatusTooManyRequests)
	is(t, "Retry-After", a.Header.Get("Retry-After"), "1")
	is(t, "retry_after", a.num("retry_after"), 1)
	other, _ := n.shopper(nil)
	other.say("m1", "others go on")
}

func TestNewSessionsAreLimitedPerAddress(t *testing.T) {
	w := newWorldScaled(t, 0.05) // a burst of 15
	n := w.node()
	from := func(a string) int {
		return n.start(obj{}, map[string]string{"X-Test-Address": a}).StatusCode
	}
	refused := 0
	for i := range 25 {
		if from(fmt.Sprintf("2001:db8:1:2::%x", i)) == http.StatusTooManyRequests { // one subscriber has a whole /64
			refused++
		}
	}
	if refused == 0 {
		t.Error("25 sessions at once from one network went through")
	}
	is(t, "another network", from("2001:db8:1:3::1"), 201)
	known := n.session(nil)
	is(t, "who is known may come", n.start(obj{"session": known.str("session")}, map[string]string{"X-Test-Address": "2001:db8:1:2::1"}).StatusCode, 201)
}

func TestSocketsAreLimitedPerAddress(t *testing.T) {
	w := newWorldScaled(t, 0.002) // 4 sockets an address
	n := w.node()
	h := http.Header{"X-Test-Address": {"203.0.113.9"}}
	var open []*client
	for range 4 {
		c, _, err := dial(t, n, "/chat/v1/socket", "huiyin.chat.v1", h)
		ok(t, err)
		open = append(open, c)
	}
	_, resp, err := dial(t, n, "/chat/v1/socket", "huiyin.chat.v1", h)
	if err == nil || resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" {
		t.Fatalf("a fifth socket: %v", resp)
	}
	open[0].cut()
	eventually(t, "a place is free again", func() bool {
		c, _, err := dial(t, n, "/chat/v1/socket", "huiyin.chat.v1", h)
		if err == nil {
			c.cut()
		}
		return err == nil
	})
}

func TestAFloodIsCutAndNobodyElseSlowed(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	li, _ := n.shopper(nil)
	for _, f := range []string{`{"type":"ping","n":1}`, `{"type":"send","id":"a","body":"x"}`, `not json`, `{"type":"typing","on":true}`} {
		bad, _ := n.shopper(nil)
		for range 10_000 {
			bad.raw(websocket.TextMessage, []byte(f))
		}
		began := time.Now()
		li.say("m"+f, "others go on")
		if d := time.Since(began); d > 3*time.Second {
			t.Errorf("another shopper waited %v", d)
		}
		bad.expectClose(1008)
	}
}

func TestLongTextsFit(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		li, s := n.shopper(nil)
		escaped := strings.Repeat(`\ud83d\ude00`, 10_000)
		li.raw(websocket.TextMessage, []byte(`{"type":"send","id":"m1","body":"`+escaped+`"}`))
		ack := li.expect("ack")
		is(t, "stored", len([]rune(visible(t, w, ack)[0].Body)), 10_000)
		is(t, "shown", len([]rune(li.expect("message").str("body"))), 10_000)
		is(t, "by HTTP", n.call("POST", "/chat/v1/messages", bearer(s.str("session")), `{"id":"m2","body":"`+escaped+`"}`).StatusCode, 200)
		decomposed := strings.Repeat("e\u0301", 10_000) // one character each, composed
		is(t, "composed", li.say("m3", decomposed).num("seq"), 3)
		li.send(obj{"type": "send", "id": "m4", "body": strings.Repeat("字", 10_001)})
		f := li.expectError("too_long")
		is(t, "answers", f.str("id"), "m4")
		if f["retry_after"] != nil {
			t.Error("too long is final")
		}
		is(t, "by HTTP", n.call("POST", "/chat/v1/messages", bearer(s.str("session")), obj{"id": "m5", "body": strings.Repeat("字", 10_001)}).StatusCode, 422)
		is(t, "far too long", n.call("POST", "/chat/v1/messages", bearer(s.str("session")), obj{"id": "m6", "body": strings.Repeat("字", 100_000)}).StatusCode, 413)
		li.raw(websocket.TextMessage, bytes.Repeat([]byte("x"), 257<<10))
		li.expectClose(1009)
	})
}

func TestBrokenInputIsAnsweredAndNothingElseHappens(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	li, s := n.shopper(nil)
	for name, c := range map[string]struct{ frame, code string }{
		"no JSON":           {`hello`, "bad_frame"},
		"half":              {`{"type":"send"`, "bad_frame"},
		"two objects":       {`{"type":"ping"}{"type":"ping"}`, "bad_frame"},
		"an array":          {`[1,2]`, "bad_frame"},
		"null":              {`null`, "bad_frame"},
		"empty":             {``, "bad_frame"},
		"broken UTF-8":      {"{\"type\":\"send\",\"id\":\"x\",\"body\":\"\xff\xfe\"}", "bad_frame"},
		"deep":              {`{"type":"send","x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, "bad_frame"},
		"no type":           {`{}`, "unknown_type"},
		"unknown type":      {`{"type":"drop"}`, "unknown_type"},
		"agent's type":      {`{"type":"subscribe","ticket":"1"}`, "unknown_type"},
		"type is a number":  {`{"type":1}`, "invalid"},
		"id is a number":    {`{"type":"send","id":1,"body":"x"}`, "invalid"},
		"body is an object": {`{"type":"send","id":"a","body":{}}`, "invalid"},
		"on is a text":      {`{"type":"typing","on":"yes"}`, "invalid"},
		"seq is a text":     {`{"type":"read","seq":"1"}`, "invalid"},
		"seq is huge":       {`{"type":"read","seq":1e99}`, "invalid"},
		"n is an object":    {`{"type":"ping","n":{}}`, "invalid"},
		"no id":             {`{"type":"send","body":"x"}`, "invalid"},
		"long id":           {`{"type":"send","id":"` + strings.Repeat("x", 65) + `","body":"x"}`, "too_long"},
		"empty body":        {`{"type":"send","id":"a","body":""}`, "invalid"},
		"white body":        {`{"type":"send","id":"a","body":" \n\t "}`, "invalid"},
		"an upload":         {`{"type":"send","id":"a","body":"x","attachments":["1"]}`, "not_found"},
		"no ticket":         {`{"type":"read","seq":1}`, "not_found"},
	} {
		li.raw(websocket.TextMessage, []byte(c.frame))
		f := li.expect("error")
		if f.str("code") != c.code {
			t.Errorf("%s: got %v, want %s", name, f, c.code)
		}
		if f["retry_after"] != nil {
			t.Errorf("%s: must not be retried: %v", name, f)
		}
	}
	li.raw(websocket.BinaryMessage, []byte(`{"type":"ping"}`))
	li.expectError("bad_frame")
	header := bearer(s.str("session"))
	for body, want := range map[string]int{
		``: 400, `x`: 400, `[]`: 400, "{\"id\":\"a\",\"body\":\"\xff\"}": 400, `{"id":1}`: 422, `{"id":"a"}`: 422, `{"body":"x"}`: 422,
	} {
		is(t, "POST "+body, n.call("POST", "/chat/v1/messages", header, body).StatusCode, want)
	}
	for _, q := range []string{"?after=x", "?after=-1", "?wait=x", "?wait=-1"} {
		is(t, q, n.call("GET", "/chat/v1/messages"+q, header, nil).StatusCode, 422)
	}
	for body, want := range map[string]int{
		``: 400, `{"inbox":1}`: 422, `{"inbox":"nobody"}`: 404, `{}`: 404,
		`{"inbox":"` + w.inbox.Key + `","identity":{"id":17}}`:                               422,
		`{"inbox":"` + w.inbox.Key + `","order":"` + strings.Repeat("9", 65) + `"}`:          422,
		`{"inbox":"` + w.inbox.Key + `","unknown":{"fields":"are ignored"},"identity":null}`: 201,
	} {
		is(t, "start "+body, n.call("POST", "/chat/v1/sessions", nil, body).StatusCode, want)
	}
	ack := li.say("good", "still alive")
	is(t, "nothing of it was stored", ack.num("seq"), 1)
}

func TestErrorsSpeakTheShoppersLanguage(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	zh, _ := n.shopper(nil)
	en, _ := n.shopper(obj{"locale": "en-GB"})
	for _, c := range []*client{zh, en} {
		c.send(obj{"type": "what"})
	}
	is(t, "zh", zh.expect("error").str("message"), "这里不支持此操作，请刷新页面。")
	is(t, "en", en.expect("error").str("message"), "This is not known here. Please reload the page.")
}

func TestWhoSaysNothingIsLetGo(t *testing.T) {
	w := onSQLite(t)
	c := w.node().visitor()
	began := time.Now()
	c.expectClose(4408)
	if d := time.Since(began); d < 9*time.Second || d > 14*time.Second {
		t.Errorf("closed after %v", d)
	}
}

func TestASlowClientIsCutAndNobodyElseWaits(t *testing.T) {
	w := newWorldScaled(t, 10_000)
	n := w.node()
	s := n.session(obj{"identity": w.user("u1")})
	slow, _, err := websocket.DefaultDialer.Dial(strings.Replace(n.url, "http", "ws", 1)+"/chat/v1/socket", nil)
	ok(t, err)
	defer slow.Close()
	ok(t, slow.WriteJSON(obj{"type": "hello", "session": s.str("session")}))
	quick := n.back(s.str("session"), nil)
	body := strings.Repeat("很长的一句话。", 1200)
	const many = 1800 // about 45 MB: more than buffers and queue hold
	contact := s.obj.obj("contact").id(t)
	for lane := range 20 {
		go func() {
			for i := range many / 20 {
				_, err := n.Receive(bg, tickets.Inbound{InboxID: w.inbox.ID, ContactID: contact, SourceID: fmt.Sprint(lane, "-", i), Body: body})
				if err != nil {
					t.Error(err)
				}
			}
		}()
	}
	quick.expectOf("message", func(f obj) bool { return f.num("seq") == many })
	all := quick.of("message")
	is(t, "the quick one got all", len(all), many)
	_ = slow.SetReadDeadline(time.Now().Add(2 * patience))
	got := 0
	for {
		if _, _, err = slow.ReadMessage(); err != nil {
			break
		}
		got++
	}
	if got >= many {
		t.Errorf("the slow one was not cut: %d frames", got)
	}
	back := n.back(s.str("session"), nil)
	back.expectOf("message", func(f obj) bool { return f.num("seq") == many })
}
