package oauth

import (
	"context"
	"errors"
	"time"
)

// early is how long before its end an access token is used no more: a sign-in must not outlast it.
const early = 5 * time.Minute

// usualLife is how long an access token is taken to be good when the provider does not tell.
const usualLife = 30 * time.Minute

// Options are what a Source needs.
type Options struct {
	// Load gives the registration and the tokens as they are kept now.
	Load func(ctx context.Context) (Config, Tokens, error)
	// Keep keeps what a refresh gave. What cannot be kept is not used.
	Keep func(ctx context.Context, t Tokens) error
	Now  func() time.Time
}

// Source gives access tokens of one mailbox. It is safe for concurrent use.
type Source struct {
	o      Options
	turn   chan struct{} // who holds it may refresh
	spoilt string        // under turn: an access token that the server refused
}

// New makes a source.
func New(o Options) *Source { return &Source{o: o, turn: make(chan struct{}, 1)} }

// Token gives an access token that is good for some minutes at least. Errors: *RefusedError, what Load and Keep give, or why nobody
// answered.
func (s *Source) Token(ctx context.Context) (string, error) {
	if err := s.take(ctx); err != nil {
		return "", err
	}
	defer func() { <-s.turn }()
	for again := false; ; again = true {
		config, kept, err := s.o.Load(ctx)
		if err != nil {
			return "", err
		}
		if kept.Access != "" && kept.Access != s.spoilt && s.o.Now().Before(kept.ExpiresAt.Add(-early)) {
			return kept.Access, nil
		}
		if kept.Refresh == "" {
			return "", &RefusedError{Code: "no_consent"}
		}
		fresh, err := config.refresh(ctx, kept.Refresh)
		var refused *RefusedError
		if errors.As(err, &refused) && !again && s.changedSince(ctx, kept) {
			continue // another node was quicker, and its refresh made ours worth nothing
		}
		if err != nil {
			return "", err
		}
		if fresh.Refresh == "" {
			fresh.Refresh = kept.Refresh
		}
		if fresh.ExpiresAt.IsZero() {
			fresh.ExpiresAt = s.o.Now().Add(usualLife)
		}
		// A rotated refresh token is the only one that counts: it must be kept even if whoever asked is gone.
		if err := s.o.Keep(context.WithoutCancel(ctx), fresh); err != nil {
			return "", err
		}
		return fresh.Access, nil
	}
}

// Spoilt says that a mail server refused an access token before its end; the next Token gives another.
func (s *Source) Spoilt(ctx context.Context, access string) error {
	if err := s.take(ctx); err != nil {
		return err
	}
	s.spoilt = access
	<-s.turn
	return nil
}

func (s *Source) take(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// changedSince tells whether somebody else has kept other tokens.
func (s *Source) changedSince(ctx context.Context, then Tokens) bool {
	_, now, err := s.o.Load(ctx)
	return err == nil && now.Refresh != then.Refresh
}
