package certs

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/acme/autocert"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

var here = netip.MustParseAddr("127.0.0.1")

func newCache(t testing.TB, d *db.DB) *cache {
	t.Helper()
	s, err := seal.Open(t.Context(), seal.Options{
		DB: seal.Store{Write: d.Write, Read: d.Read}, RingPath: filepath.Join(t.TempDir(), "ring"), Now: time.Now, NewID: id.NewMaker(0, time.Now).Next,
	})
	must(t, err)
	return &cache{Store{d.Write, d.Read}, s, time.Now}
}

func TestTheCacheKeepsKeysSealed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c, ctx, name := newCache(t, d), t.Context(), "desk.example.com"
		if _, err := c.Get(ctx, name); !errors.Is(err, autocert.ErrCacheMiss) {
			t.Errorf("nothing there: %v", err)
		}
		for _, value := range []string{"-----BEGIN EC PRIVATE KEY-----", "another"} {
			must(t, c.Put(ctx, name, []byte(value)))
			if got, err := c.Get(ctx, name); err != nil || string(got) != value {
				t.Errorf("got %q, %v", got, err)
			}
			var raw []byte
			must(t, d.Read(ctx).Raw("SELECT value FROM acme_cache WHERE name = ?", name).Row().Scan(&raw))
			if strings.Contains(string(raw), value) {
				t.Error("a key lies open in the database")
			}
		}
		must(t, c.Delete(ctx, name))
		must(t, c.Delete(ctx, name))
		if _, err := c.Get(ctx, name); !errors.Is(err, autocert.ErrCacheMiss) {
			t.Errorf("deleted: %v", err)
		}
	})
}

// The way to the desk's port 80, with what stands there.
func TestTheDeskKnowsWhatAnswersInItsPlace(t *testing.T) {
	t.Parallel()
	c := newCache(t, dbtest.Open(t, db.SQLite))
	page := func(status int, body string, header ...string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	}
	cut := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.(*net.TCPConn).SetLinger(0) // closing sends RST
			_ = conn.Close()
		}
	})
	for rule, one := range map[string]struct {
		there http.Handler
		want  finding
	}{
		"the desk":                   {prober{c, ""}.answerProbe(http.NotFoundHandler()), foundUs},
		"another web server":         {page(404, "<h1>nginx</h1>"), foundOther},
		"another shop with a filing": {page(404, `<footer><a href="https://beian.miit.gov.cn/">沪ICP备12345678号</a></footer>`), foundOther},
		"a block page":               {page(403, "<title>Non-compliance ICP Filing</title>", "Server", "Beaver"), foundFiling},
		"a block page in words":      {page(200, "<p>抱歉，该网站未备案，暂时无法访问</p>"), foundFiling},
		"a block page in GBK":        {page(200, "<p>\xce\xb4\xb1\xb8\xb0\xb8</p>"), foundFiling},
		"a way to a block page":      {page(302, "", "Location", "https://provider.example/static/webblock.html?d=desk.test"), foundFiling},
		"a cut at the name":          {cut, foundFiling},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			there := httptest.NewServer(one.there)
			defer there.Close()
			_, port, err := net.SplitHostPort(there.Listener.Addr().String())
			must(t, err)
			if got := (prober{c, port}).ask(t.Context(), "desk.test", here); got != one.want {
				t.Errorf("got %d, want %d", got, one.want)
			}
		})
	}
	t.Run("nothing", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		_, port, err := net.SplitHostPort(l.Addr().String())
		must(t, err)
		if knock(port)(t.Context(), "", here) != foundUs {
			t.Error("an open port is not found")
		}
		must(t, l.Close())
		if (prober{c, port}).ask(t.Context(), "desk.test", here) != foundNothing || knock(port)(t.Context(), "", here) != foundNothing {
			t.Error("a shut port is not found")
		}
	})
}

