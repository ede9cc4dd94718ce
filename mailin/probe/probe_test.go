package probe_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"huiyin/mailin/imapbox"
	"huiyin/mailin/mailtest"
	"huiyin/mailin/probe"
)

const address = "kf@shop.example"

// plan is one that works, with mails delivered as the provider would.
func plan(d *mailtest.Dovecot) probe.Plan {
	return probe.Plan{
		Address: address, Host: "smtp.shop.example", Wait: 20 * time.Second, Pace: 100 * time.Millisecond,
		IMAP: imapbox.Config{Host: "localhost", Port: d.Secure, Security: imapbox.TLS, User: address, Password: mailtest.Password, Processed: "Huiyin", TLS: d.TLS()},
		Send: func(_ context.Context, m probe.Mail) *probe.Failure {
			d.Deliver(address, "INBOX", []byte("From: "+address+"\r\nTo: "+m.To+"\r\nSubject: "+m.Subject+"\r\n\r\ntest\r\n"))
			return nil
		},
	}
}

// tried runs a plan and gives each step's last word.
func tried(t *testing.T, p probe.Plan) (probe.Result, map[probe.Name]probe.Step) {
	t.Helper()
	last := map[probe.Name]probe.Step{}
	result := probe.Run(t.Context(), p, func(s probe.Step) {
		last[s.Name] = s
		if text := fmt.Sprintf("%+v", s); strings.Contains(text, mailtest.Password) || strings.Contains(text, "wrong-pass") {
			t.Errorf("a step holds the password: %s", text)
		}
	})
	for _, name := range probe.Names() {
		if s, told := last[name]; !told || s.State == probe.Running {
			t.Errorf("%s was not told to its end: %+v", name, s)
		}
	}
	return result, last
}

func TestAGoodMailboxPassesAndIsLeftClean(t *testing.T) {
	t.Parallel()
	d := mailtest.StartDovecot(t)
	d.Deliver(address, "INBOX", []byte("Subject: a customer's\r\n\r\nhello\r\n"))
	result, last := tried(t, plan(d))
	if result != (probe.Result{Reads: true, Sends: true, Plus: "yes"}) {
		t.Errorf("%+v", result)
	}
	for name, s := range last {
		if s.State != probe.OK {
			t.Errorf("%s: %+v", name, s)
		}
	}
	box, err := imapbox.Open(t.Context(), plan(d).IMAP)
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	if box.Total() != 1 {
		t.Errorf("%d mails are in the folder, want the customer's only", box.Total())
	}
}

func TestAMailboxThatIsBeingReadPassesToo(t *testing.T) {
	t.Parallel()
	d := mailtest.StartDovecot(t)
	p := plan(d)
	p.Send = func(_ context.Context, m probe.Mail) *probe.Failure { // the desk's reader was quicker
		d.Deliver(address, "Huiyin", []byte("Subject: "+m.Subject+"\r\n\r\ntest\r\n"))
		return nil
	}
	if result, last := tried(t, p); result.Plus != "yes" {
		t.Errorf("%+v, %+v", result, last)
	}
}

func TestPlusAddressesThatDoNotArriveAreSaidSo(t *testing.T) {
	t.Parallel()
	d := mailtest.StartDovecot(t)
	for rule, sendPlus := range map[string]func(m probe.Mail) *probe.Failure{
		"refused at once": func(probe.Mail) *probe.Failure { return &probe.Failure{Reason: "recipient", Recipient: true} },
		"come back": func(m probe.Mail) *probe.Failure {
			d.Deliver(address, "INBOX", []byte("From: mailer-daemon@shop.example\r\nSubject: Undelivered\r\n\r\nno such user "+m.To+"\r\n"))
			return nil
		},
		"never come": func(probe.Mail) *probe.Failure { return nil },
	} {
		p := plan(d)
		send := p.Send
		p.Wait = 6 * time.Second
		p.Send = func(ctx context.Context, m probe.Mail) *probe.Failure {
			if strings.Contains(m.To, "+") {
				return sendPlus(m)
			}
			return send(ctx, m)
		}
		result, last := tried(t, p)
		if result.Plus != "no" || last[probe.Arrives].State != probe.OK || last[probe.Plus].State != probe.Unknown {
			t.Errorf("%s: %+v %+v", rule, result, last[probe.Plus])
		}
	}
}

