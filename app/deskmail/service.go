package deskmail

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"gorm.io/gorm"

	"huiyin/app/mailer"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Options are what New needs.
type Options struct {
	Store   tickets.Store
	Tickets *tickets.Service
	BaseURL *url.URL
	Now     func() time.Time
	Log     *slog.Logger
	Text    func(locale, key string, args map[string]any) string
	// HTML is a letter as the page of a mail.
	HTML func(l Letter) (string, error)
	// Queue inserts a job into a transaction.
	Queue func(tx *gorm.DB, job SendMail) error
	// PasswordLink makes a link by which an agent sets a new password, and gives its token. NotFound and Conflict say that
	// she is not to get one any more.
	PasswordLink func(ctx context.Context, agent id.ID) (token string, err error)
	// Invitation gives whom an invitation is for, with a token of its own. NotFound: it is over.
	Invitation func(ctx context.Context, invitation id.ID) (Invited, error)
	// Alert tells the administrators that no mail goes out, AlertOver that they go again. nil: only the log.
	Alert     func(ctx context.Context, kind string, args map[string]string)
	AlertOver func(ctx context.Context, kind string)
	RootCAs   *x509.CertPool // nil: the system's
}

// Invited is somebody who may become an agent.
type Invited struct {
	Email, Name string
	Token       string
	ExpiresAt   int64
}

// Service is the package's one type. It is safe for concurrent use.
type Service struct {
	Options
	mailer *mailer.Mailer
}

// New makes the service.
func New(o Options) *Service {
	if o.Alert == nil {
		o.Alert = func(ctx context.Context, kind string, args map[string]string) {
			o.Log.WarnContext(ctx, "alert", "kind", kind, "reason", args["reason"])
		}
	}
	if o.AlertOver == nil {
		o.AlertOver = func(context.Context, string) {}
	}
	s := &Service{Options: o}
	s.mailer = mailer.New(mailer.Options{Settings: s.Settings, Hello: helloOf(o.BaseURL), RootCAs: o.RootCAs, Now: o.Now})
	return s
}

// helloOf is the desk's name in a dialogue; an address stands in brackets (RFC 5321, 4.1.3).
func helloOf(base *url.URL) string {
	host := base.Hostname()
	switch {
	case host == "" || host == "localhost":
		return "localhost"
	case isIPv6(host):
		return "[IPv6:" + host + "]"
	case isIPv4(host):
		return "[" + host + "]"
	}
	return host
}

// failing is the alert of mails that do not go out.
const failing = "mails_failing"

// send writes a letter to somebody. The error is mailer.ErrUnset or a *mailer.Error, or the desk's own.
func (s *Service) send(ctx context.Context, to mailer.Address, l Letter) error {
	msg, err := s.message(ctx, to, l)
	if err != nil {
		return err
	}
	err = s.mailer.Send(ctx, msg)
	var failure *mailer.Error
	switch {
	case err == nil:
		s.AlertOver(ctx, failing)
	case errors.As(err, &failure) && failure.Lasting() && failure.Step != mailer.StepRecipient:
		// A wrong address is its owner's matter; everything else keeps all mails from going out.
		set, _ := s.Settings(ctx)
		s.Alert(ctx, failing, map[string]string{"reason": Reason(failure, set.Security)})
	}
	return err
}

// SendAgent writes a notice to an agent in her language: subject and text are the caller's, in it; link leads to the desk
// and may be empty. An agent who is gone or disabled gets none. The error is mailer.ErrUnset, or a *mailer.Error, which
// tells by Lasting whether to try again; its text is fit for a log.
func (s *Service) SendAgent(ctx context.Context, agentID int64, subject, text, link string) error {
	who, err := s.Tickets.Agent(ctx, id.ID(agentID))
	if fault.Is(err, fault.NotFound) || (err == nil && who.DisabledAt != nil) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.send(ctx, mailer.Address{Name: who.Name, Email: who.Email}, s.notice(ctx, who, subject, text, link))
}

// asFailure sorts a mailer's error: a failure to tell, or one that somebody else has to see.
func asFailure(err error, failure **mailer.Error) error {
	if err == nil || errors.As(err, failure) {
		return nil
	}
	return err
}
