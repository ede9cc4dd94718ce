package apptest_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"huiyin/app/apptest"
)

// hookReceiver takes webhooks and knows each secret that it was given.
type hookReceiver struct {
	*httptest.Server
	mu     sync.Mutex
	secret map[string]string // by path
	took   map[string]int    // signed ones, by path and event
	hang   chan struct{}
}

func newHookReceiver(t *testing.T) *hookReceiver {
	t.Helper()
	r := &hookReceiver{secret: map[string]string{}, took: map[string]int{}, hang: make(chan struct{})}
	r.Server = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(func() { close(r.hang); r.Close() })
	return r
}

func (r *hookReceiver) serve(_ http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	mac := hmac.New(sha256.New, []byte(r.secret[req.URL.Path]))
	_, _ = io.WriteString(mac, req.Header.Get("X-Huiyin-Timestamp")+"."+string(body))
	if req.Header.Get("X-Huiyin-Signature") == "sha256="+hex.EncodeToString(mac.Sum(nil)) {
		r.took[req.URL.Path+" "+req.Header.Get("X-Huiyin-Event")]++
	}
	r.mu.Unlock()
	if req.URL.Path == "/hang" {
		select {
		case <-r.hang:
		case <-req.Context().Done():
		}
	}
}

// wait waits until so many signed ones have come.
func (r *hookReceiver) wait(t *testing.T, what string, want int) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		r.mu.Lock()
		n := r.took[what]
		r.mu.Unlock()
		if n >= want {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d of %s have come, want %d", n, what, want)
		}
	}
}

// An administrator adds a webhook, tries it and sees what it was told; another that hangs slows neither it nor the chat.
func TestAWebhookIsToldWhatHappensWhileAnotherHangs(t *testing.T) {
	t.Parallel()
	s, key := newScene(t)
	r := newHookReceiver(t)
	s.desk.Stop()
	s.desk.Set("HUIYIN_ALLOW_INNER=127.0.0.1")
	s.desk.Start()
	s.desk.AddAgent("boss@example.com", "周岚", "admin", agentPassword)
	for i, look := range []apptest.Look{{Locale: "zh-CN", Width: 360, Height: 740}, {Locale: "en", Dark: true}} {
		b := apptest.OpenBrowser(t, t.TempDir(), look.Locale)
		admin := b.Open(look, true, s.base+"/sign-in")
		admin.Type("#f-email", "boss@example.com")
		admin.Type("#f-password", agentPassword)
		admin.Click("form .btn.primary")
		admin.WaitFor(`location.pathname.startsWith("/tickets")`)
		add := func(address string) {
			admin.Go(s.base + "/settings/webhooks")
			admin.Type("#f-url", address)
			admin.Run(`document.querySelector("form[action='/settings/webhooks'] .btn.primary").click()`)
		}
		if i == 0 {
			add(r.URL + "/hang")
			admin.Wait(".snippet input")
			r.know("/hang", admin)
		}
		add("http://10.1.2.3/in")
		admin.Wait("#f-url-wrong")
		admin.Axe("webhooks with an inner address")
		admin.Shot(fmt.Sprintf("hooks-%d-list", i))
		path := fmt.Sprintf("/in-%d", i)
		add(r.URL + path)
		admin.Wait(".snippet input")
		r.know(path, admin)
		admin.Axe("a webhook that was made")
		admin.Shot(fmt.Sprintf("hooks-%d-made", i))
		admin.Run(`document.querySelector("form[action$='/test#test'] button").click()`)
		admin.Wait("#test .notice.good")
		r.wait(t, path+" ping", 1)

		for range 4 {
			shopper := apptest.NewClient(s.desk.Base, key)
			if err := shopper.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			shopper.Send("hello")
			go shopper.Run(t.Context())
		}
		r.wait(t, path+" ticket.created", 4)
		page := apptest.Eval[string](admin, `location.pathname.replace("/test", "")`)
		for end := time.Now().Add(20 * time.Second); apptest.Eval[int](admin, `document.querySelectorAll("#log form").length`) < 4; {
			if time.Now().After(end) {
				t.Fatal("the log does not show what was taken")
			}
			admin.Go(s.base + page)
		}
		admin.Axe("a webhook and its log")
		admin.Shot(fmt.Sprintf("hooks-%d-log", i))
		if words := apptest.Eval[string](admin, `document.querySelector("#log").innerText`); strings.Contains(words, "hello") {
			t.Errorf("the log shows what a shopper wrote: %s", words)
		}
		admin.Run(`document.querySelector("#log form button").click()`)
		admin.WaitFor(`location.search.includes("saved=1")`)
	}
}

// know keeps the secret that the page shows.
func (r *hookReceiver) know(path string, p *apptest.Page) {
	secret := apptest.Eval[string](p, `document.querySelector(".snippet input").value`)
	r.mu.Lock()
	r.secret[path] = secret
	r.mu.Unlock()
}