func TestWhatFailsIsNamed(t *testing.T) {
	t.Parallel()
	d := mailtest.StartDovecot(t)
	d.Deliver(address, "Orders", []byte("Subject: x\r\n\r\nx\r\n"))
	for _, c := range []struct {
		rule   string
		change func(p *probe.Plan)
		step   probe.Name
		reason string
	}{
		{"no such name", func(p *probe.Plan) {
			p.IMAP.Host = "imap.exmial.invalid"
			p.IMAP.Dial = func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.DNSError{Name: "imap.exmial.invalid", IsNotFound: true}
			}
		}, probe.Lookup, "name"},
		{"nobody listens", func(p *probe.Plan) { p.IMAP.Port = 1 }, probe.Connect, "refused"},
		{"another's certificate", func(p *probe.Plan) { p.IMAP.TLS = nil }, probe.TLS, "certificate"},
		{"no TLS at this port", func(p *probe.Plan) { p.IMAP.Port = d.Plain }, probe.TLS, "no_tls"},
		{"a wrong password", func(p *probe.Plan) { p.IMAP.Password = "wrong-pass" }, probe.SignIn, "password"},
		{"a wrong password where a code is wanted", func(p *probe.Plan) { p.IMAP.Password, p.Code = "wrong-pass", true }, probe.SignIn, "code"},
		{"no such folder", func(p *probe.Plan) { p.IMAP.Folder = "Bestellungen" }, probe.Folder, "missing"},
		{"a folder that cannot be made", func(p *probe.Plan) { p.IMAP.Processed = "a//b" }, probe.Processed, "no_folder"},
		{"a sender that is refused", func(p *probe.Plan) {
			p.Send = func(context.Context, probe.Mail) *probe.Failure { return &probe.Failure{Reason: "sign_in"} }
		}, probe.SMTP, "sign_in"},
		{"a mail that never comes", func(p *probe.Plan) {
			p.Wait = 500 * time.Millisecond
			p.Send = func(context.Context, probe.Mail) *probe.Failure { return nil }
		}, probe.Arrives, "never"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			p := plan(d)
			c.change(&p)
			_, last := tried(t, p)
			if s := last[c.step]; s.State != probe.Failed || s.Reason != c.reason {
				t.Errorf("%+v, want %s", s, c.reason)
			}
			for _, before := range probe.Names()[:slices.Index(probe.Names(), c.step)] {
				if last[before].State != probe.OK {
					t.Errorf("%s stands before it and is %s", before, last[before].State)
				}
			}
			for _, after := range probe.Names()[slices.Index(probe.Names(), c.step)+1:] {
				if last[after].State == probe.OK && after != probe.SMTP {
					t.Errorf("%s stands after it and is ok", after)
				}
			}
			if c.reason == "missing" && !slices.Contains(last[c.step].Folders, "Orders") {
				t.Errorf("the folders that there are: %v", last[c.step].Folders)
			}
		})
	}
}

func TestATestEndsWithItsContext(t *testing.T) {
	t.Parallel()
	d := mailtest.StartDovecot(t)
	p := plan(d)
	p.Wait = time.Hour
	p.Send = func(context.Context, probe.Mail) *probe.Failure { return nil }
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	began := time.Now()
	probe.Run(ctx, p, func(probe.Step) {})
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestTheServersWordsComeWithoutSecrets(t *testing.T) {
	t.Parallel()
	got := probe.Scrub("LOGIN failed\x1b[31m for shop-user "+address+" s3cret-words "+strings.Repeat("ab12", 20), "s3cret-words", "shop-user")
	if got != "LOGIN failed [31m for … … … …" {
		t.Errorf("got %q", got)
	}
}
