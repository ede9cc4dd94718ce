package egress_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"huiyin/app/egress"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// secret stands in every address that is asked: no text of a failure may hold it.
const secret = "key-5ecret"

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv
}

// raw answers every connection with the bytes that talk writes.
func raw(t *testing.T, talk func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); talk(c) }()
		}
	}()
	return "http://" + l.Addr().String()
}

func get(t *testing.T, c *egress.Client, address string) (egress.Answer, error) {
	t.Helper()
	return c.Do(context.Background(), egress.Request{Method: http.MethodGet, URL: address})
}

// wantKind holds an error against its kind, and its texts against the secret.
func wantKind(t *testing.T, err error, kind egress.Kind) {
	t.Helper()
	var e *egress.Error
	if !errors.As(err, &e) || e.Kind != kind {
		t.Fatalf("got %v, want kind %s", err, kind)
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, secret) || strings.Contains(text, "127.0.0.1") {
			t.Errorf("the error tells the address: %s", text)
		}
	}
}

func TestAnAnswerOfAnyStatusIsAnAnswer(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", r.Method+" "+r.Header.Get("X-Key")+" "+string(body)+" "+r.Header.Get("User-Agent")+r.Header.Get("Accept-Encoding"))
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "no coffee")
	})
	a, err := egress.New(egress.Options{Allow: loopback}).Do(context.Background(), egress.Request{
		Method: http.MethodPost, URL: srv.URL, Header: http.Header{"X-Key": {"k"}}, Body: []byte("hello"),
	})
	if err != nil || a.Status != http.StatusTeapot || string(a.Body) != "no coffee" || a.Cut || a.Header.Get("X-Seen") != "POST k hello Huiyin" {
		t.Errorf("%v %+v", err, a)
	}
}

func TestABodyThatIsTooLongIsCutAndSaidSo(t *testing.T) {
	t.Parallel()
	var written atomic.Int64
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 64 << 10 { // 64 MiB, if anybody took it
			n, err := w.Write(make([]byte, 1024))
			written.Add(int64(n))
			if err != nil {
				return
			}
		}
	})
	a, err := get(t, egress.New(egress.Options{Allow: loopback, Answer: 1000}), srv.URL)
	if err != nil || len(a.Body) != 1000 || !a.Cut {
		t.Fatalf("%v, %d bytes, cut %v", err, len(a.Body), a.Cut)
	}
	srv.Close()
	if n := written.Load(); n > 32<<20 {
		t.Errorf("took %d bytes of what is thrown away", n)
	}
	exact := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1000)) })
	if a, err := get(t, egress.New(egress.Options{Allow: loopback, Answer: 1000}), exact.URL); err != nil || len(a.Body) != 1000 || a.Cut {
		t.Errorf("a body of just the limit: %v, %d bytes, cut %v", err, len(a.Body), a.Cut)
	}
}

// asked waits for a request: what comes before it is garbage to the client.
func asked(c net.Conn) { _, _ = http.ReadRequest(bufio.NewReader(c)) }

func TestWhatHangsIsLeftWhenTheTimeIsOver(t *testing.T) {
	t.Parallel()
	for name, talk := range map[string]func(net.Conn){
		"nothing at all": func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
		"half a header": func(c net.Conn) {
			asked(c)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX-Half: ")
			_, _ = io.Copy(io.Discard, c)
		},
		"half a body": func(c net.Conn) {
			asked(c)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
			_, _ = io.Copy(io.Discard, c)
		},
		"a slow drip": func(c net.Conn) {
			asked(c)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
			for {
				if _, err := io.WriteString(c, "."); err != nil {
					return
				}
				time.Sleep(5 * time.Millisecond)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			_, err := get(t, egress.New(egress.Options{Allow: loopback, Wait: 150 * time.Millisecond}), raw(t, talk)+"/"+secret)
			wantKind(t, err, egress.KindTimeout)
			if took := time.Since(begun); took > 3*time.Second || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v after %v", err, took)
			}
		})
	}
}

