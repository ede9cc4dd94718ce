package app

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"huiyin/app/egress"
	"huiyin/app/mailer"
	"huiyin/mailin"
	"huiyin/mailin/imapbox"
	"huiyin/mailin/oauth"
)

func TestAnInboxSendsByItsOwnServerWithWhatSignsInAtIMAP(t *testing.T) {
	t.Parallel()
	imap := mailin.Server{Host: "imap.shop.example", Password: "one"}
	for _, c := range []struct {
		rule     string
		name     string
		imap     mailin.Server
		smtp     mailin.Server
		user     string
		password string
		security mailer.Security
		from     string
	}{
		{"the address and IMAP's password where SMTP has nothing", "", imap, mailin.Server{Host: "smtp", Security: imapbox.TLS}, "kf@shop.example", "one", mailer.TLS, "Mail"},
		{"IMAP's user before the address", "", mailin.Server{User: "kf", Password: "one"}, mailin.Server{Host: "smtp", Security: imapbox.StartTLS}, "kf", "one", mailer.StartTLS, "Mail"},
		{"its own before both", "Shop", imap, mailin.Server{Host: "smtp", Security: imapbox.TLS, User: "out", Password: "two"}, "out", "two", mailer.TLS, "Shop"},
		{"nobody at a relay without protection", "", imap, mailin.Server{Host: "smtp", Security: imapbox.Plain}, "", "", mailer.None, "Mail"},
	} {
		got := (&server{mailTokens: &mailin.Tokens{}}).mailerSettings(&mailin.Account{Address: "kf@shop.example", Name: c.name, IMAP: c.imap, SMTP: c.smtp}, "Mail")
		if got.User != c.user || got.Password != c.password || got.Security != c.security || got.From.Name != c.from || got.From.Email != "kf@shop.example" {
			t.Errorf("%s: user %q, protection %s, from %q", c.rule, got.User, got.Security, got.From.Name)
		}
	}
}

func TestProvidersAreAskedOutsideOnly(t *testing.T) {
	t.Parallel()
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "for " + r.FormValue("refresh_token"), "expires_in": 3600, "token_type": "Bearer"})
	}))
	t.Cleanup(provider.Close)
	ask := func(o egress.Options) (string, error) {
		return oauth.New(oauth.Options{
			Load: func(context.Context) (oauth.Config, oauth.Tokens, error) {
				return oauth.Config{TokenURL: provider.URL, HTTP: &http.Client{Transport: outside{egress.New(o)}}}, oauth.Tokens{Refresh: "a-refresh"}, nil
			},
			Keep: func(context.Context, oauth.Tokens) error { return nil },
			Now:  time.Now,
		}).Token(t.Context())
	}
	if got, err := ask(egress.Options{AllowHosts: []string{"127.0.0.1"}}); got != "for a-refresh" || err != nil {
		t.Errorf("where the operator allows it: %q, %v", got, err)
	}
	var failure *egress.Error
	if _, err := ask(egress.Options{}); !errors.As(err, &failure) {
		t.Errorf("an inner address: %v", err)
	}
}
