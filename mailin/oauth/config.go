package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"golang.org/x/oauth2"

	"huiyin/mailin/imapbox"
)

// askTime is how long a provider may take to give a token.
const askTime = 20 * time.Second

// Config is the desk's registration with a provider.
type Config struct {
	ClientID     string
	ClientSecret string
	AuthURL      string
	TokenURL     string
	Scopes       []string
	// Extra are further parameters of the consent's address.
	Extra map[string]string
	HTTP  *http.Client // nil: one with a limit of time
}

// Tokens are what a provider gave.
type Tokens struct {
	Access    string
	Refresh   string
	ExpiresAt time.Time // of Access; zero: not told
}

// String hides the tokens.
func (Tokens) String() string { return "(tokens)" }

// GoString hides the tokens.
func (Tokens) GoString() string { return "(tokens)" }

// The providers that are known by name.
const (
	Google    = "google"
	Microsoft = "microsoft"
)

// Known gives addresses and scopes of a provider; client id and secret are the shop's own. Google gives a refresh token only
// to whoever asks for offline access, and a second one only after a new consent.
func Known(provider string) (Config, bool) {
	switch provider {
	case Google:
		return Config{
			AuthURL: "https://accounts.google.com/o/oauth2/v2/auth", TokenURL: "https://oauth2.googleapis.com/token",
			Scopes: []string{"https://mail.google.com/"}, Extra: map[string]string{"access_type": "offline", "prompt": "consent"},
		}, true
	case Microsoft:
		return Config{
			AuthURL: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize", TokenURL: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
			Scopes: []string{"https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send", "offline_access"},
			Extra:  map[string]string{"prompt": "select_account"},
		}, true
	}
	return Config{}, false
}

func (c Config) library(redirect string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: c.ClientID, ClientSecret: c.ClientSecret, RedirectURL: redirect, Scopes: c.Scopes,
		Endpoint: oauth2.Endpoint{AuthURL: c.AuthURL, TokenURL: c.TokenURL},
	}
}

// Verifier makes the secret of one consent (RFC 7636, 4.1).
func Verifier() string { return oauth2.GenerateVerifier() }

// Consent is the address at which somebody agrees. The state comes back with the answer; the address is proposed to her.
func (c Config) Consent(redirect, state, verifier, address string) string {
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier)}
	if address != "" {
		options = append(options, oauth2.SetAuthURLParam("login_hint", address))
	}
	for name, value := range c.Extra {
		options = append(options, oauth2.SetAuthURLParam(name, value))
	}
	return c.library(redirect).AuthCodeURL(state, options...)
}

// ErrNoRefresh says that a provider gave nothing to come back with: the mailbox could be read for an hour.
var ErrNoRefresh = errors.New("oauth: the provider gave no refresh token")

// Exchange turns the code of a consent into tokens. Errors: *RefusedError, ErrNoRefresh, or why nobody answered.
func (c Config) Exchange(ctx context.Context, redirect, code, verifier string) (Tokens, error) {
	ctx, cancel := c.within(ctx)
	defer cancel()
	got, err := c.library(redirect).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return Tokens{}, plainError(err)
	}
	if got.RefreshToken == "" {
		return Tokens{}, ErrNoRefresh
	}
	return Tokens{got.AccessToken, got.RefreshToken, got.Expiry}, nil
}

// refresh gets another access token; the refresh token stays the same where the provider gives no other.
func (c Config) refresh(ctx context.Context, token string) (Tokens, error) {
	ctx, cancel := c.within(ctx)
	defer cancel()
	got, err := c.library("").TokenSource(ctx, &oauth2.Token{RefreshToken: token}).Token()
	if err != nil {
		return Tokens{}, plainError(err)
	}
	return Tokens{got.AccessToken, got.RefreshToken, got.Expiry}, nil
}

// within gives the library its client and its time.
func (c Config) within(ctx context.Context) (context.Context, context.CancelFunc) {
	client := c.HTTP
	if client == nil {
		client = &http.Client{Timeout: askTime}
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	return context.WithValue(ctx, oauth2.HTTPClient, client), cancel
}

// RefusedError says that the provider does not let the desk in any more: consent was taken back, a password was changed, the
// client's secret has ended. Only a new consent helps.
type RefusedError struct {
	Status int
	Code   string // as RFC 6749, 5.2 names it: invalid_grant
}

func (e *RefusedError) Error() string { return fmt.Sprintf("oauth: refused: %d %s", e.Status, e.Code) }

// Unwrap makes it a refused password of a sign-in.
func (e *RefusedError) Unwrap() error {
	return &imapbox.Error{Step: imapbox.StepSignIn, Reason: imapbox.ReasonPassword, Server: e.Code}
}

// word is what an error code may look like; a server can write anything there.
var word = regexp.MustCompile(`^[a-z_]{1,40}$`)

// plainError takes out what the library keeps of the answer, for tokens may stand in it.
func plainError(err error) error {
	var said *oauth2.RetrieveError
	if !errors.As(err, &said) {
		return fmt.Errorf("oauth: ask the provider: %w", err)
	}
	code, status := "", 0
	if word.MatchString(said.ErrorCode) {
		code = said.ErrorCode
	}
	if said.Response != nil {
		status = said.Response.StatusCode
	}
	if status == http.StatusTooManyRequests || status >= 500 || code == "temporarily_unavailable" {
		return fmt.Errorf("oauth: the provider cannot answer now: %d %s", status, code)
	}
	return &RefusedError{status, code}
}
