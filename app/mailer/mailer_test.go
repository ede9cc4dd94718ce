package mailer_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"huiyin/app/certs/certstest"
	"huiyin/app/mailer"
	"huiyin/app/mailer/mailertest"
)

// TestMain finds goroutines that outlive their tests: the package leaves none behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	bg      = context.Background()
	short   = mailer.Waits{Connect: 200 * time.Millisecond, TLS: 200 * time.Millisecond, Answer: 200 * time.Millisecond, Data: 200 * time.Millisecond}
	patient = mailer.Waits{Connect: 20 * time.Second, TLS: 20 * time.Second, Answer: 20 * time.Second, Data: 20 * time.Second}
	hello   = mailer.Message{
		To: mailer.Address{Name: "王芳", Email: "wang@shop.test"}, Subject: "您的新密码链接 – your link",
		Text: "您好,王芳:\nhttps://desk.test/passwords/abc\n.\n", HTML: `<p lang="zh">您好,王芳:</p>`,
		MessageID: "17.password@desk.test", Headers: map[string]string{"Auto-Submitted": "auto-generated"},
	}
)

// send sends a mail by settings. Its steps may take long, unless the options say that they are short.
func send(t *testing.T, set mailer.Settings, o mailer.Options) *mailer.Error {
	t.Helper()
	if o.Waits == (mailer.Waits{}) {
		o.Waits = patient
	}
	return asError(t, mailer.New(o).Try(bg, set, hello))
}

func asError(t *testing.T, err error) *mailer.Error {
	t.Helper()
	if err == nil {
		return nil
	}
	var e *mailer.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %T %v, want a *mailer.Error", err, err)
	}
	return e
}

// failed checks step and kind, and that the text that may be logged tells nothing of anybody.
func failed(t *testing.T, e *mailer.Error, step mailer.Step, kind mailer.Kind, code int) {
	t.Helper()
	if e == nil || e.Step != step || e.Kind != kind || e.Code != code {
		t.Fatalf("got %+v, want %s %s %d", e, step, kind, code)
	}
	for _, secret := range []string{"@", "wang", "a code from the provider", "a secret code", "127.0.0.1"} {
		if text := e.Error() + e.Detail; strings.Contains(text, secret) {
			t.Errorf("%q tells %q", text, secret)
		}
	}
}

