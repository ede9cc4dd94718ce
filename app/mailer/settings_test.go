package mailer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"huiyin/app/mailer"
	"huiyin/app/mailer/mailertest"
)

func TestSettingsThatCannotWorkNameTheirField(t *testing.T) {
	t.Parallel()
	good := mailer.Settings{Host: "smtp.shop.test", Security: mailer.TLS, User: "u", Password: "p", From: mailer.Address{Name: "店", Email: "a@shop.test"}}
	if wrong := good.Check(); len(wrong) > 0 {
		t.Fatalf("good settings are refused: %v", wrong)
	}
	for field, change := range map[string]func(*mailer.Settings){
		"host":       func(s *mailer.Settings) { s.Host = "https://smtp.shop.test" },
		"port":       func(s *mailer.Settings) { s.Port = 70000 },
		"security":   func(s *mailer.Settings) { s.Security = "ssl" },
		"user":       func(s *mailer.Settings) { s.User = "a\x00b" },
		"password":   func(s *mailer.Settings) { s.Password = "" },
		"from_email": func(s *mailer.Settings) { s.From.Email = "店 <a@shop.test>" },
		"from_name":  func(s *mailer.Settings) { s.From.Name = "a\r\nBcc: b@shop.test" },
	} {
		set := good
		change(&set)
		if wrong := set.Check(); !slices.Equal(wrong, []string{field}) {
			t.Errorf("%s: got %v", field, wrong)
		}
		if e := send(t, set, mailer.Options{}); e == nil || e.Kind != mailer.Invalid || !e.Lasting() {
			t.Errorf("%s: got %v", field, e)
		}
	}
	for host, fits := range map[string]bool{"::1": true, "10.0.0.1": true, "smtp.shop.test:465": false, "a b": false, "": false, "u@h": false} {
		set := good
		set.Host = host
		if (len(set.Check()) == 0) != fits {
			t.Errorf("the host %q: got %v", host, set.Check())
		}
	}
}

func TestPrintedSettingsHideThePassword(t *testing.T) {
	t.Parallel()
	set := mailer.Settings{Host: "smtp.shop.test", Security: mailer.TLS, User: "user-of-it", Password: "the-secret"}
	for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
		text := fmt.Sprintf(form, set)
		if strings.Contains(text, "secret") || strings.Contains(text, "user-of-it") || !strings.Contains(text, "smtp.shop.test:465") {
			t.Errorf("%s gives %s", form, text)
		}
	}
}

func TestNothingBreaksOutOfItsHeader(t *testing.T) {
	t.Parallel()
	server := mailertest.Start(t, mailertest.Options{})
	for name, change := range map[string]func(*mailer.Message){
		"subject":         func(m *mailer.Message) { m.Subject = "a\r\nBcc: b@shop.test" },
		"bare newline":    func(m *mailer.Message) { m.Subject = "a\nBcc: b@shop.test" },
		"name":            func(m *mailer.Message) { m.To.Name = "a\r\nBcc: b@shop.test" },
		"address":         func(m *mailer.Message) { m.To.Email = "a@shop.test>\r\nRCPT TO:<b@shop.test" },
		"two addresses":   func(m *mailer.Message) { m.To.Email = "a@shop.test,b@shop.test" },
		"id":              func(m *mailer.Message) { m.MessageID = "a@b>\r\nBcc: <b@shop.test" },
		"header's value":  func(m *mailer.Message) { m.Headers = map[string]string{"X-A": "a\r\nBcc: b@shop.test"} },
		"header's name":   func(m *mailer.Message) { m.Headers = map[string]string{"X-A: b\r\nBcc": "b@shop.test"} },
		"header of ours":  func(m *mailer.Message) { m.Headers = map[string]string{"bCC": "b@shop.test"} },
		"header of parts": func(m *mailer.Message) { m.Headers = map[string]string{"Content-Type": "text/html"} },
		"nothing to say":  func(m *mailer.Message) { m.Text = "" },
	} {
		msg := hello
		change(&msg)
		e := asError(t, mailer.New(mailer.Options{}).Try(bg, server.Settings(), msg))
		if e == nil || e.Kind != mailer.Invalid || !e.Lasting() {
			t.Errorf("%s: got %v", name, e)
		}
	}
	if got := server.Mails(); len(got) > 0 {
		t.Errorf("%d mails have gone out", len(got))
	}
}

func TestAnAddressBeyondASCIINeedsAServerThatTakesIt(t *testing.T) {
	t.Parallel()
	msg := hello
	msg.To.Email = "王芳@shop.test"
	plain, modern := mailertest.Start(t, mailertest.Options{}), mailertest.Start(t, mailertest.Options{UTF8: true})
	e := asError(t, mailer.New(mailer.Options{}).Try(bg, plain.Settings(), msg))
	if e == nil || e.Step != mailer.StepRecipient || e.Kind != mailer.Unsupported {
		t.Errorf("got %v", e)
	}
	if err := mailer.New(mailer.Options{}).Try(bg, modern.Settings(), msg); err != nil {
		t.Fatal(err)
	}
	if to := modern.Wait(1)[0].To; !slices.Equal(to, []string{"王芳@shop.test"}) {
		t.Errorf("got %v", to)
	}
}
