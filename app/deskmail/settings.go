package deskmail

import (
	"context"
	"encoding/json"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"huiyin/app/mailer"
	"huiyin/tickets/fault"
)

const setting = "mail"

// Settings gives what holds, the password included. The error is mailer.ErrUnset while there is nothing.
func (s *Service) Settings(ctx context.Context) (mailer.Settings, error) {
	set := mailer.Settings{Security: mailer.TLS}
	data, found, err := s.Tickets.Setting(ctx, setting)
	if err == nil && found {
		err = json.Unmarshal(data, &set)
	}
	switch {
	case err != nil:
		return set, fmt.Errorf("read the settings of mail: %w", err)
	case set.Host == "":
		return set, mailer.ErrUnset
	}
	return set, nil
}

// Ready tells whether the desk can send mails.
func (s *Service) Ready(ctx context.Context) (bool, error) { return s.mailer.Ready(ctx) }

// Save replaces the settings; an empty password keeps the one that is there, as long as it goes to the same server and
// the same name. Errors: Invalid.
func (s *Service) Save(ctx context.Context, set mailer.Settings) error {
	for _, text := range []*string{&set.Host, &set.User, &set.From.Email, &set.From.Name} {
		*text = strings.TrimSpace(*text)
	}
	if set.User == "" {
		set.Password = ""
	} else if set.Password == "" {
		old, err := s.Settings(ctx)
		switch {
		case err == nil && old.Password != "" && (!strings.EqualFold(old.Host, set.Host) || old.User != set.User):
			return fault.InvalidField("password", "required", "mail.error.password_again", nil)
		case err == nil:
			set.Password = old.Password
		}
	}
	if err := refused(set); err != nil {
		return err
	}
	data, err := json.Marshal(set)
	if err != nil {
		return fmt.Errorf("encode the settings of mail: %w", err)
	}
	return s.Tickets.SetSetting(ctx, setting, data)
}

// Clear forgets the settings: the desk sends no more mails.
func (s *Service) Clear(ctx context.Context) error {
	return s.Tickets.SetSetting(ctx, setting, []byte(`{}`))
}

// refused names every field that cannot work, with what to do.
func refused(set mailer.Settings) error {
	wrong := set.Check()
	if len(wrong) == 0 {
		return nil
	}
	e := fault.New(fault.Invalid, "error.invalid")
	for _, field := range wrong {
		key, code := "mail.error."+field, "invalid"
		if field == "host" && set.Host == "" {
			key, code = "mail.error.required", "required"
		}
		e.Fields = append(e.Fields, fault.Field{Name: field, Code: code, Key: key})
	}
	return e
}

// Outcome is what came of a test mail.
type Outcome struct {
	Failure *mailer.Error // nil: the server took it
	Took    time.Duration
}

// tryWait is how long a test may take; somebody looks at the page.
const tryWait = 25 * time.Second

// Try sends a test mail with the kept settings to an address and tells what happened. Errors: mailer.ErrUnset.
func (s *Service) Try(ctx context.Context, to mail.Address, locale string) (Outcome, error) {
	set, err := s.Settings(ctx)
	if err != nil {
		return Outcome{}, err
	}
	msg, err := s.message(ctx, mailer.Address{Name: to.Name, Email: to.Address}, s.trial(ctx, locale, to.Name))
	if err != nil {
		return Outcome{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, tryWait)
	defer cancel()
	begun := time.Now()
	err = s.mailer.Try(ctx, set, msg)
	out := Outcome{Took: time.Since(begun)}
	if err == nil {
		s.AlertOver(ctx, failing) // somebody has mended it
	}
	return out, asFailure(err, &out.Failure)
}

// Reason is the word for why a mail failed, as texts name it: mail.reason.REASON says it in plain words.
func Reason(e *mailer.Error, security mailer.Security) string {
	switch {
	case e.Kind == mailer.Refused && e.Code < 500:
		return "busy"
	case e.Kind == mailer.Refused:
		return string(e.Step)
	case e.Kind == mailer.Certificate:
		if e.Detail == "" {
			return "certificate"
		}
		return "certificate_" + e.Detail
	case e.Kind == mailer.NoTLS && security == mailer.StartTLS:
		return "no_starttls"
	case e.Kind == mailer.Timeout && (e.Step == mailer.StepConnect || e.Step == mailer.StepGreeting):
		return "timeout_" + string(e.Step)
	case e.Step == mailer.StepDNS:
		return "dns"
	}
	return string(e.Kind)
}

// Reasons are all words that Reason gives.
func Reasons() []string {
	return []string{
		"busy", "tls", "greeting", "sign_in", "sender", "recipient", "data", "certificate", "certificate_name", "certificate_authority",
		"certificate_expired", "no_tls", "no_starttls", "timeout", "timeout_connect", "timeout_greeting", "dns", "dropped", "garbage",
		"unreachable", "handshake", "plain", "unsupported", "invalid", "stopped",
	}
}