func TestAMailArrivesWithItsWords(t *testing.T) {
	t.Parallel()
	server := mailertest.Start(t, mailertest.Options{})
	if e := send(t, server.Settings(), mailer.Options{}); e != nil {
		t.Fatal(e)
	}
	m := server.Wait(1)[0]
	for what, got := range map[string][2]string{
		"envelope": {m.From + " " + strings.Join(m.To, " "), "desk@shop.test wang@shop.test"},
		"subject":  {m.Subject, hello.Subject},
		"text":     {strings.ReplaceAll(m.Text, "\r\n", "\n"), hello.Text},
		"html":     {m.HTML, hello.HTML},
		"id":       {m.Header.Get("Message-Id"), "<17.password@desk.test>"},
		"auto":     {m.Header.Get("Auto-Submitted"), "auto-generated"},
		"agent":    {m.Header.Get("User-Agent") + m.Header.Get("X-Mailer"), ""},
		"user":     {strings.Join(server.Users(), " "), "desk@shop.test"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: got %q, want %q", what, got[0], got[1])
		}
	}
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Name != "王芳" {
		t.Errorf("got the recipient %v, %v", to, err)
	}
	for line := range strings.SplitSeq(string(m.Raw), "\r\n") {
		if len(line) > 998 {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
}

func TestAMailWithoutAnIDGetsOneOfItsOwn(t *testing.T) {
	t.Parallel()
	server := mailertest.Start(t, mailertest.Options{})
	msg := hello
	msg.MessageID, msg.HTML = "", ""
	m := mailer.New(mailer.Options{Settings: func(context.Context) (mailer.Settings, error) { return server.Settings(), nil }})
	for range 2 {
		if err := m.Send(bg, msg); err != nil {
			t.Fatal(err)
		}
	}
	mails := server.Wait(2)
	one, two := mails[0].Header.Get("Message-Id"), mails[1].Header.Get("Message-Id")
	if one == two || !strings.HasSuffix(one, "@shop.test>") {
		t.Errorf("got the ids %s and %s", one, two)
	}
	if kind := mails[0].Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/plain") {
		t.Errorf("a mail of text alone is %s", kind)
	}
}

func TestTheWayToSignInIsTheOneThatTheServerOffers(t *testing.T) {
	t.Parallel()
	server := mailertest.Start(t, mailertest.Options{Ways: []string{"LOGIN"}, Answer: func(step mailer.Step, what string) error {
		if step == mailer.StepSignIn && what != "a code from the provider" {
			return mailertest.Say(535, "no")
		}
		return nil
	}})
	if e := send(t, server.Settings(), mailer.Options{}); e != nil {
		t.Fatal(e)
	}
	none := mailertest.Start(t, mailertest.Options{NoAuth: true})
	if e := send(t, none.Settings(), mailer.Options{}); e != nil {
		t.Errorf("without a user nobody signs in: %v", e)
	}
	set := none.Settings()
	set.User, set.Password = "desk@shop.test", "a secret code"
	e := send(t, set, mailer.Options{})
	failed(t, e, mailer.StepSignIn, mailer.Unsupported, 0)
	if !e.Lasting() {
		t.Error("no way to sign in is tried again")
	}
}

func TestAnAnswerOfTheServerTellsItsStepAndWhetherToTryAgain(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		step    mailer.Step
		code    int
		text    string
		lasting bool
	}{
		{mailer.StepSignIn, 535, "5.7.8 Error: authentication failed for desk@shop.test: a code from the provider", true},
		{mailer.StepSignIn, 454, "4.7.0 Temporary authentication failure", false},
		{mailer.StepSender, 553, "Mail from must equal authorized user", true},
		{mailer.StepSender, 421, "4.7.0 try later", false},
		{mailer.StepRecipient, 550, "5.1.1 <wang@shop.test>: Recipient address rejected", true},
		{mailer.StepRecipient, 450, "4.2.1 greylisted", false},
		{mailer.StepData, 554, "5.7.1 looks like spam", true},
		{mailer.StepData, 452, "4.3.1 no space", false},
	} {
		t.Run(fmt.Sprintf("%s %d", one.step, one.code), func(t *testing.T) {
			t.Parallel()
			server := mailertest.Start(t, mailertest.Options{Answer: func(step mailer.Step, _ string) error {
				if step == one.step {
					return mailertest.Say(one.code, one.text)
				}
				return nil
			}})
			e := send(t, server.Settings(), mailer.Options{})
			failed(t, e, one.step, mailer.Refused, one.code)
			if e.Lasting() != one.lasting || e.Unsure {
				t.Errorf("got lasting %t, unsure %t", e.Lasting(), e.Unsure)
			}
			if one.text[1] == '.' && e.Enhanced != one.text[:5] {
				t.Errorf("got the enhanced code %q of %q", e.Enhanced, one.text)
			}
		})
	}
}

func TestAServerThatHangsHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	for word, step := range map[string]mailer.Step{
		"": mailer.StepGreeting, "EHLO": mailer.StepGreeting, "AUTH": mailer.StepSignIn, "MAIL": mailer.StepSender,
		"RCPT": mailer.StepRecipient, "DATA": mailer.StepData, ".": mailer.StepData,
	} {
		t.Run("at "+word, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			e := send(t, mailertest.Scripted(t, map[string]string{word: "HANG"}), mailer.Options{Waits: short})
			failed(t, e, step, mailer.Timeout, 0)
			if took := time.Since(begun); took > 2*time.Second {
				t.Errorf("took %s", took)
			}
			if e.Lasting() || e.Unsure != (word == ".") {
				t.Errorf("got lasting %t, unsure %t", e.Lasting(), e.Unsure)
			}
		})
	}
}

