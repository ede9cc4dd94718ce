// Package mailout hands the mails of tickets to the mail server of their inbox: it turns mailin's letters into the mailer's,
// and what the mailer says of them into mailin's words.
package mailout

import (
	"cmp"
	"context"
	"errors"

	"huiyin/app/mailer"
	"huiyin/mailin"
	"huiyin/mailin/eml"
	"huiyin/mailin/imapbox"
	"huiyin/tickets/id"
)

// Sender sends by a mailer. Token gives what signs in where a provider takes no password.
type Sender struct {
	Mailer *mailer.Mailer
	Token  func(ctx context.Context, inbox id.ID) (string, error)
}

// Send hands a mail to the server of an account. Errors: *mailin.SendError.
func (s Sender) Send(ctx context.Context, a *mailin.Account, m mailin.OutMail) (mailin.Sent, error) {
	out, err := s.Mailer.Deliver(ctx, s.Settings(a), Letter(m))
	sent := mailin.Sent{Said: out.Said}
	for _, r := range out.Recipients {
		sent.Recipients = append(sent.Recipients, mailin.SentTo{
			Address: r.Address, Accepted: r.Accepted, Lasting: r.Kind != "" && r.Lasting() && !spent(r.Enhanced), Code: r.Code, Enhanced: r.Enhanced, Detail: r.Detail,
		})
	}
	if err == nil {
		return sent, nil
	}
	return sent, failure(err, sent.Recipients)
}

// Settings are an account's server for the mailer, with what signs in at IMAP where SMTP has nothing of its own. A server without
// protection and without a user of its own is a relay in the shop's network: nobody signs in there.
func (s Sender) Settings(a *mailin.Account) mailer.Settings {
	set := mailer.Settings{
		Host: a.SMTP.Host, Port: a.SMTP.Port, User: a.SMTP.User, Password: a.SMTP.Password, Security: security(a.SMTP.Security),
		From: mailer.Address{Email: a.Address},
	}
	if set.Security == mailer.None && set.User == "" {
		set.Password = ""
		return set
	}
	set.User = cmp.Or(set.User, a.IMAP.User, a.Address)
	set.Password = cmp.Or(set.Password, a.IMAP.Password)
	if a.OAuth != nil && s.Token != nil {
		inbox := a.InboxID
		set.Token = func(ctx context.Context) (string, error) { return s.Token(ctx, inbox) }
	}
	return set
}

func security(s imapbox.Security) mailer.Security {
	switch s {
	case imapbox.StartTLS:
		return mailer.StartTLS
	case imapbox.Plain:
		return mailer.None
	}
	return mailer.TLS
}

// Letter is a mail as the mailer takes it.
func Letter(m mailin.OutMail) mailer.Letter {
	l := mailer.Letter{
		From: address(m.From), To: addresses(m.To), CC: addresses(m.CC), Only: m.Only, Subject: m.Subject, Text: m.Text, HTML: m.HTML,
		MessageID: m.MessageID, InReplyTo: m.InReplyTo, References: m.References, Automatic: m.Automatic,
	}
	if m.ReplyTo != nil {
		l.ReplyTo = []mailer.Address{address(*m.ReplyTo)}
	}
	for _, f := range m.Files {
		l.Files = append(l.Files, mailer.File{Name: f.Name, Type: f.Type, Size: f.Size, Open: f.Open})
	}
	return l
}

func address(a eml.Address) mailer.Address { return mailer.Address{Name: a.Name, Email: a.Address} }

func addresses(list []eml.Address) (out []mailer.Address) {
	for _, a := range list {
		out = append(out, address(a))
	}
	return out
}

// failure tells whose fault it was, in a word: a mail's own ends it, a mailbox's is mended by somebody while mails wait.
func failure(err error, said []mailin.SentTo) error {
	out := &mailin.SendError{Reason: "other", Err: err}
	var e *mailer.Error
	if !errors.As(err, &e) {
		return out
	}
	out.Code, out.Enhanced, out.Detail, out.Unsure = e.Code, e.Enhanced, e.Detail, e.Unsure
	out.Reason, out.Mailbox = reason(e), ofMailbox(e)
	out.Final = e.Lasting() && !out.Mailbox
	for _, one := range said {
		if one.Lasting {
			out.Refused = append(out.Refused, one)
		}
	}
	return out
}

// ofMailbox tells whether the same would happen to every mail of the account: nothing was said of this one yet.
func ofMailbox(e *mailer.Error) bool {
	if spent(e.Enhanced) {
		return true
	}
	switch e.Step {
	case mailer.StepDNS, mailer.StepConnect, mailer.StepTLS, mailer.StepGreeting, mailer.StepSignIn:
		return true
	case mailer.StepSender: // its size is said here too
		return e.Kind != mailer.TooLarge && e.Kind != mailer.Unsupported && e.Code != 552 && e.Enhanced != "5.3.4"
	case mailer.StepSettings:
		switch e.Detail { // of the account, as mailer.Settings.Check names them
		case "host", "port", "security", "user", "password", "from_email", "from_name":
			return true
		}
	}
	return false
}

// spent tells whether a server says that the account has sent as many mails as it may for today: Google and others call that
// lasting, and tomorrow it is over.
func spent(enhanced string) bool { return enhanced == "5.4.5" || enhanced == "5.7.28" }

func reason(e *mailer.Error) string {
	switch {
	case e.Kind == mailer.TooLarge, e.Kind == mailer.Unreadable:
		return string(e.Kind)
	case e.Kind == mailer.Timeout:
		return "timeout"
	case e.Kind == mailer.Unreachable, e.Kind == mailer.Dropped, e.Kind == mailer.Garbage:
		return "unreachable"
	case e.Kind == mailer.Certificate, e.Kind == mailer.NoTLS, e.Kind == mailer.Handshake, e.Kind == mailer.Plain:
		return "secure"
	case e.Step == mailer.StepSignIn, e.Kind == mailer.NoToken:
		return "sign_in"
	case e.Kind == mailer.Invalid, e.Kind == mailer.Unsupported:
		return "invalid"
	case e.Kind == mailer.Refused:
		return "refused"
	}
	return "other"
}
