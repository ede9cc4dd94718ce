package chat_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"huiyin/tickets/id"
)

// answer is an HTTP answer with its JSON.
type answer struct {
	*http.Response
	obj
}

// call does a request; body is JSON text, or a value to encode.
func (n *node) call(method, path string, header map[string]string, body any) answer {
	t := n.world.t
	t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		ok(t, err)
		r = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(bg, method, n.url+path, r)
	ok(t, err)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := n.http.Client().Do(req)
	ok(t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	ok(t, err)
	a := answer{Response: resp, obj: obj{}}
	if len(raw) > 0 {
		ok(t, json.Unmarshal(raw, &a.obj))
	}
	return a
}

func bearer(token string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + token}
}

// session starts a chat and gives token and contact.
func (n *node) session(more obj) answer {
	n.world.t.Helper()
	body := obj{"inbox": n.world.inbox.Key, "locale": "zh-CN"}
	for k, v := range more {
		body[k] = v
	}
	a := n.call("POST", "/chat/v1/sessions", nil, body)
	if a.StatusCode != http.StatusCreated {
		n.world.t.Fatalf("session: %d %v", a.StatusCode, a.obj)
	}
	return a
}

// obj is a JSON object.
type obj map[string]any

func (o obj) str(key string) string { s, _ := o[key].(string); return s }
func (o obj) num(key string) int64  { f, _ := o[key].(float64); return int64(f) }
func (o obj) obj(key string) obj    { m, _ := o[key].(map[string]any); return m }
func (o obj) list(key string) []any { l, _ := o[key].([]any); return l }
func (o obj) is(key string) bool    { b, _ := o[key].(bool); return b }
func (o obj) ticket(t testing.TB) id.ID {
	t.Helper()
	one, err := id.Parse(o.str("ticket"))
	ok(t, err)
	return one
}

func (o obj) id(t testing.TB) id.ID {
	t.Helper()
	one, err := id.Parse(o.str("id"))
	ok(t, err)
	return one
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

// eventually waits for something that takes a moment.
func eventually(t testing.TB, what string, fn func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if fn() {
			return
		}
	}
	t.Fatalf("%s: not within %v", what, patience)
}

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}
