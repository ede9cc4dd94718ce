package post

import (
	"crypto/subtle"
	"errors"
	"io"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

func (o *Office) newSMTP() *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &submission{office: o}, nil }))
	s.Domain, s.ErrorLog = o.options.Domains[0], o.quiet()
	s.MaxMessageBytes, s.MaxRecipients = MaxMail, maxRecipients
	s.ReadTimeout, s.WriteTimeout = patience, patience
	s.AllowInsecureAuth, s.EnableSMTPUTF8 = true, true // on the loopback
	return s
}

// submission is one SMTP connection. Whoever comes may write to the office's domains, and nobody to others, so signing in changes
// nothing; a wrong password is refused all the same.
type submission struct {
	office *Office
	from   string
	to     []string
}

// AuthMechanisms is part of smtp.AuthSession.
func (s *submission) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth is part of smtp.AuthSession.
func (s *submission) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		_, known := s.office.users[user]
		if !known || subtle.ConstantTimeCompare([]byte(password), []byte(s.office.options.Password)) != 1 {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

// Mail is part of smtp.Session.
func (s *submission) Mail(from string, _ *smtp.MailOptions) error {
	s.from, s.to = from, nil
	return nil
}

// Rcpt is part of smtp.Session.
func (s *submission) Rcpt(to string, _ *smtp.RcptOptions) error {
	if _, ok := s.office.mailbox(to); !ok {
		return answer(ErrNoSuchDomain)
	}
	s.to = append(s.to, to)
	return nil
}

// Data is part of smtp.Session. A mail to several is taken when one of them can have it: SMTP has one answer for all.
func (s *submission) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	var refused error
	taken := 0
	for _, to := range s.to {
		if err := s.office.Deliver(s.from, to, raw); err != nil {
			refused = err
			continue
		}
		taken++
	}
	if taken == 0 {
		return answer(refused)
	}
	return nil
}

// Reset is part of smtp.Session.
func (s *submission) Reset() { s.from, s.to = "", nil }

// Logout is part of smtp.Session.
func (s *submission) Logout() error { return nil }

// answer says an error of the office in SMTP's words.
func answer(err error) error {
	say := func(code int, class [3]int, text string) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: class, Message: text}
	}
	switch {
	case errors.Is(err, ErrNoSuchDomain):
		return say(550, [3]int{5, 1, 2}, "no such domain in this demo")
	case errors.Is(err, ErrFull):
		return say(552, [3]int{5, 2, 2}, "the mailbox is full")
	case errors.Is(err, ErrTooLarge):
		return say(552, [3]int{5, 3, 4}, "the mail is too large")
	}
	return err
}
