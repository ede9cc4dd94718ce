package egress_test

import (
	"context"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"huiyin/app/egress"
)

func leadsTo(t *testing.T, status int, to string) *httptest.Server {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, status) })
}

func TestARedirectIsRefusedUnlessAllowed(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	end := serve(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	one := leadsTo(t, http.StatusFound, end.URL+"/"+secret)
	two := leadsTo(t, http.StatusFound, one.URL+"/"+secret)
	_, err := get(t, egress.New(egress.Options{Allow: loopback}), one.URL)
	wantKind(t, err, egress.KindRedirect)
	_, err = get(t, egress.New(egress.Options{Allow: loopback, Redirects: 1}), two.URL)
	wantKind(t, err, egress.KindRedirect)
	if reached.Load() != 0 {
		t.Fatal("was followed")
	}
	if a, err := get(t, egress.New(egress.Options{Allow: loopback, Redirects: 2}), two.URL); err != nil || a.Status != http.StatusOK || reached.Load() != 1 {
		t.Errorf("two that are allowed: %v %+v", err, a)
	}
}

func TestARedirectInsideIsRefused(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	inner := serve(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	_, port, _ := strings.Cut(strings.TrimPrefix(inner.URL, "http://"), ":")
	names := resolver(t, map[string]string{"gate.test": "127.0.0.1", "inner.test": "127.0.0.1"})
	c := egress.New(egress.Options{Resolver: names, AllowHosts: []string{"gate.test"}, Redirects: 5})
	for to, kind := range map[string]egress.Kind{
		"http://127.0.0.1:" + port + "/" + secret: egress.KindInner, "http://inner.test:" + port: egress.KindInner, "http://169.254.169.254/latest/": egress.KindLinkLocal,
		"http://[::ffff:127.0.0.1]:" + port: egress.KindInner, "gopher://gate.test:" + port: egress.KindRedirect, "file:///etc/passwd": egress.KindRedirect,
	} {
		gate := leadsTo(t, http.StatusFound, to)
		_, err := get(t, c, strings.Replace(gate.URL, "127.0.0.1", "gate.test", 1)+"/"+secret)
		wantKind(t, err, kind)
	}
	if reached.Load() != 0 {
		t.Error("the inner server was reached")
	}
}

func TestARedirectTakesNoSecretElsewhere(t *testing.T) {
	t.Parallel()
	var seen http.Header
	other := serve(t, func(_ http.ResponseWriter, r *http.Request) { seen = r.Header })
	gate := leadsTo(t, http.StatusFound, other.URL)
	c := egress.New(egress.Options{Allow: loopback, Redirects: 1})
	_, err := c.Do(context.Background(), egress.Request{
		Method: http.MethodGet, URL: gate.URL + "/?token=" + secret, Header: http.Header{"X-Key": {secret}, "Authorization": {secret}, "Cookie": {secret}, "Accept": {"text/plain"}},
	})
	if err != nil || seen.Get("Accept") != "text/plain" {
		t.Fatalf("%v %v", err, seen)
	}
	for name, values := range seen {
		if strings.Contains(strings.Join(values, ""), secret) {
			t.Errorf("%s went to another host: %v", name, values)
		}
	}
}

func TestARedirectKeepsMethodAndBodyOrIsRefused(t *testing.T) {
	t.Parallel()
	var bodies atomic.Value
	other := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies.Store(r.Method + string(b))
	})
	post := func(address string) error {
		_, err := egress.New(egress.Options{Allow: loopback, Redirects: 3}).Do(context.Background(), egress.Request{
			Method: http.MethodPost, URL: address, Header: http.Header{"X-Key": {"k"}}, Body: []byte(secret),
		})
		return err
	}
	wantKind(t, post(leadsTo(t, http.StatusFound, other.URL).URL), egress.KindRedirect)             // would become a GET
	wantKind(t, post(leadsTo(t, http.StatusTemporaryRedirect, other.URL).URL), egress.KindRedirect) // would hand the body on
	if got := bodies.Load(); got != nil {
		t.Fatalf("another host got %v", got)
	}
	same := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/new" {
			http.Redirect(w, r, "/new", http.StatusPermanentRedirect)
			return
		}
		b, _ := io.ReadAll(r.Body)
		bodies.Store(r.Method + string(b) + r.Header.Get("X-Key"))
	})
	if err := post(same.URL + "/old"); err != nil || bodies.Load() != "POST"+secret+"k" {
		t.Errorf("another path of the same host: %v %v", err, bodies.Load())
	}
}

func TestARedirectNeverLeavesTLS(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	plain := serve(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	gate := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusFound))
	t.Cleanup(gate.Close)
	roots := x509.NewCertPool()
	roots.AddCert(gate.Certificate())
	_, err := get(t, egress.New(egress.Options{Allow: loopback, Redirects: 3, Roots: roots}), gate.URL)
	wantKind(t, err, egress.KindRedirect)
	if reached.Load() != 0 {
		t.Error("the plain server was reached")
	}
}
