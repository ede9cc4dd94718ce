package post_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/smtp"
	"net/textproto"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"huiyin/app/demo/post"
	"huiyin/app/mailer"
	"huiyin/mailin/eml"
	"huiyin/mailin/imapbox"
)

const (
	desk = "support@shop.example"
	wang = "wang.fang@home.example"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T) *post.Office { t.Helper(); return openAt(t, time.Now) }

func openAt(t *testing.T, now func() time.Time) *post.Office {
	t.Helper()
	o, err := post.Start(post.Options{
		Log: slog.New(slog.DiscardHandler), Domains: []string{"shop.example", "home.example"}, Mailboxes: []string{desk}, Password: "a demo's", Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

func box(t *testing.T, o *post.Office, change func(*imapbox.Config)) *imapbox.Box {
	t.Helper()
	a := o.Account(desk)
	c := imapbox.Config{Host: a.Host, Port: a.IMAPPort, Security: imapbox.Plain, User: a.User, Password: a.Password, CommandTime: 10 * time.Second}
	if change != nil {
		change(&c)
	}
	b, err := imapbox.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func letter(subject string) []byte {
	return fmt.Appendf(nil, "From: 王芳 <%s>\r\nTo: %s\r\nSubject: %s\r\n\r\nhello\r\n", wang, desk, subject)
}

func deliver(t *testing.T, o *post.Office, to string, raw []byte) {
	t.Helper()
	if err := o.Deliver(wang, to, raw); err != nil {
		t.Fatal(err)
	}
}

func all(t *testing.T, b *imapbox.Box, after uint32) (got []imapbox.Mail) {
	t.Helper()
	if _, err := b.New(t.Context(), after, 100, post.MaxMail+1000, func(m imapbox.Mail) error { got = append(got, m); return nil }); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTheDeskReadsItsMailboxAndMovesWhatIsDone(t *testing.T) {
	t.Parallel()
	o := open(t)
	for n := range 4 {
		deliver(t, o, desk, letter(strconv.Itoa(n)))
	}
	b := box(t, o, func(c *imapbox.Config) { c.Processed = "Processed" })
	got := all(t, b, 0)
	if len(got) != 4 || !strings.HasSuffix(string(got[2].Raw), string(letter("2"))) || !strings.HasPrefix(string(got[2].Raw), "Return-Path: <"+wang+">\r\nDelivered-To: "+desk) {
		t.Fatalf("%d mails, %q", len(got), got[2].Raw)
	}
	if err := b.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.Done(t.Context(), []uint32{got[0].UID, got[2].UID, 4711}); err != nil {
		t.Fatal(err)
	}
	deliver(t, o, desk, letter("4"))
	if rest := all(t, b, got[2].UID); len(rest) != 2 {
		t.Errorf("on the same connection %d mails are after the third one, want 2", len(rest))
	}
	if rest := all(t, box(t, o, nil), 0); len(rest) != 3 {
		t.Errorf("%d mails are left, want 3", len(rest))
	}
	if moved := all(t, box(t, o, func(c *imapbox.Config) { c.Folder = "Processed" }), 0); len(moved) != 2 {
		t.Errorf("%d mails were moved, want 2", len(moved))
	}
}

func TestAMailIsToldOfAtOnce(t *testing.T) {
	t.Parallel()
	o := open(t)
	b := box(t, o, nil)
	if !b.Idles() {
		t.Fatal("it does not tell by itself")
	}
	last := uint32(0)
	for n := range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		begun, late := time.Now(), n%2 == 0
		deliverSoon := time.AfterFunc(30*time.Millisecond, func() {
			if late {
				_ = o.Deliver(wang, desk, letter("late"))
			}
		})
		if !late { // it comes before anybody waits
			deliver(t, o, desk, letter("early"))
		}
		for {
			if err := b.Wait(ctx, 8*time.Second); err != nil {
				t.Fatal(err)
			}
			got := all(t, b, last)
			if len(got) == 1 {
				last = got[0].UID
				break
			}
		}
		deliverSoon.Stop()
		cancel()
		if took := time.Since(begun); took > 4*time.Second {
			t.Fatalf("mail %d was seen after %s", n, took)
		}
	}
}

func mails(o *post.Office) *mailer.Mailer {
	a := o.Account(desk)
	return mailer.New(mailer.Options{Settings: func(context.Context) (mailer.Settings, error) {
		return mailer.Settings{
			Host: a.Host, Port: a.SMTPPort, Security: mailer.None, User: a.User, Password: a.Password, From: mailer.Address{Name: "青禾小店", Email: desk},
		}, nil
	}})
}

func TestWhatTheDeskSendsIsReadOnThePages(t *testing.T) {
	t.Parallel()
	o := open(t)
	msg := mailer.Message{To: mailer.Address{Name: "王芳", Email: "Wang.Fang+x@home.example"}, Subject: "您的订单", Text: "已发货 <script>", MessageID: "t1@shop.example"}
	if err := mails(o).Send(t.Context(), msg); err != nil {
		t.Fatal(err)
	}
	lines := o.Letters(wang)
	if len(lines) != 1 || lines[0].Subject != "您的订单" || lines[0].From != (post.Address{Name: "青禾小店", Email: desk}) || lines[0].Seen {
		t.Fatalf("got %+v", lines)
	}
	l, err := o.Letter(wang, lines[0].ID)
	if err != nil || strings.TrimSpace(l.Text) != "已发货 <script>" || l.MessageID != "t1@shop.example" {
		t.Errorf("got %+v, %v", l, err)
	}
	if !o.Letters(wang)[0].Seen {
		t.Error("it still counts as unread")
	}
	if _, err := o.Letter("li.lei@home.example", lines[0].ID); !errors.Is(err, post.ErrNoSuchLetter) {
		t.Errorf("somebody else reads it: %v", err)
	}
}

func TestNothingLeavesTheOffice(t *testing.T) {
	t.Parallel()
	o := open(t)
	var refused *mailer.Error
	err := mails(o).Send(t.Context(), mailer.Message{To: mailer.Address{Email: "a@example.org"}, Subject: "x", Text: "x"})
	if !errors.As(err, &refused) || refused.Code != 550 || refused.Step != mailer.StepRecipient {
		t.Errorf("got %v, want 550 for the recipient", err)
	}
	if err := o.Deliver(wang, "a@example.org", letter("x")); !errors.Is(err, post.ErrNoSuchDomain) {
		t.Errorf("got %v", err)
	}
	err = o.Send(post.Draft{From: post.Address{Email: wang}, To: []post.Address{{Email: desk}, {Email: "a@example.org"}}, Subject: "x", Text: "x"})
	if !errors.Is(err, post.ErrNoSuchDomain) {
		t.Errorf("got %v", err)
	}
	if got := all(t, box(t, o, nil), 0); len(got) != 0 {
		t.Errorf("%d mails came of one that went to nobody", len(got))
	}
	for _, at := range []string{o.IMAP(), o.SMTP()} {
		if host, _, _ := net.SplitHostPort(at); host != "127.0.0.1" {
			t.Errorf("it listens on %s", at)
		}
	}
}

func TestAWrongPasswordIsRefused(t *testing.T) {
	t.Parallel()
	o := open(t)
	client, err := smtp.Dial(o.SMTP())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close() //nolint:errcheck // a test's
	if err := client.Auth(smtp.PlainAuth("", desk, "another", "127.0.0.1")); err == nil || !strings.HasPrefix(err.Error(), "535") {
		t.Errorf("SMTP: got %v, want 535", err)
	}
	a := o.Account(desk)
	for _, user := range []string{desk, wang} {
		_, err = imapbox.Open(t.Context(), imapbox.Config{Host: a.Host, Port: a.IMAPPort, Security: imapbox.Plain, User: user, Password: "another"})
		var failed *imapbox.Error
		if !errors.As(err, &failed) || failed.Step != imapbox.StepSignIn {
			t.Errorf("IMAP: %s gets %v", user, err)
		}
	}
}

func TestALargeMailComesWholeAndATooLargeOneIsRefused(t *testing.T) {
	t.Parallel()
	o := open(t)
	large := append(letter("large"), bytes.Repeat([]byte("0123456789\r\n"), 24<<20/12)...)
	if err := smtp.SendMail(o.SMTP(), nil, wang, []string{desk}, large); err != nil {
		t.Fatal(err)
	}
	if got := all(t, box(t, o, nil), 0); len(got) != 1 || !bytes.HasSuffix(got[0].Raw, large) {
		t.Errorf("%d mails", len(got))
	}
	large = append(large, large...)
	if err := smtp.SendMail(o.SMTP(), nil, wang, []string{desk}, large); err == nil || !strings.HasPrefix(err.Error(), "552") {
		t.Errorf("got %v, want 552", err)
	}
	if err := o.Deliver(wang, desk, large); !errors.Is(err, post.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

func TestAFullMailboxTakesNoMore(t *testing.T) {
	t.Parallel()
	o := open(t)
	for _, to := range []string{desk, wang} {
		for range post.MaxMails {
			deliver(t, o, to, letter("x"))
		}
		if err := smtp.SendMail(o.SMTP(), nil, "a@shop.example", []string{to}, letter("x")); err == nil || !strings.HasPrefix(err.Error(), "552") {
			t.Errorf("%s: got %v, want 552", to, err)
		}
	}
}

func TestADraftArrivesWithFilesAndThread(t *testing.T) {
	t.Parallel()
	o := open(t)
	err := o.Send(post.Draft{
		From: post.Address{Name: "王芳", Email: wang}, To: []post.Address{{Name: "青禾, 小店", Email: "support+t1.abc@shop.example"}}, CC: []post.Address{{Email: "li.lei@home.example"}},
		Subject: "Re: 杯子\r\nBcc: a@example.org", Text: "漏水\n第二行", InReplyTo: "t1@shop.example", References: []string{"t0@shop.example", "bad>\r\nX-Bad: 1", "t1@shop.example"},
		Files: []post.File{{Name: "照片 1.jpg", Content: []byte{0xff, 0xd8, 0, 1}}, {Name: "a\r\nb.txt", Content: []byte("plain")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := all(t, box(t, o, nil), 0)
	if len(got) != 1 {
		t.Fatalf("%d mails", len(got))
	}
	m := eml.Parse(got[0].Raw)
	if m.From != (eml.Address{Name: "王芳", Address: wang}) || m.To[0].Address != "support+t1.abc@shop.example" || m.CC[0].Address != "li.lei@home.example" {
		t.Errorf("from %v to %v cc %v", m.From, m.To, m.CC)
	}
	if m.Subject != "Re: 杯子 Bcc: a@example.org" || strings.TrimSpace(m.Text) != "漏水\n第二行" || m.Header.Get("Bcc") != "" || m.Header.Get("X-Bad") != "" {
		t.Errorf("%q %q", m.Subject, m.Text)
	}
	if strings.Join(m.InReplyTo, " ") != "t1@shop.example" || strings.Join(m.References, " ") != "t0@shop.example t1@shop.example" {
		t.Errorf("it answers %v of %v", m.InReplyTo, m.References)
	}
	if len(m.Attachments) != 2 || m.Attachments[0].Name != "照片 1.jpg" || !bytes.Equal(m.Attachments[0].Content, []byte{0xff, 0xd8, 0, 1}) || m.Attachments[0].Type != "image/jpeg" {
		t.Errorf("the files are %+v", m.Attachments)
	}
	if own := o.Letters(wang); len(own) != 1 || !own[0].Sent {
		t.Errorf("her copy is %+v", own)
	}
	if copies := o.Letters("li.lei@home.example"); len(copies) != 1 || copies[0].Sent {
		t.Errorf("the copy is %+v", copies)
	}
}

func TestCloseEndsWhoIsConnected(t *testing.T) {
	t.Parallel()
	o := open(t)
	b := box(t, o, nil)
	waited := make(chan error, 1)
	go func() { waited <- b.Wait(t.Context(), time.Minute) }()
	client, err := smtp.Dial(o.SMTP())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close() //nolint:errcheck // a test's
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; err == nil {
		t.Error("nobody told the waiting desk")
	}
	if err := client.Noop(); err == nil {
		t.Error("SMTP goes on")
	}
}

// A client that counts by what it is told would be wrong about every later mail.
func TestAMoveIsToldOnceForEachMail(t *testing.T) {
	t.Parallel()
	o := open(t)
	for n := range 3 {
		deliver(t, o, desk, letter(strconv.Itoa(n)))
	}
	conn, err := textproto.Dial("tcp", o.IMAP())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // a test's
	say := func(line string) (told []string) {
		t.Helper()
		if err := conn.PrintfLine("a %s", line); err != nil {
			t.Fatal(err)
		}
		for {
			said, err := conn.ReadLine()
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(said, "a ") {
				if !strings.HasPrefix(said, "a OK") {
					t.Fatalf("%s: %s", line, said)
				}
				return told
			}
			if strings.HasSuffix(said, "EXPUNGE") {
				told = append(told, said)
			}
		}
	}
	say(`LOGIN "` + desk + `" "a demo's"`)
	say("CREATE Processed")
	say("SELECT INBOX")
	if told := say("UID MOVE 1,3 Processed"); strings.Join(told, ", ") != "* 3 EXPUNGE, * 1 EXPUNGE" {
		t.Errorf("it says %q", told)
	}
	if told := say("NOOP"); len(told) > 0 {
		t.Errorf("and later %q", told)
	}
}

// The mail is gone then, and UIDs begin again.
func TestADeskKnowsThatTheOfficeWasOpenedAgain(t *testing.T) {
	t.Parallel()
	first := box(t, openAt(t, func() time.Time { return time.Unix(1_800_000_000, 0) }), nil).UIDValidity()
	if second := box(t, openAt(t, func() time.Time { return time.Unix(1_800_000_002, 0) }), nil).UIDValidity(); second <= first {
		t.Errorf("UIDVALIDITY %d after %d", second, first)
	}
}
