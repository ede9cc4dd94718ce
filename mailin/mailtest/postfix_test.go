package mailtest_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/smtp"
	"strconv"
	"strings"
	"testing"
	"time"

	"huiyin/mailin/imapbox"
	"huiyin/mailin/mailtest"
)

const (
	li  = "li@home.test"
	box = "desk@shop.test"
)

func letter(from, to, subject string) []byte {
	return fmt.Appendf(nil, "From: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%d@home.test>\r\n\r\nhello\r\n", from, to, subject, time.Now().UnixNano())
}

// arrival waits for the next mail in somebody's mailbox, as the desk does.
func arrival(t *testing.T, p *mailtest.Postfix, who string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	b, err := imapbox.Open(ctx, imapbox.Config{
		Host: "127.0.0.1", Port: p.Dovecot.Secure, Security: imapbox.TLS, User: who, Password: mailtest.Password, TLS: p.TLS(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for {
		var raw string
		if _, err := b.New(ctx, 0, 10, 1<<20, func(m imapbox.Mail) error { raw = string(m.Raw); return nil }); err != nil {
			t.Fatalf("%v\n%s\n%s", err, p.Log(), p.Dovecot.Log())
		}
		if raw != "" {
			return raw
		}
		if err := b.Wait(ctx, time.Second); err != nil {
			t.Fatalf("nothing came for %s: %v\n%s\n%s", who, err, p.Log(), p.Dovecot.Log())
		}
	}
}

func send(t *testing.T, p *mailtest.Postfix, from, to, subject string) {
	t.Helper()
	if err := p.Send(from, to, letter(from, to, subject)); err != nil {
		t.Fatalf("%v\n%s", err, p.Log())
	}
}

func TestAMailGoesFromMailboxToMailbox(t *testing.T) {
	t.Parallel()
	p := mailtest.StartPostfix(t, mailtest.Options{Plus: true})
	send(t, p, li, box, "there")
	if raw := arrival(t, p, box); !strings.Contains(raw, "Subject: there\r\n") || !strings.Contains(raw, "Return-Path: <"+li+">") {
		t.Errorf("got %q", raw)
	}
	send(t, p, "somebody@elsewhere.test", li, "from outside")
	if raw := arrival(t, p, li); !strings.Contains(raw, "Subject: from outside\r\n") {
		t.Errorf("got %q", raw)
	}
	send(t, p, li, "anna+t7.x@shop.test", "plus")
	if raw := arrival(t, p, "anna@shop.test"); !strings.Contains(raw, "Subject: plus\r\n") {
		t.Errorf("got %q", raw)
	}
}

func TestAnUnknownRecipientComesBackAsABounce(t *testing.T) {
	t.Parallel()
	p := mailtest.StartPostfix(t, mailtest.Options{})
	for sender, to := range map[string]string{
		"a@shop.test": "nobody@home.test", "b@shop.test": "li+plus-is-off@home.test", "c@shop.test": "li@outside.example",
	} {
		send(t, p, sender, to, "lost")
		raw := arrival(t, p, sender)
		for _, want := range []string{"Return-Path: <>", "report-type=delivery-status", "Final-Recipient: rfc822; " + to, "Action: failed", "Subject: lost"} {
			if !strings.Contains(raw, want) {
				t.Errorf("%s: no %q in %s", to, want, raw)
			}
		}
	}
}

func TestAnUnknownRecipientIsRefusedWhereThatIsAsked(t *testing.T) {
	t.Parallel()
	p := mailtest.StartPostfix(t, mailtest.Options{Refuse: true})
	if err := p.Send(box, "nobody@home.test", letter(box, "nobody@home.test", "lost")); err == nil || !strings.Contains(err.Error(), "no such mailbox") {
		t.Errorf("got %v", err)
	}
	send(t, p, box, li, "there")
	arrival(t, p, li)
}

func TestBothPortsTakeTheRightPasswordOnly(t *testing.T) {
	t.Parallel()
	p := mailtest.StartPostfix(t, mailtest.Options{})
	dial := func(secure bool) *smtp.Client {
		t.Helper()
		port := p.Plain
		if secure {
			port = p.Secure
		}
		conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			t.Fatal(err)
		}
		if secure {
			conn = tls.Client(conn, p.TLS())
		}
		client, err := smtp.NewClient(conn, "127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		if !secure {
			if err := client.StartTLS(p.TLS()); err != nil {
				t.Fatal(err)
			}
		}
		return client
	}
	for _, secure := range []bool{false, true} {
		client := dial(secure)
		if err := client.Auth(smtp.PlainAuth("", box, mailtest.Password, "127.0.0.1")); err != nil {
			t.Errorf("secure %v: %v", secure, err)
		}
		if err := client.Mail(box); err != nil {
			t.Error(err)
		}
		if err := client.Rcpt(li); err != nil {
			t.Error(err)
		}
	}
	if err := dial(true).Auth(smtp.PlainAuth("", box, "another", "127.0.0.1")); err == nil || !strings.HasPrefix(err.Error(), "535") {
		t.Errorf("a wrong password: %v, want 535", err)
	}
	client := dial(false)
	_ = client.Mail(li)
	if err := client.Rcpt("somebody@outside.example"); err == nil {
		t.Error("it relays for whoever has not signed in")
	}
}

func TestAMailWaitsWhileDovecotIsAway(t *testing.T) {
	t.Parallel()
	p := mailtest.StartPostfix(t, mailtest.Options{})
	p.Dovecot.Stop()
	if err := p.Send("x@elsewhere.test", li, letter("x@elsewhere.test", li, "late")); err != nil {
		t.Fatal(err)
	}
	p.Dovecot.Start()
	p.Flush()
	arrival(t, p, li)
}