func TestADroppedConnectionIsTriedAgain(t *testing.T) {
	t.Parallel()
	for word, step := range map[string]mailer.Step{
		"": mailer.StepGreeting, "AUTH": mailer.StepSignIn, "MAIL": mailer.StepSender, "RCPT": mailer.StepRecipient,
		"DATA": mailer.StepData, ".": mailer.StepData,
	} {
		t.Run("at "+word, func(t *testing.T) {
			t.Parallel()
			e := send(t, mailertest.Scripted(t, map[string]string{word: "DROP"}), mailer.Options{})
			failed(t, e, step, mailer.Dropped, 0)
			if e.Lasting() || e.Unsure != (word == ".") {
				t.Errorf("got lasting %t, unsure %t", e.Lasting(), e.Unsure)
			}
		})
	}
}

func TestAMailIsSentThoughTheServerSaysNoGoodbye(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"HANG", "DROP", "500 what"} {
		if e := send(t, mailertest.Scripted(t, map[string]string{"QUIT": end}), mailer.Options{}); e != nil {
			t.Errorf("%s: %v", end, e)
		}
	}
}

func TestWhatIsNoMailServerIsFoundOut(t *testing.T) {
	t.Parallel()
	e := send(t, mailertest.Scripted(t, map[string]string{"": "HTTP/1.1 400 Bad Request"}), mailer.Options{})
	failed(t, e, mailer.StepGreeting, mailer.Garbage, 0)
	if e.Detail != "" {
		t.Errorf("what is not SMTP is shown: %q", e.Detail)
	}
	e = send(t, mailertest.Scripted(t, map[string]string{"": strings.Repeat("x", 400<<10)}), mailer.Options{})
	failed(t, e, mailer.StepGreeting, mailer.Garbage, 0)
	set := mailertest.Scripted(t, nil)
	set.Security = mailer.TLS
	failed(t, send(t, set, mailer.Options{}), mailer.StepTLS, mailer.NoTLS, 0)
	set.Host, set.Security = "no-such-host.invalid", mailer.None
	e = send(t, set, mailer.Options{})
	if e.Step != mailer.StepDNS || e.Lasting() {
		t.Errorf("got %v", e)
	}
	closed := mailertest.Start(t, mailertest.Options{})
	set = closed.Settings()
	set.Port = freePort(t)
	e = send(t, set, mailer.Options{})
	failed(t, e, mailer.StepConnect, mailer.Unreachable, 0)
	if e.Detail != "refused" {
		t.Errorf("got the detail %q", e.Detail)
	}
}

