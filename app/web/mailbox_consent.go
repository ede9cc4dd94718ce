package web

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/mailin/oauth"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// consentLife is how long somebody may take at her provider.
const consentLife = 15 * time.Minute

// consentKeys are what a session remembers of a consent that was asked for. One at a time: the last one counts.
const (
	consentState    = "mail_consent_state"
	consentVerifier = "mail_consent_verifier"
	consentInbox    = "mail_consent_inbox"
	consentUntil    = "mail_consent_until"
)

// callback is where providers send people back to; it is registered with them.
func (s *Server) callback() string {
	return strings.TrimSuffix(s.BaseURL.String(), "/") + "/settings/mail/oauth"
}

// askConsent leads to the provider. It is a link, not a form: the policy lets forms lead nowhere else.
func (s *Server) askConsent(c echo.Context) error {
	box, a, err := s.mailboxOf(c)
	if err != nil {
		return err
	}
	if a.OAuth == nil {
		return fault.New(fault.Conflict, "mailin.error.no_consent")
	}
	ctx, sessions := c.Request().Context(), s.Auth.Sessions()
	state, verifier := rand.Text(), oauth.Verifier()
	sessions.Put(ctx, consentState, state)
	sessions.Put(ctx, consentVerifier, verifier)
	sessions.Put(ctx, consentInbox, box.ID.String())
	sessions.Put(ctx, consentUntil, s.Now().Add(consentLife).Unix())
	return c.Redirect(http.StatusSeeOther, s.MailTokens.Config(*a.OAuth).Consent(s.callback(), state, verifier, a.Address))
}

// consented takes what the provider answered. Only the session that asked may bring it.
func (s *Server) consented(c echo.Context) error {
	ctx, sessions := c.Request().Context(), s.Auth.Sessions()
	state, verifier := sessions.PopString(ctx, consentState), sessions.PopString(ctx, consentVerifier)
	inbox, err := id.Parse(sessions.PopString(ctx, consentInbox))
	until := sessions.GetInt64(ctx, consentUntil)
	sessions.Remove(ctx, consentUntil)
	if err != nil || state == "" || s.Now().Unix() > until || subtle.ConstantTimeCompare([]byte(state), []byte(c.QueryParam("state"))) != 1 {
		return fault.New(fault.Invalid, "mailbox.consent.strange")
	}
	a, err := s.Mailboxes.Account(ctx, inbox)
	if err != nil {
		return err
	}
	if a.OAuth == nil {
		return fault.New(fault.Conflict, "mailin.error.no_consent")
	}
	tokens, err := s.MailTokens.Config(*a.OAuth).Exchange(ctx, s.callback(), c.QueryParam("code"), verifier)
	switch {
	case err != nil && ctx.Err() == nil:
		s.Log.WarnContext(ctx, "a mail provider gave no consent", "inbox", inbox, "error", err)
		return c.Redirect(http.StatusSeeOther, mailboxPath(inbox)+"?consent=failed")
	case err != nil:
		return err
	}
	if err := s.Mailboxes.KeepTokens(ctx, inbox, a.OAuth.With(tokens)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, mailboxPath(inbox)+"?saved=1&begin=1#test")
}
