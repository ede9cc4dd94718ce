package chat_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestHalfOpenSocketsAreLetGo(t *testing.T) {
	w := onSQLite(t)
	w.hurry = true
	n := w.join(w.bus.Node())
	token := n.session(nil).str("session")
	alive := n.back(token, nil)
	dead, _, err := websocket.DefaultDialer.Dial(strings.Replace(n.url, "http", "ws", 1)+"/chat/v1/socket", nil)
	ok(t, err)
	defer dead.Close()
	ok(t, dead.WriteJSON(obj{"type": "hello", "session": token})) // and never reads: no ping is answered
	time.Sleep(4 * time.Second)
	alive.say("m1", "who answers pings stays")
	_ = dead.SetReadDeadline(time.Now().Add(time.Second))
	for {
		if _, _, err = dead.ReadMessage(); err != nil {
			break
		}
	}
	var slow net.Error
	if errors.As(err, &slow) && slow.Timeout() {
		t.Error("a socket that answers no ping is still open")
	}
}

func TestPlainConnectionsCannotHold(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	for _, path := range []string{"/chat/v1/socket", "/agent/v1/socket"} {
		a, err := http.Get(n.url + path)
		ok(t, err)
		_ = a.Body.Close()
		if a.StatusCode < 400 || a.StatusCode > 499 {
			t.Errorf("GET %s without upgrade: %d", path, a.StatusCode)
		}
	}
	req, err := http.NewRequestWithContext(bg, http.MethodPut, n.url+"/chat/v1/messages", nil)
	ok(t, err)
	a, err := http.DefaultClient.Do(req)
	ok(t, err)
	_ = a.Body.Close()
	is(t, "another method", a.StatusCode, http.StatusMethodNotAllowed)
}

func TestClosingFinishesWhatIsUnderWay(t *testing.T) {
	w := onSQLite(t)
	w.hurry = true
	n := w.join(w.bus.Node())
	var shoppers []*client
	for range 20 {
		c, _ := n.shopper(nil)
		shoppers = append(shoppers, c)
	}
	lin := n.agent(w.lin)
	polled := make(chan int, 1)
	token := n.session(nil).str("session")
	go func() { polled <- n.call("GET", "/chat/v1/messages?wait=25", bearer(token), nil).StatusCode }()
	time.Sleep(100 * time.Millisecond)
	for i, c := range shoppers {
		for k := range 10 {
			c.send(obj{"type": "send", "id": fmt.Sprint(i, "-", k), "body": "x"})
		}
	}
	ctx, cancel := context.WithTimeout(bg, 20*time.Second)
	defer cancel()
	began := time.Now()
	ok(t, n.desk.Close(ctx))
	if d := time.Since(began); d > 10*time.Second {
		t.Errorf("closing took %v", d)
	}
	is(t, "a long poll is answered", <-polled, 200)
	for _, c := range shoppers {
		c.expectClose(1001)
		for _, f := range c.of("ack") {
			if f.num("seq") == 0 {
				t.Errorf("an ack without seq: %v", f)
			}
		}
	}
	lin.expectClose(1001)
	is(t, "nothing new", n.call("POST", "/chat/v1/sessions", nil, obj{"inbox": w.inbox.Key}).StatusCode, 503)
	_, resp, err := dial(t, n, "/chat/v1/socket", "huiyin.chat.v1", nil)
	if err == nil || resp.StatusCode != 503 {
		t.Errorf("a new socket while closing: %v", resp)
	}
}

func TestACutClientsMessageIsStoredAllTheSame(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		s := n.session(nil)
		for i := range 20 {
			c := n.back(s.str("session"), nil)
			c.send(obj{"type": "send", "id": fmt.Sprint("m", i), "body": "x"})
			c.cut()
		}
		c := n.back(s.str("session"), nil)
		for i := range 20 {
			c.send(obj{"type": "send", "id": fmt.Sprint("m", i), "body": "x"})
		}
		c.expectOf("message", func(f obj) bool { return f.num("seq") == 20 })
		seen := map[int64]bool{}
		for range 20 {
			seq := c.expect("ack").num("seq")
			if seen[seq] {
				t.Errorf("seq %d was given twice", seq)
			}
			seen[seq] = true
		}
	})
}

func TestASocketThatComesWhileClosingIsToldSo(t *testing.T) {
	w := onSQLite(t)
	n := w.join(w.bus.Node())
	ended := make(chan error, 1)
	w.onSign = func() { // the request is let in, then the desk goes down
		go func() { ended <- n.desk.Close(bg) }()
		for n.call("POST", "/chat/v1/sessions", nil, obj{"inbox": w.inbox.Key}).StatusCode != 503 {
			time.Sleep(time.Millisecond)
		}
	}
	c, _, err := dial(t, n, "/agent/v1/socket", "huiyin.agent.v1", http.Header{"Authorization": {"Bearer agent " + w.lin.ID.String()}})
	ok(t, err)
	c.expectClose(1001)
	ok(t, <-ended)
}
