package mailin

import (
	"context"
	"net/http"
	"sync"
	"time"

	"huiyin/mailin/oauth"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Tokens gives the access tokens of mailboxes whose providers take no password. It is safe for concurrent use; reading and sending
// share one, for a refresh token may be good once.
type Tokens struct {
	service *Service
	client  *http.Client
	mu      sync.Mutex
	sources map[id.ID]*oauth.Source // under mu
}

// NewTokens makes it. client asks the providers; nil: one with a limit of time.
func NewTokens(s *Service, client *http.Client) *Tokens {
	return &Tokens{service: s, client: client, sources: map[id.ID]*oauth.Source{}}
}

// Of gives what an imapbox.Config or the sender asks for a token; nil where the account signs in with a password.
func (t *Tokens) Of(a *Account) func(ctx context.Context) (string, error) {
	if a.OAuth == nil {
		return nil
	}
	return t.source(a.InboxID).Token
}

// Token gives the access token of an inbox's mailbox.
func (t *Tokens) Token(ctx context.Context, inbox id.ID) (string, error) {
	return t.source(inbox).Token(ctx)
}

// Spoilt says that a mail server refused a token before its end.
func (t *Tokens) Spoilt(ctx context.Context, inbox id.ID, token string) error {
	return t.source(inbox).Spoilt(ctx, token)
}

func (t *Tokens) source(inbox id.ID) *oauth.Source {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s, ok := t.sources[inbox]; ok {
		return s
	}
	s := oauth.New(oauth.Options{
		Now: t.service.Now,
		Load: func(ctx context.Context) (oauth.Config, oauth.Tokens, error) {
			a, err := t.service.Account(ctx, inbox)
			if err != nil {
				return oauth.Config{}, oauth.Tokens{}, err
			}
			if a.OAuth == nil {
				return oauth.Config{}, oauth.Tokens{}, fault.New(fault.Conflict, "mailin.error.no_consent")
			}
			return t.Config(*a.OAuth), oauth.Tokens{Access: a.OAuth.Access, Refresh: a.OAuth.Refresh, ExpiresAt: time.UnixMilli(a.OAuth.ExpiresAt)}, nil
		},
		Keep: func(ctx context.Context, got oauth.Tokens) error {
			a, err := t.service.Account(ctx, inbox)
			if err != nil || a.OAuth == nil {
				return err
			}
			return t.service.KeepTokens(ctx, inbox, a.OAuth.With(got))
		},
	})
	t.sources[inbox] = s
	return s
}

// Config is the registration of an account with its provider; addresses and scopes that it does not name are those of the
// provider.
func (t *Tokens) Config(o OAuth) oauth.Config {
	c, _ := oauth.Known(o.Provider)
	c.ClientID, c.ClientSecret, c.HTTP = o.ClientID, o.ClientSecret, t.client
	if o.AuthURL != "" {
		c.AuthURL = o.AuthURL
	}
	if o.TokenURL != "" {
		c.TokenURL = o.TokenURL
	}
	if len(o.Scopes) > 0 {
		c.Scopes = o.Scopes
	}
	return c
}

// With is the registration with other tokens.
func (o OAuth) With(t oauth.Tokens) OAuth {
	o.Access, o.Refresh, o.ExpiresAt = t.Access, t.Refresh, tickets.Millis(t.ExpiresAt)
	return o
}