func TestTheConnectionIsProtectedOrThereIsNone(t *testing.T) {
	t.Parallel()
	ca, other := certstest.NewCA(t), certstest.NewCA(t)
	good, wrongName := pair(t, ca, "127.0.0.1"), pair(t, ca, "mx.elsewhere.test")
	old := load(t, ca.Issue(t.TempDir(), certstest.Life{From: time.Now().Add(-48 * time.Hour), To: time.Now().Add(-time.Hour)}, "127.0.0.1"))
	trusted := pool(t, ca)
	for _, one := range []struct {
		name   string
		tls    *tls.Config
		roots  *x509.CertPool
		kind   mailer.Kind // empty: it works
		detail string
	}{
		{"right", &tls.Config{Certificates: good}, trusted, "", ""},
		{"unknown authority", &tls.Config{Certificates: good}, pool(t, other), mailer.Certificate, "authority"},
		{"other name", &tls.Config{Certificates: wrongName}, trusted, mailer.Certificate, "name"},
		{"expired", &tls.Config{Certificates: old}, trusted, mailer.Certificate, "expired"},
		{"TLS 1.1", &tls.Config{Certificates: good, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, trusted, mailer.Handshake, ""},
	} {
		for _, security := range []mailer.Security{mailer.TLS, mailer.StartTLS} {
			t.Run(one.name+" "+string(security), func(t *testing.T) {
				t.Parallel()
				server := mailertest.Start(t, mailertest.Options{Security: security, TLS: one.tls})
				e := send(t, server.Settings(), mailer.Options{RootCAs: one.roots})
				if one.kind == "" {
					if e != nil || len(server.Mails()) != 1 {
						t.Fatalf("got %v", e)
					}
					return
				}
				failed(t, e, mailer.StepTLS, one.kind, 0)
				if e.Detail != one.detail || len(server.Users()) > 0 {
					t.Errorf("got the detail %q, users %v", e.Detail, server.Users())
				}
			})
		}
	}
}

func TestAStrippedSTARTTLSEndsTheDialogueBeforeThePassword(t *testing.T) {
	t.Parallel()
	set := mailertest.Scripted(t, map[string]string{"AUTH": "HANG"})
	set.Security = mailer.StartTLS
	e := send(t, set, mailer.Options{})
	failed(t, e, mailer.StepTLS, mailer.NoTLS, 0)
	if !e.Lasting() {
		t.Error("it is tried again")
	}
	set = mailertest.Scripted(t, map[string]string{"EHLO": "250-mx.test\r\n250 STARTTLS", "STARTTLS": "454 not now"})
	set.Security = mailer.StartTLS
	failed(t, send(t, set, mailer.Options{}), mailer.StepTLS, mailer.Refused, 454)
	set = mailertest.Scripted(t, map[string]string{"EHLO": "250-mx.test\r\n250 STARTTLS", "STARTTLS": "HANG"})
	set.Security = mailer.StartTLS
	failed(t, send(t, set, mailer.Options{Waits: short}), mailer.StepTLS, mailer.Timeout, 0)
}

func TestTheCallersEndEndsTheDialogue(t *testing.T) {
	t.Parallel()
	set := mailertest.Scripted(t, map[string]string{"MAIL": "HANG"})
	ctx, cancel := context.WithCancel(bg)
	time.AfterFunc(50*time.Millisecond, cancel)
	e := asError(t, mailer.New(mailer.Options{}).Try(ctx, set, hello))
	failed(t, e, mailer.StepSender, mailer.Stopped, 0)
	if !errors.Is(e, context.Canceled) || e.Lasting() {
		t.Errorf("got %v", e)
	}
	ctx, cancel = context.WithTimeout(bg, 50*time.Millisecond)
	defer cancel()
	failed(t, asError(t, mailer.New(mailer.Options{}).Try(ctx, set, hello)), mailer.StepSender, mailer.Timeout, 0)
}

func TestWithoutSettingsNothingIsSent(t *testing.T) {
	t.Parallel()
	m := mailer.New(mailer.Options{Settings: func(context.Context) (mailer.Settings, error) { return mailer.Settings{}, mailer.ErrUnset }})
	if err := m.Send(bg, hello); !errors.Is(err, mailer.ErrUnset) {
		t.Errorf("got %v", err)
	}
	if ready, err := m.Ready(bg); ready || err != nil {
		t.Errorf("got ready %t, %v", ready, err)
	}
}

func pair(t *testing.T, ca *certstest.CA, host string) []tls.Certificate {
	t.Helper()
	return load(t, ca.Issue(t.TempDir(), certstest.Year(), host))
}

func load(t *testing.T, p certstest.Pair) []tls.Certificate {
	t.Helper()
	c, err := tls.LoadX509KeyPair(p.Cert, p.Key)
	if err != nil {
		t.Fatal(err)
	}
	return []tls.Certificate{c}
}

func pool(t *testing.T, ca *certstest.CA) *x509.CertPool {
	t.Helper()
	pem, err := os.ReadFile(ca.File)
	if err != nil {
		t.Fatal(err)
	}
	p := x509.NewCertPool()
	p.AppendCertsFromPEM(pem)
	return p
}
