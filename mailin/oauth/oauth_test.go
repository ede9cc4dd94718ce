package oauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"huiyin/mailin/imapbox"
	"huiyin/mailin/oauth"
)

// provider is a token server on this machine, whose refresh tokens are good once.
type provider struct {
	*httptest.Server
	mu        sync.Mutex
	refresh   string // the one that counts
	challenge string // of the last consent
	given     atomic.Int64
	fails     func(w http.ResponseWriter) bool
	rotates   bool
}

func newProvider(t *testing.T) *provider {
	p := &provider{refresh: "refresh-0", rotates: true}
	p.Server = httptest.NewServer(http.HandlerFunc(p.token))
	t.Cleanup(p.Close)
	return p
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if p.fails != nil && p.fails(w) {
		return
	}
	switch {
	case r.FormValue("grant_type") == "authorization_code" && r.FormValue("code") == "a-code" && r.FormValue("code_verifier") == p.challenge:
	case r.FormValue("grant_type") == "refresh_token" && r.FormValue("refresh_token") == p.refresh:
	default:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error": "invalid_grant", "error_description": "what was sent: %s%s"}`, r.FormValue("refresh_token"), r.FormValue("code"))
		return
	}
	n := p.given.Add(1)
	answer := map[string]any{"access_token": fmt.Sprintf("access-%d", n), "token_type": "Bearer", "expires_in": 3600}
	if p.rotates {
		p.refresh = fmt.Sprintf("refresh-%d", n)
		answer["refresh_token"] = p.refresh
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (p *provider) config() oauth.Config {
	return oauth.Config{ClientID: "desk", ClientSecret: "a-secret", AuthURL: p.URL + "/auth", TokenURL: p.URL + "/token", Scopes: []string{"mail"}}
}

// kept is where the desk keeps its tokens.
type kept struct {
	mu sync.Mutex
	t  oauth.Tokens
}

func (k *kept) get() oauth.Tokens {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.t
}

func (k *kept) set(t oauth.Tokens) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.t = t
}

func (k *kept) source(p *provider, now func() time.Time) *oauth.Source {
	return oauth.New(oauth.Options{
		Load: func(context.Context) (oauth.Config, oauth.Tokens, error) { return p.config(), k.get(), nil },
		Keep: func(_ context.Context, t oauth.Tokens) error { k.set(t); return nil },
		Now:  now,
	})
}

func TestATokenIsRefreshedBeforeItEndsAndOnceForAll(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	now := time.Now().Add(-time.Hour)
	k := &kept{t: oauth.Tokens{Access: "old", Refresh: "refresh-0", ExpiresAt: now.Add(time.Hour + 4*time.Minute)}}
	s := k.source(p, func() time.Time { return now })
	if got, err := s.Token(t.Context()); got != "old" || err != nil {
		t.Fatalf("one that is good is asked for again: %q, %v", got, err)
	}
	now = now.Add(time.Hour)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if got, err := s.Token(t.Context()); got != "access-1" || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	all.Wait()
	if n := p.given.Load(); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
	if got := k.get(); got.Refresh != "refresh-1" || got.Access != "access-1" || got.ExpiresAt.Before(now.Add(time.Minute)) {
		t.Error("what the refresh gave is not kept")
	}
}

func TestARefreshTokenThatDoesNotTurnOverStays(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	p.rotates = false
	k := &kept{t: oauth.Tokens{Refresh: "refresh-0"}}
	s := k.source(p, time.Now)
	if _, err := s.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	if k.get().Refresh != "refresh-0" {
		t.Error("the refresh token is lost")
	}
}

func TestAnAccessTokenThatTheServerRefusedIsReplaced(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	k := &kept{t: oauth.Tokens{Access: "old", Refresh: "refresh-0", ExpiresAt: time.Now().Add(time.Hour)}}
	s := k.source(p, time.Now)
	if err := s.Spoilt(t.Context(), "old"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := s.Token(t.Context()); got != "access-1" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestWhatAnotherNodeRefreshedIsUsed(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	k := &kept{t: oauth.Tokens{Refresh: "refresh-old"}}
	loads := 0
	s := oauth.New(oauth.Options{
		Load: func(context.Context) (oauth.Config, oauth.Tokens, error) {
			if loads++; loads == 2 { // between our look and the provider's refusal the other was quicker
				k.set(oauth.Tokens{Access: "theirs", Refresh: "refresh-0", ExpiresAt: time.Now().Add(time.Hour)})
			}
			return p.config(), k.get(), nil
		},
		Keep: func(_ context.Context, t oauth.Tokens) error { k.set(t); return nil },
		Now:  time.Now,
	})
	if got, err := s.Token(t.Context()); got != "theirs" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestARefusalIsARefusedPasswordAndTellsNoToken(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	for rule, tokens := range map[string]oauth.Tokens{"taken back": {Refresh: "refresh-gone"}, "never given": {}} {
		s := (&kept{t: tokens}).source(p, time.Now)
		_, err := s.Token(t.Context())
		var refused *oauth.RefusedError
		if !errors.As(err, &refused) || imapbox.ReasonOf(err) != imapbox.ReasonPassword {
			t.Errorf("%s: %v", rule, err)
		}
		if strings.Contains(fmt.Sprintf("%+v %v", err, tokens), "refresh-gone") {
			t.Errorf("%s: the text holds the token", rule)
		}
	}
}

func TestATroubledProviderRefusesNobody(t *testing.T) {
	t.Parallel()
	for rule, status := range map[string]int{"it is down": 503, "it is asked too often": 429} {
		p := newProvider(t)
		p.fails = func(w http.ResponseWriter) bool {
			w.WriteHeader(status)
			fmt.Fprint(w, `{"error": "slow_down", "secret": "refresh-0"}`)
			return true
		}
		_, err := (&kept{t: oauth.Tokens{Refresh: "refresh-0"}}).source(p, time.Now).Token(t.Context())
		if err == nil || imapbox.ReasonOf(err) == imapbox.ReasonPassword || strings.Contains(err.Error(), "refresh-0") {
			t.Errorf("%s: %v", rule, err)
		}
	}
}

func TestAProviderThatHangsIsLeft(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	hang := make(chan struct{})
	p.fails = func(http.ResponseWriter) bool { <-hang; return true }
	t.Cleanup(func() { close(hang) })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	s := (&kept{t: oauth.Tokens{Refresh: "refresh-0"}}).source(p, time.Now)
	if _, err := s.Token(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestAConsentBecomesTokensOnlyWithItsVerifier(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	verifier := oauth.Verifier()
	p.challenge = verifier
	c := p.config()
	c.Extra = map[string]string{"prompt": "consent"}
	u, err := url.Parse(c.Consent("https://desk.example/settings/mail/oauth", "a-state", verifier, "kf@shop.example"))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{
		"response_type": "code", "client_id": "desk", "redirect_uri": "https://desk.example/settings/mail/oauth", "state": "a-state", "scope": "mail",
		"code_challenge_method": "S256", "login_hint": "kf@shop.example", "prompt": "consent",
	} {
		if got := q.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if strings.Contains(u.String(), verifier) || strings.Contains(u.String(), "a-secret") || q.Get("code_challenge") == "" {
		t.Error("the address holds a secret, or no challenge")
	}
	var refused *oauth.RefusedError
	if _, err := c.Exchange(t.Context(), "https://desk.example/settings/mail/oauth", "a-code", "another"); !errors.As(err, &refused) {
		t.Errorf("another's verifier: %v", err)
	}
	got, err := c.Exchange(t.Context(), "https://desk.example/settings/mail/oauth", "a-code", verifier)
	if err != nil || got.Access != "access-1" || got.Refresh != "refresh-1" {
		t.Errorf("%v", err)
	}
	p.rotates = false
	if _, err := c.Exchange(t.Context(), "https://desk.example/settings/mail/oauth", "a-code", verifier); !errors.Is(err, oauth.ErrNoRefresh) {
		t.Errorf("without a refresh token: %v", err)
	}
}

func TestTheKnownProvidersAreAskedOverTLSForMail(t *testing.T) {
	t.Parallel()
	for _, name := range []string{oauth.Google, oauth.Microsoft} {
		c, ok := oauth.Known(name)
		if !ok || !strings.HasPrefix(c.AuthURL, "https://") || !strings.HasPrefix(c.TokenURL, "https://") || len(c.Scopes) == 0 {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if _, ok := oauth.Known("nobody"); ok {
		t.Error("nobody is known")
	}
}