func TestWhatIsNoAnswerIsNamed(t *testing.T) {
	t.Parallel()
	closed := raw(t, func(net.Conn) {})
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	for _, tc := range []struct {
		name, url string
		kind      egress.Kind
	}{
		{"garbage", raw(t, func(c net.Conn) {
			_, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.2\r\n\r\n")
			_, _ = io.Copy(io.Discard, c)
		}), egress.KindGarbage},
		{"a broken chunk", raw(t, func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
			_, _ = io.Copy(io.Discard, c)
		}), egress.KindGarbage},
		{"a body that ends early", raw(t, func(c net.Conn) {
			buf := make([]byte, 4096)
			_, _ = c.Read(buf)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
		}), egress.KindClosed},
		{"hangs up", closed, egress.KindClosed},
		{"a header without end", raw(t, func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n")
			for {
				if _, err := fmt.Fprintf(c, "X-Long: %s\r\n", strings.Repeat("x", 4000)); err != nil {
					return
				}
			}
		}), egress.KindLarge},
		{"nothing listens", gone.URL, egress.KindRefused},
		{"no TLS there", strings.Replace(plain.URL, "http:", "https:", 1), egress.KindTLS},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := get(t, egress.New(egress.Options{Allow: loopback}), tc.url+"/"+secret)
			wantKind(t, err, tc.kind)
		})
	}
}

func TestAnAddressThatIsNoneIsNotAsked(t *testing.T) {
	t.Parallel()
	c := egress.New(egress.Options{Allow: loopback})
	for _, address := range []string{
		"", "x", "ftp://example.com/" + secret, "file:///etc/" + secret, "gopher://127.0.0.1/" + secret, "//example.com/" + secret, "http://",
		"https://" + secret + "@example.com/", "http://exa mple/" + secret, "http:example.com/" + secret, "http://example.com:99999999/" + secret, "http://[::1/" + secret,
	} {
		_, err := get(t, c, address)
		var e *egress.Error
		if !errors.As(err, &e) || e.Kind != egress.KindAddress || strings.Contains(err.Error(), secret) {
			t.Errorf("%q: %v", address, err)
		}
		if c.Check(context.Background(), address) == nil {
			t.Errorf("%q passes the check", address)
		}
	}
	_, err := c.Do(context.Background(), egress.Request{Method: "BAD METHOD", URL: "http://127.0.0.1/" + secret})
	wantKind(t, err, egress.KindAddress)
}

func TestWhoGivesUpIsNotToldOfATimeout(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	address := raw(t, func(c net.Conn) { cancel(); _, _ = io.Copy(io.Discard, c) })
	_, err := egress.New(egress.Options{Allow: loopback}).Do(ctx, egress.Request{Method: http.MethodGet, URL: address})
	wantKind(t, err, egress.KindStopped)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestNoConnectionIsKeptOpen(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{}, 3)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateClosed {
			ended <- struct{}{}
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	c := egress.New(egress.Options{Allow: loopback})
	for range 3 {
		if _, err := get(t, c, srv.URL); err != nil {
			t.Fatal(err)
		}
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			t.Fatal("the connection is kept")
		}
	}
}

// A proxy of the environment would be asked for every address but this machine's.
func TestTheEnvironmentsProxyIsNotAsked(t *testing.T) {
	asked := make(chan struct{}, 10)
	proxy := serve(t, func(http.ResponseWriter, *http.Request) { asked <- struct{}{} })
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	reached := serve(t, func(http.ResponseWriter, *http.Request) {})
	names := resolver(t, map[string]string{"shop.test": "127.0.0.1"})
	c := egress.New(egress.Options{Allow: loopback, Resolver: names})
	if _, err := get(t, c, strings.Replace(reached.URL, "127.0.0.1", "shop.test", 1)); err != nil {
		t.Fatal(err)
	}
	if len(asked) > 0 {
		t.Error("the proxy was asked")
	}
}
