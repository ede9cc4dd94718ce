package mailout_test

import (
	"errors"
	"testing"

	"huiyin/app/mailer"
	"huiyin/app/mailer/mailertest"
	"huiyin/app/mailout"
	"huiyin/mailin"
	"huiyin/mailin/eml"
	"huiyin/mailin/imapbox"
)

func TestAFailureIsTheMailsOrTheMailboxs(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		script         map[string]string
		reason         string
		final, mailbox bool
		unsure         bool
	}{
		"busy at the greeting":     {script: map[string]string{"": "421 busy"}, reason: "refused", mailbox: true},
		"the password is wrong":    {script: map[string]string{"AUTH": "535 5.7.8 no"}, reason: "sign_in", mailbox: true},
		"the account is disabled":  {script: map[string]string{"MAIL": "550 5.7.1 disabled"}, reason: "refused", mailbox: true},
		"the mail is too large":    {script: map[string]string{"MAIL": "552 5.3.4 too large"}, reason: "refused", final: true},
		"nobody is taken":          {script: map[string]string{"RCPT": "550 5.1.1 unknown"}, reason: "refused", final: true},
		"nobody is taken now":      {script: map[string]string{"RCPT": "451 4.7.1 later"}, reason: "refused"},
		"the mail is refused":      {script: map[string]string{".": "554 5.7.1 spam"}, reason: "refused", final: true},
		"enough for today":         {script: map[string]string{".": "550 5.4.5 daily limit"}, reason: "refused", mailbox: true},
		"gone before the mail":     {script: map[string]string{"DATA": "DROP"}, reason: "unreachable"},
		"gone after the dot":       {script: map[string]string{".": "DROP"}, reason: "unreachable", unsure: true},
		"TLS was to be, and isn't": {script: map[string]string{}, reason: "secure", mailbox: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := mailertest.Scripted(t, tc.script)
			a := &mailin.Account{Address: "support@shop.test", SMTP: mailin.Server{Host: set.Host, Port: set.Port, Security: imapbox.Plain, User: "support", Password: "secret"}}
			if tc.reason == "secure" {
				a.SMTP.Security = imapbox.TLS
			}
			_, err := mailout.Sender{Mailer: mailer.New(mailer.Options{})}.Send(t.Context(), a, mailin.OutMail{
				From: eml.Address{Address: a.Address}, To: []eml.Address{{Address: "li@home.test"}}, Subject: "s", Text: "t", MessageID: "a@shop.test",
			})
			var e *mailin.SendError
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if e.Reason != tc.reason || e.Final != tc.final || e.Mailbox != tc.mailbox || e.Unsure != tc.unsure {
				t.Errorf("got %s final %v mailbox %v unsure %v", e.Reason, e.Final, e.Mailbox, e.Unsure)
			}
			if want := name == "nobody is taken"; (len(e.Refused) == 1) != want {
				t.Errorf("refused %v", e.Refused)
			}
		})
	}
}

func TestWhereSMTPHasNothingOfItsOwnIMAPsSignsIn(t *testing.T) {
	t.Parallel()
	a := &mailin.Account{Address: "support@shop.test", IMAP: mailin.Server{User: "imap", Password: "one"}, SMTP: mailin.Server{Host: "smtp.shop.test", Security: imapbox.TLS}}
	if set := (mailout.Sender{}).Settings(a); set.User != "imap" || set.Password != "one" || set.Security != mailer.TLS {
		t.Errorf("%s %s", set.User, set)
	}
	a.SMTP.Security = imapbox.Plain
	if set := (mailout.Sender{}).Settings(a); set.User != "" || set.Password != "" {
		t.Error("a relay without protection is told the password")
	}
}