func TestTheLikelyCauseIsNamed(t *testing.T) {
	t.Parallel()
	ok := func() error { return nil }
	found := func(f finding) func(context.Context, string, netip.Addr) finding {
		return func(context.Context, string, netip.Addr) finding { return f }
	}
	resolves := func(list ...netip.Addr) func(context.Context, string) ([]netip.Addr, error) {
		return func(context.Context, string) ([]netip.Addr, error) {
			if len(list) == 0 {
				return nil, &net.DNSError{IsNotFound: true}
			}
			return list, nil
		}
	}
	unwell := func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("no resolver") }
	ca := func(kinds ...string) (list []said) {
		for _, k := range kinds {
			list = append(list, said{Type: k, Detail: "says " + k})
		}
		return list
	}
	for rule, c := range map[string]struct {
		causes causes
		heard  []said
		want   string
	}{
		"no DNS record":                 {causes{resolves(), found(foundUs), ok}, ca("dns"), kindDNS},
		"only the CA finds no record":   {causes{resolves(here), found(foundUs), ok}, ca("connection", "dns"), kindDNS},
		"another machine":               {causes{resolves(here), found(foundOther), ok}, ca("unauthorized"), kindElsewhere},
		"a shut port":                   {causes{resolves(here), found(foundNothing), ok}, ca("connection"), kindPort},
		"shut only from outside":        {causes{resolves(here), found(foundUs), ok}, ca("connection"), kindPort},
		"port taken":                    {causes{resolves(here), found(foundUs), func() error { return errors.New("in use") }}, ca("unauthorized"), kindTaken},
		"a block page":                  {causes{resolves(here), found(foundFiling), ok}, ca("unauthorized"), kindFiling},
		"too often":                     {causes{resolves(here), found(foundUs), ok}, ca("rateLimited"), kindRate},
		"the CA is out of reach":        {causes{resolves(here), found(foundUs), ok}, []said{{Network: true, Detail: "dial"}}, kindDirectory},
		"something else":                {causes{resolves(here), found(foundUs), ok}, ca("caa"), kindOther},
		"the name service is down here": {causes{unwell, found(foundUs), ok}, ca("caa"), kindOther},
	} {
		if got := c.causes.find(t.Context(), "desk.test", c.heard, fmt.Errorf("no")); got.Kind != c.want || got.Args["host"] != "desk.test" {
			t.Errorf("%s: got %+v, want %s", rule, got, c.want)
		}
	}
	got := causes{resolves(here), found(foundUs), ok}.find(t.Context(), "desk.test", ca("connection", "caa"), nil)
	if got.Args["detail"] != "says caa" || got.Args["address"] != "127.0.0.1" {
		t.Errorf("the CA's last word is lost: %+v", got.Args)
	}
}

func TestWhatTheCAHoldsAgainstAnOrderIsHeard(t *testing.T) {
	t.Parallel()
	answers := []string{
		`{"type":"urn:ietf:params:acme:error:badNonce","detail":"again"}`,
		`{"status":"invalid","challenges":[{"type":"http-01","error":{"type":"urn:ietf:params:acme:error:connection","detail":"refused"}}]}`,
		`{"status":"invalid","error":{"type":"urn:ietf:params:acme:error:caa","detail":"forbidden"}}`,
		`{"type":"urn:ietf:params:acme:error:rateLimited","detail":"later"}`, `{`, `[]`,
	}
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		_, _ = w.Write([]byte(answers[n]))
		n++
	}))
	defer server.Close()
	h := &heard{base: http.DefaultTransport}
	ctx, end := context.WithCancel(t.Context())
	h.begin(ctx)
	client := &http.Client{Transport: h}
	for range answers {
		res, err := client.Get(server.URL)
		must(t, err)
		must(t, res.Body.Close())
	}
	if got := fmt.Sprint(h.all()); got != "[{connection refused false} {caa forbidden false} {rateLimited later false}]" {
		t.Errorf("heard %s", got)
	}
	end()
	if res, err := client.Get(server.URL); err == nil {
		_ = res.Body.Close()
		t.Error("the talk goes on after the desk's end")
	}
}

func TestPlainHTTPIsLedToTheDesksOwnAddress(t *testing.T) {
	t.Parallel()
	h := Redirect(mustURL("https://desk.test:8443"), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }))
	for request, want := range map[string]string{
		"GET /":                             "301 https://desk.test:8443/",
		"GET /c/KEY?order=1&x=%2F":          "301 https://desk.test:8443/c/KEY?order=1&x=%2F",
		"HEAD /t/%E5%9B%9E%2F":              "301 https://desk.test:8443/t/%E5%9B%9E%2F",
		"POST /chat/v1/sessions":            "308 https://desk.test:8443/chat/v1/sessions",
		"GET //evil.example/x":              "301 https://desk.test:8443//evil.example/x",
		"GET http://evil.example/x":         "301 https://desk.test:8443/x",
		"GET http://evil.example":           "301 https://desk.test:8443/",
		"GET /healthz":                      "200 ",
		"GET /.well-known/acme-challenge/x": "301 https://desk.test:8443/.well-known/acme-challenge/x",
	} {
		method, target, _ := strings.Cut(request, " ")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
		if got := fmt.Sprintf("%d %s", w.Code, w.Header().Get("Location")); got != want {
			t.Errorf("%s: %s, want %s", request, got, want)
		}
	}
}
