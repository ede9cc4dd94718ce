package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"huiyin/tickets"
)

func TestPagesAllowNoScriptWithoutTheNonce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("wang", "王芳", tickets.RoleAdmin))
	ticket := d.said(d.contact("李雷"), "你好")
	for _, path := range []string{"/tickets", ticketPath(ticket.Number), "/preferences", "/settings", "/privacy", "/absent"} {
		r := b.get(path)
		policy := r.header.Get("Content-Security-Policy")
		nonce := regexp.MustCompile(`'nonce-([\w-]{20,})'`).FindStringSubmatch(policy)
		if nonce == nil {
			t.Fatalf("%s: no nonce in %q", path, policy)
		}
		for _, want := range []string{
			"default-src 'none'", "script-src 'nonce-" + nonce[1] + "';", "style-src 'self'", "base-uri 'none'",
			"frame-ancestors 'none'", "form-action 'self'", "require-trusted-types-for 'script'",
		} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy lacks %s: %s", path, want, policy)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s: %s", path, policy)
		}
		for _, tag := range regexp.MustCompile(`<script[^>]*>`).FindAllString(r.body, -1) {
			if !strings.Contains(tag, `nonce="`+nonce[1]+`"`) {
				t.Errorf("%s: %s has no nonce", path, tag)
			}
		}
		if bad := regexp.MustCompile(`\s(on\w+|style)="`).FindString(r.body); bad != "" {
			t.Errorf("%s has an inline %s", path, bad)
		}
		if again := b.get(path).header.Get("Content-Security-Policy"); again == policy {
			t.Errorf("%s: the nonce is the same twice", path)
		}
	}
}

func TestPagesAreKeptToThemselves(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	h := d.browser().get("/sign-in").header
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin", "Strict-Transport-Security": "",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(h.Get("Cache-Control"), "no-store") || h.Get("X-Request-Id") == "" {
		t.Errorf("headers %v", h)
	}
	secure := newDesk(t, func(o *Options) { o.BaseURL = &url.URL{Scheme: "https", Host: "desk.example"} })
	if got := secure.browser().get("/sign-in").header.Get("Strict-Transport-Security"); !strings.HasPrefix(got, "max-age=31536000") {
		t.Errorf("over https: HSTS is %q", got)
	}
}

func TestOtherSitesCannotActForAnAgent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("wang", "王芳", tickets.RoleAgent))
	ticket := d.said(d.contact("李雷"), "你好")
	send := func(header, value string) int {
		req, err := http.NewRequest(http.MethodPost, d.http.URL+ticketPath(ticket.Number)+"/closure", nil)
		must(t, err)
		req.Header.Set(header, value)
		res, err := b.client.Do(req)
		must(t, err)
		must(t, res.Body.Close())
		return res.StatusCode
	}
	for _, test := range []struct {
		header, value string
		want          int
	}{
		{"Sec-Fetch-Site", "cross-site", 403}, {"Sec-Fetch-Site", "same-site", 403}, {"Origin", "https://evil.example", 403}, {"Origin", "null", 403},
		{"Sec-Fetch-Site", "same-origin", 303}, {"Origin", d.http.URL, 303}, {"X-None", "", 303},
	} {
		if got := send(test.header, test.value); got != test.want {
			t.Errorf("%s: %s gives %d, want %d", test.header, test.value, got, test.want)
		}
	}
}

func TestClientIPBelievesOnlyTrustedProxies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, peer, forwarded string
		trusted               []netip.Prefix
		want                  string
	}{
		{"nobody is trusted", "192.0.2.9:1", "1.2.3.4", nil, "192.0.2.9"},
		{"not even the loopback", "127.0.0.1:1", "1.2.3.4", nil, "127.0.0.1"},
		{"the proxy says who", "10.0.0.1:1", "1.2.3.4", []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, "1.2.3.4"},
		{"the client cannot add to it", "10.0.0.1:1", "6.6.6.6, 1.2.3.4", []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, "1.2.3.4"},
		{"two proxies", "10.0.0.1:1", "1.2.3.4, 10.0.0.2", []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, "1.2.3.4"},
		{"somebody beside the proxy", "192.0.2.9:1", "1.2.3.4", []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, "192.0.2.9"},
		{"a single address, IPv6", "[2001:db8::1]:1", "1.2.3.4", []netip.Prefix{netip.MustParsePrefix("2001:db8::1/128")}, "1.2.3.4"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = test.peer
			r.Header.Set("X-Forwarded-For", test.forwarded)
			if got := ClientIP(test.trusted)(r).String(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestWhatIsTooLargeOrTooOftenIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(o *Options) { o.LimitScale = 1 })
	b := d.signedIn(d.agent("wang", "王芳", tickets.RoleAgent))
	ticket := d.said(d.contact("李雷"), "你好")
	if got := b.post(ticketPath(ticket.Number)+"/messages", url.Values{"body": {strings.Repeat("x", 300<<10)}}).status; got != http.StatusRequestEntityTooLarge {
		t.Errorf("300 KiB: %d", got)
	}
	stranger := d.browser()
	for range limitSignIn.burst {
		stranger.post("/sign-in", url.Values{})
	}
	if r := stranger.post("/sign-in", url.Values{}); r.status != http.StatusTooManyRequests || r.header.Get("Retry-After") == "" {
		t.Errorf("too often: %d, retry after %q", r.status, r.header.Get("Retry-After"))
	}
}

func TestReadyzSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection refused by 10.0.0.7")
	d := newDesk(t, func(o *Options) {
		o.Ready = []ReadyCheck{
			{"database", func(context.Context) error { return nil }}, {"bus", func(context.Context) error { return broken }},
		}
	})
	r := d.browser().get("/readyz")
	if r.status != http.StatusServiceUnavailable || !strings.Contains(r.body, `"missing":["bus"]`) || strings.Contains(r.body, "10.0.0.7") {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := newDesk(t).browser().get("/readyz"); r.status != http.StatusOK {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := d.browser().get("/healthz"); r.status != http.StatusOK {
		t.Errorf("healthz: %d", r.status)
	}
}
