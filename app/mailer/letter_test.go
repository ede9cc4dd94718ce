package mailer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"net/mail"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"huiyin/app/mailer"
	"huiyin/app/mailer/mailertest"
	"huiyin/mailin/eml"
)

// answer is a letter as a desk writes it.
func answer() mailer.Letter {
	return mailer.Letter{
		From: mailer.Address{Name: "青禾客服", Email: "help@shop.test"}, ReplyTo: []mailer.Address{{Email: "help+t1024@shop.test"}},
		To: []mailer.Address{{Name: "王芳", Email: "wang@home.test"}}, CC: []mailer.Address{{Name: "O'Neil, Jo", Email: "jo@home.test"}},
		BCC: []mailer.Address{{Name: "秘书", Email: "boss@shop.test"}}, Subject: "Re: 我的订单 [#1024]", Text: "您好,\n已发货。\n", HTML: "<p>您好</p>",
		MessageID: "t1024.3.x@shop.test", InReplyTo: "c2@home.test", References: []string{"c1@home.test", "<c2@home.test>"},
		Date: time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC),
	}
}

func file(name, content string) mailer.File {
	return mailer.File{Name: name, Type: "text/plain", Size: int64(len(content)), Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

func deliver(t *testing.T, set mailer.Settings, o mailer.Options, l mailer.Letter) (mailer.Outcome, *mailer.Error) {
	t.Helper()
	o.Waits = mailer.Waits{Connect: time.Second, TLS: time.Second, Answer: time.Second, Data: 5 * time.Second}
	out, err := mailer.New(o).Deliver(bg, set, l)
	return out, asError(t, err)
}

// compose gives a letter as the world reads it, and as it is.
func compose(t *testing.T, l mailer.Letter) (*eml.Message, []byte) {
	t.Helper()
	raw, err := mailer.Compose(l)
	if err != nil {
		t.Fatal(err)
	}
	m := eml.Parse(raw)
	if len(m.Defects) > 0 {
		t.Errorf("the mail has defects: %v", m.Defects)
	}
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line of %d bytes: %.100q", len(line), line)
		}
	}
	return m, raw
}

func TestALetterReachesAllItsPeopleAndTheHeadersHideTheBlindOnes(t *testing.T) {
	t.Parallel()
	server := mailertest.Start(t, mailertest.Options{})
	l := answer()
	l.CC = append(l.CC, mailer.Address{Email: "WANG@home.test"}) // again
	out, e := deliver(t, server.Settings(), mailer.Options{}, l)
	if e != nil {
		t.Fatal(e)
	}
	m := server.Wait(1)[0]
	if want := "help@shop.test > wang@home.test jo@home.test boss@shop.test"; m.From+" > "+strings.Join(m.To, " ") != want {
		t.Errorf("got the envelope %s %v, want %s", m.From, m.To, want)
	}
	if bytes.Contains(m.Raw, []byte("boss")) || bytes.Contains(m.Raw, []byte("Bcc")) {
		t.Error("the blind copy stands in the mail")
	}
	for i, r := range out.Recipients {
		if !r.Accepted || r.Kind != "" || r.Address != m.To[i] {
			t.Errorf("got %+v", r)
		}
	}
	if out.MessageID != l.MessageID || len(out.Recipients) != 3 || out.Said == "" {
		t.Errorf("got %+v", out)
	}
	got, _ := compose(t, l)
	for what, pair := range map[string][2]string{
		"from": {fmt.Sprint(got.From), "{青禾客服 help@shop.test}"}, "reply-to": {fmt.Sprint(got.ReplyTo), "[{ help+t1024@shop.test}]"},
		"to": {fmt.Sprint(got.To), "[{王芳 wang@home.test}]"}, "cc": {fmt.Sprint(got.CC), "[{O'Neil, Jo jo@home.test} { WANG@home.test}]"},
		"subject": {got.Subject, l.Subject}, "text": {got.Text + "\n", l.Text}, "html": {got.HTML, l.HTML}, "id": {got.MessageID, l.MessageID},
		"in-reply-to": {strings.Join(got.InReplyTo, " "), "c2@home.test"}, "references": {strings.Join(got.References, " "), "c1@home.test c2@home.test"},
		"date": {got.Date.UTC().String(), l.Date.String()},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %q, want %q", what, pair[0], pair[1])
		}
	}
}

func TestARefusedRecipientIsToldAndTheOthersGetTheMail(t *testing.T) {
	t.Parallel()
	server := mailertest.Start(t, mailertest.Options{Answer: func(step mailer.Step, what string) error {
		switch {
		case step == mailer.StepRecipient && what == "wang@home.test":
			return mailertest.Say(550, "5.1.1 <wang@home.test> is not here")
		case step == mailer.StepRecipient && what == "jo@home.test":
			return mailertest.Say(450, "4.2.1 greylisted")
		}
		return nil
	}})
	l := answer()
	l.BCC = append(l.BCC, mailer.Address{Email: "no address"}, mailer.Address{Email: "a@b.test>\r\nRCPT TO:<c@d.test"}, mailer.Address{Email: "王@home.test"})
	out, e := deliver(t, server.Settings(), mailer.Options{}, l)
	if e != nil {
		t.Fatal(e)
	}
	want := []mailer.Recipient{
		{Address: "wang@home.test", Kind: mailer.Refused, Code: 550, Enhanced: "5.1.1", Detail: "5.1.1 <…> is not here"},
		{Address: "jo@home.test", Kind: mailer.Refused, Code: 450, Enhanced: "4.2.1", Detail: "4.2.1 greylisted"},
		{Address: "boss@shop.test", Accepted: true},
		{Address: "no address", Kind: mailer.Invalid},
		{Address: "a@b.test>\r\nRCPT TO:<c@d.test", Kind: mailer.Invalid},
		{Address: "王@home.test", Kind: mailer.Unsupported, Detail: "SMTPUTF8"},
	}
	if !slices.Equal(out.Recipients, want) {
		t.Errorf("got  %+v\nwant %+v", out.Recipients, want)
	}
	for i, lasts := range []bool{true, false, false, true, true, true} {
		if out.Recipients[i].Lasting() != lasts {
			t.Errorf("%s: got lasting %t", out.Recipients[i].Address, !lasts)
		}
	}
	if to := server.Wait(1)[0].To; !slices.Equal(to, []string{"boss@shop.test"}) {
		t.Errorf("the mail went to %v", to)
	}
}

func TestALetterThatNobodyIsTakenForFailsAndALaterTryMayHelpIfItHelpsOne(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		first, second int
		code          int
	}{{550, 450, 450}, {450, 550, 450}, {550, 551, 550}, {421, 550, 421}, {421, 0, 421}} {
		server := mailertest.Start(t, mailertest.Options{Answer: func(step mailer.Step, what string) error {
			switch {
			case step == mailer.StepRecipient && what == "wang@home.test":
				return mailertest.Say(one.first, "no")
			case step == mailer.StepRecipient && one.second != 0:
				return mailertest.Say(one.second, "no")
			}
			return nil
		}})
		l := answer()
		l.BCC = nil
		out, e := deliver(t, server.Settings(), mailer.Options{}, l)
		failed(t, e, mailer.StepRecipient, mailer.Refused, one.code)
		if e.Unsure || len(out.Recipients) != 2 || out.Recipients[0].Accepted || out.Recipients[1].Accepted || len(server.Mails()) > 0 {
			t.Errorf("got %+v", out)
		}
	}
}

func TestAnotherTryGoesOnlyToThoseWhoDidNotGetTheMail(t *testing.T) {
	t.Parallel()
	server := mailertest.Start(t, mailertest.Options{})
	l := answer()
	l.Only = []string{"jo@home.test"}
	out, e := deliver(t, server.Settings(), mailer.Options{}, l)
	if e != nil || len(out.Recipients) != 1 {
		t.Fatalf("got %+v, %v", out, e)
	}
	m := server.Wait(1)[0]
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != "wang@home.test" || !slices.Equal(m.To, []string{"jo@home.test"}) {
		t.Errorf("got the envelope %v, the header %v, %v", m.To, to, err)
	}
	l.Only = []string{"somebody@else.test"}
	if _, e = deliver(t, server.Settings(), mailer.Options{}, l); e == nil || e.Kind != mailer.Invalid {
		t.Errorf("a letter for nobody: %v", e)
	}
}

func TestAConnectionLostAfterTheMailsEndLeavesItUnsure(t *testing.T) {
	t.Parallel()
	for word, unsure := range map[string]bool{"DATA": false, ".": true} {
		out, e := deliver(t, mailertest.Scripted(t, map[string]string{word: "DROP"}), mailer.Options{}, answer())
		failed(t, e, mailer.StepData, mailer.Dropped, 0)
		if e.Unsure != unsure || out.MessageID == "" || len(out.Recipients) != 3 || out.Recipients[0].Accepted {
			t.Errorf("%s: got %+v, %+v", word, e, out)
		}
	}
}

func TestWhatTheServerSaidOfItsOwnIDIsKept(t *testing.T) {
	t.Parallel()
	out, e := deliver(t, mailertest.Scripted(t, map[string]string{".": "250 2.0.0 OK <01a@eu.mails.test>"}), mailer.Options{}, answer())
	if e != nil || out.Said != "2.0.0 OK <01a@eu.mails.test>" {
		t.Errorf("got %q, %v", out.Said, e)
	}
}

func TestAnAutomaticMailSaysSoAndNothingComesBack(t *testing.T) {
	t.Parallel()
	server := mailertest.Start(t, mailertest.Options{})
	l := answer()
	l.Automatic, l.EnvelopeFrom = true, "bounces@shop.test"
	if _, e := deliver(t, server.Settings(), mailer.Options{}, l); e != nil {
		t.Fatal(e)
	}
	m := server.Wait(1)[0]
	if m.From != "" || m.Header.Get("Auto-Submitted") != "auto-replied" || m.Header.Get("X-Auto-Response-Suppress") != "All" || m.Header.Get("Precedence") == "" {
		t.Errorf("got the sender %q, headers %v", m.From, m.Header)
	}
	if got, _ := compose(t, l); got.Auto == "" {
		t.Error("intake does not see that it is automatic")
	}
	l.Headers = map[string]string{"auto-submitted": "no"}
	if _, e := deliver(t, server.Settings(), mailer.Options{}, l); e == nil || e.Detail != "headers" {
		t.Errorf("it may deny it: %v", e)
	}
	l.Automatic, l.Headers = false, nil
	if _, e := deliver(t, server.Settings(), mailer.Options{}, l); e != nil {
		t.Fatal(e)
	}
	if m := server.Wait(2)[1]; m.From != "bounces@shop.test" || m.Header.Get("Auto-Submitted") != "" {
		t.Errorf("got the sender %q, headers %v", m.From, m.Header)
	}
}

func TestATokenSignsInAndItsRefusalTellsWhy(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"XOAUTH2", "OAUTHBEARER"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			server := mailertest.Start(t, mailertest.Options{Ways: []string{"PLAIN", way}, Answer: func(step mailer.Step, what string) error {
				if step == mailer.StepSignIn && what != "token-that-holds" {
					return mailertest.Say(535, "5.7.8 not accepted: "+what)
				}
				return nil
			}})
			set, asked := server.Settings(), 0
			set.Password = ""
			set.Token = func(context.Context) (string, error) { asked++; return "token-that-holds", nil }
			if _, e := deliver(t, set, mailer.Options{}, answer()); e != nil || asked != 1 || !slices.Equal(server.Users(), []string{set.User}) {
				t.Fatalf("got %v, asked %d times, users %v", e, asked, server.Users())
			}
			set.Token = func(context.Context) (string, error) { return "token-that-is-over", nil }
			_, e := deliver(t, set, mailer.Options{}, answer())
			failed(t, e, mailer.StepSignIn, mailer.Refused, 535)
			if !strings.Contains(e.Detail, `"status":"401"`) || !strings.Contains(e.Detail, "not accepted: …") || e.Enhanced != "5.7.8" {
				t.Errorf("got %q, %q", e.Detail, e.Enhanced)
			}
		})
	}
}

func TestWithoutATokenNobodyConnects(t *testing.T) {
	t.Parallel()
	set := mailertest.Scripted(t, map[string]string{"": "HANG"})
	down := errors.New("the provider is down")
	for _, one := range []struct {
		token string
		err   error
	}{{"", down}, {"", nil}, {"two\r\nlines", nil}} {
		set.Token = func(context.Context) (string, error) { return one.token, one.err }
		_, e := deliver(t, set, mailer.Options{}, answer())
		failed(t, e, mailer.StepSignIn, mailer.NoToken, 0)
		if e.Lasting() || !errors.Is(e, one.err) && one.err != nil {
			t.Errorf("got %+v", e)
		}
	}
	set = mailertest.Start(t, mailertest.Options{}).Settings()
	set.Token = func(context.Context) (string, error) { return "token-that-holds", nil }
	_, e := deliver(t, set, mailer.Options{}, answer())
	failed(t, e, mailer.StepSignIn, mailer.Unsupported, 0)
}

func TestAddressesBeyondASCII(t *testing.T) {
	t.Parallel()
	plain, modern := mailertest.Start(t, mailertest.Options{}), mailertest.Start(t, mailertest.Options{UTF8: true})
	l := answer()
	l.CC, l.BCC = []mailer.Address{{Email: "jo@bücher.test"}}, nil
	for _, server := range []*mailertest.Server{plain, modern} { // a domain has its form in ASCII
		if _, e := deliver(t, server.Settings(), mailer.Options{}, l); e != nil {
			t.Fatal(e)
		}
		m := server.Wait(1)[0]
		if cc := m.Header.Get("Cc"); m.To[1] != "jo@xn--bcher-kva.test" || cc != "<jo@xn--bcher-kva.test>" || m.UTF8 {
			t.Errorf("got %v, %s, UTF-8 %t", m.To, cc, m.UTF8)
		}
	}
	l.CC = []mailer.Address{{Name: "李雷", Email: "李雷@bücher.test"}}
	for _, server := range []*mailertest.Server{plain, modern} {
		if _, e := deliver(t, server.Settings(), mailer.Options{}, l); e != nil {
			t.Fatal(e)
		}
	}
	if m := plain.Wait(2)[1]; m.UTF8 || slices.ContainsFunc(m.Raw, func(b byte) bool { return b >= 0x80 }) {
		t.Errorf("a server that takes ASCII got %q", m.Header.Get("Cc"))
	} else if cc, err := m.Header.AddressList("Cc"); len(cc) > 0 || !strings.HasSuffix(m.Header.Get("Cc"), ":;") {
		t.Errorf("got %v, %v", cc, err)
	}
	if m := modern.Wait(2)[1]; !m.UTF8 || m.To[1] != "李雷@xn--bcher-kva.test" || !strings.Contains(m.Header.Get("Cc"), "<李雷@xn--bcher-kva.test>") {
		t.Errorf("got %v, %s, UTF-8 %t", m.To, m.Header.Get("Cc"), m.UTF8)
	}
	l = answer()
	l.From.Email = "客服@shop.test"
	_, e := deliver(t, plain.Settings(), mailer.Options{}, l)
	failed(t, e, mailer.StepSender, mailer.Unsupported, 0)
}

func TestFortyReferencesAreFoldedAndStrangersIDsBreakNothing(t *testing.T) {
	t.Parallel()
	l := answer()
	l.References = nil
	for i := range 40 {
		l.References = append(l.References, fmt.Sprintf("%d.%s@mail.home.test", i, strings.Repeat("x", 10+i%50)))
	}
	m, raw := compose(t, l)
	if !slices.Equal(m.References, l.References) {
		t.Errorf("got %v", m.References)
	}
	head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	for line := range strings.SplitSeq(head, "\r\n") {
		if len(line) > 78 {
			t.Errorf("a line of %d bytes: %s", len(line), line)
		}
	}
	kept := strings.Repeat("y", 800) + "@long.test"
	l.References = []string{"first@home.test", "with space@home.test", "a@b>\r\nBcc: <c@d.test", "", strings.Repeat("z", 999), "no-at-sign", kept, "é@home.test"}
	if m, _ = compose(t, l); !slices.Equal(m.References, []string{"first@home.test", "no-at-sign", kept}) {
		t.Errorf("got %v", m.References)
	}
	l.References = nil
	for i := range 500 {
		l.References = append(l.References, fmt.Sprintf("%d@home.test", i))
	}
	if m, _ = compose(t, l); len(m.References) != 50 || m.References[0] != "0@home.test" || m.References[49] != "499@home.test" {
		t.Errorf("got %d: %v", len(m.References), m.References)
	}
}

func TestFilesArriveWithTheirNamesAndPicturesStandInThePage(t *testing.T) {
	t.Parallel()
	l := answer()
	long := strings.Repeat("退货单据说明", 12) + ".pdf"
	picture := file("图.png", "PNG")
	picture.Type, picture.Inline, picture.ContentID = "image/png", true, "pic1@shop.test"
	rfc822 := file("mail.eml", "From: a\r\n\r\nb")
	rfc822.Type = "message/rfc822"
	l.Files = []mailer.File{file(`C:\a "b"; c=1.txt`, strings.Repeat("x", 10_000)), file(long, "y"), picture, rfc822, file("", "w")}
	m, raw := compose(t, l)
	var got []string
	for _, a := range m.Attachments {
		got = append(got, fmt.Sprintf("%s|%s|%d|%t|%s", a.Name, a.Type, len(a.Content), a.Inline, a.ContentID))
	}
	slices.Sort(got)
	want := []string{
		`C:_a "b"; c=1.txt|text/plain|10000|false|`, long + "|text/plain|1|false|", "图.png|image/png|3|true|pic1@shop.test",
		"mail.eml|application/octet-stream|12|false|", "file|text/plain|1|false|",
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if m.Text+"\n" != l.Text || m.HTML != l.HTML {
		t.Errorf("got the text %q, HTML %q", m.Text, m.HTML)
	}
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		if len(line) > 78 {
			t.Errorf("a line of %d bytes: %s", len(line), line)
		}
	}
}

// zeros is a file of zeros that is never held.
func zeros(n int64) mailer.File {
	return mailer.File{Name: "z", Size: n, Open: func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(zero{}, n)), nil }}
}

type zero struct{}

func (zero) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestALongMailStreamsAndATooLongOneIsNotBegun(t *testing.T) {
	server := mailertest.Scripted(t, nil)
	l := answer()
	l.Files = []mailer.File{zeros(18 << 20)}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, e := deliver(t, server, mailer.Options{}, l); e != nil {
		t.Fatal(e)
	}
	runtime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 40 { // of it the test's server reads 25 MiB, line by line
		t.Errorf("%d MiB were taken", n)
	}
	l.Files = []mailer.File{zeros(10 << 20), zeros(10 << 20)}
	never := mailertest.Scripted(t, map[string]string{"": "HANG"})
	_, e := deliver(t, never, mailer.Options{}, l)
	failed(t, e, mailer.StepSettings, mailer.TooLarge, 0)
	if !e.Lasting() {
		t.Error("it is tried again")
	}
	small := mailertest.Scripted(t, map[string]string{"EHLO": "250-mx.test\r\n250-SIZE 1000000\r\n250 AUTH PLAIN", "MAIL": "HANG"})
	l.Files = []mailer.File{zeros(1 << 20)}
	_, e = deliver(t, small, mailer.Options{}, l)
	failed(t, e, mailer.StepSender, mailer.TooLarge, 0)
}

func TestAMailWhoseFileFailsIsNotSentInPart(t *testing.T) {
	t.Parallel()
	gone := errors.New("the store is gone")
	whole := file("a.txt", strings.Repeat("x", 200_000))
	opening, reading, torn, unknown := whole, whole, whole, zeros(30<<20)
	opening.Open = func() (io.ReadCloser, error) { return nil, gone }
	reading.Open = func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader(strings.Repeat("x", 100_000)), failing{gone})), nil
	}
	torn.Size++
	unknown.Size = 0
	for name, f := range map[string]mailer.File{"opening": opening, "reading": reading, "torn": torn, "too long": unknown} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var ended atomic.Bool
			server := mailertest.Start(t, mailertest.Options{Answer: func(step mailer.Step, _ string) error {
				if step == mailer.StepData {
					ended.Store(true)
				}
				return nil
			}})
			l := answer()
			l.Files = []mailer.File{whole, f}
			out, e := deliver(t, server.Settings(), mailer.Options{}, l)
			switch {
			case e == nil || e.Unsure || ended.Load() || out.Recipients[0].Accepted:
				t.Fatalf("got %+v, the mail was ended: %t", e, ended.Load())
			case name == "too long" && (e.Kind != mailer.TooLarge || !e.Lasting()):
				t.Errorf("got %+v", e)
			case name != "too long" && (e.Kind != mailer.Unreadable || e.Lasting()):
				t.Errorf("got %+v", e)
			case name == "opening" || name == "reading":
				if !errors.Is(e, gone) || strings.Contains(e.Error(), "store") {
					t.Errorf("got %v", e)
				}
			}
			if _, err := mailer.Compose(l); err == nil {
				t.Error("it can be composed")
			}
		})
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestALetterThatCannotBeSentNamesItsField(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*mailer.Letter){
		"from":          func(l *mailer.Letter) { l.From.Email = "a@b.test>\r\nX: y" },
		"reply_to":      func(l *mailer.Letter) { l.ReplyTo = []mailer.Address{{Email: "a b"}} },
		"envelope_from": func(l *mailer.Letter) { l.EnvelopeFrom = "a@b.test> SIZE=1" },
		"message_id":    func(l *mailer.Letter) { l.MessageID = "a@b>\r\nBcc: <c@d.test" },
		"headers":       func(l *mailer.Letter) { l.Headers = map[string]string{"rEPLY-tO": "a@b.test"} },
		"text":          func(l *mailer.Letter) { l.Text, l.HTML = "", "" },
		"files":         func(l *mailer.Letter) { l.Files = []mailer.File{{Name: "a"}} },
	} {
		l := answer()
		change(&l)
		_, err := mailer.Compose(l)
		if e := asError(t, err); e == nil || e.Kind != mailer.Invalid || e.Detail != field {
			t.Errorf("%s: got %+v", field, e)
		}
	}
}

// TestWhateverIsWrittenTheHeadersAreTheExpectedOnes writes letters of random strings with what breaks mails among them.
func TestWhateverIsWrittenTheHeadersAreTheExpectedOnes(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 1))
	pieces := []string{
		"\r\n", "\n", "\r", "\r\n\r\n", "\x00", "\t", " ", "  ", "Bcc: evil@x.test", "Subject: x", ": ", ";", ",", "<", ">", "@", `"`, `\`, "(", ")", "=?", "?=",
		"=?utf-8?q?=0D=0ABcc:_x?=", "客服", "é", "😀", "\u2028", "\u0085", "\xff\xfe", "\x7f", "--", ".", "%0D%0A", "*=utf-8''", "'", "a", "word", strings.Repeat("w", 90), strings.Repeat("长", 400), strings.Repeat("v", 1200),
	}
	text := func() string {
		var b strings.Builder
		for range random.IntN(8) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		return b.String()
	}
	for n := range 500 {
		l := answer()
		l.From.Name, l.To[0].Name, l.CC[0].Name, l.Subject = text(), text(), text(), text()
		l.Text, l.HTML, l.InReplyTo, l.References = text()+"x", text(), text(), []string{text(), text()}
		l.Headers = map[string]string{"X-Desk": text()}
		l.Files = []mailer.File{file(text(), text())}
		l.Files[0].Type, l.Files[0].Size = text(), 0
		raw, err := mailer.Compose(l)
		if err != nil {
			t.Fatalf("seed %d, %d: %v", seed, n, err)
		}
		wrong := func(what, got, want string) {
			if got != want {
				t.Errorf("seed %d, %d: %s: got %q, want %q", seed, n, what, got, want)
			}
		}
		in, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("seed %d, %d: %v\n%s", seed, n, err, raw)
		}
		for name, values := range in.Header {
			known := " Date From Reply-To To Cc Subject Message-Id In-Reply-To References X-Desk Mime-Version Content-Type "
			if len(values) != 1 || !strings.Contains(known, " "+name+" ") {
				t.Errorf("seed %d, %d: the header %s: %q", seed, n, name, values)
			}
		}
		for header, name := range map[string]string{"From": l.From.Name, "To": l.To[0].Name, "Cc": l.CC[0].Name} {
			list, err := in.Header.AddressList(header)
			if err != nil || len(list) != 1 {
				t.Fatalf("seed %d, %d: %s: %v, %v", seed, n, in.Header.Get(header), list, err)
			}
			wrong(header, list[0].Name, line(name))
		}
		for header, value := range map[string]string{"Subject": l.Subject, "X-Desk": l.Headers["X-Desk"]} {
			got, err := new(mime.WordDecoder).DecodeHeader(in.Header.Get(header))
			if err != nil {
				t.Fatalf("seed %d, %d: %s: %v", seed, n, header, err)
			}
			wrong(header, got, line(value))
		}
		name := strings.NewReplacer("/", "_", `\`, "_").Replace(line(l.Files[0].Name))
		if name == "" {
			name = "file"
		}
		wrong("a file's name", nameOfFile(t, in), name)
		m := eml.Parse(raw) // forgiving, it reads the names of some odd ones differently
		wrong("intake's people", fmt.Sprint(m.From.Address, emails(m.To), emails(m.CC)), "help@shop.test[wang@home.test] [jo@home.test]")
		wrong("intake's subject", m.Subject, line(l.Subject))
		if len(m.Attachments) != 1 {
			t.Errorf("seed %d, %d: intake has %d files", seed, n, len(m.Attachments))
		}
		for line := range strings.SplitSeq(string(raw), "\r\n") {
			if len(line) > 998 || strings.ContainsAny(line, "\r\n\x00") {
				t.Errorf("seed %d, %d: a line of %d bytes: %.100q", seed, n, len(line), line)
			}
		}
	}
}

func emails(list []eml.Address) (out []string) {
	for _, a := range list {
		out = append(out, a.Address)
	}
	return out
}

// nameOfFile is the name of the last part of a mail, after the parts of RFC 2046 and the parameters of RFC 2231.
func nameOfFile(t *testing.T, in *mail.Message) (name string) {
	t.Helper()
	_, params, err := mime.ParseMediaType(in.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	for parts := multipart.NewReader(in.Body, params["boundary"]); ; {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return name
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, params, err = mime.ParseMediaType(part.Header.Get("Content-Disposition")); err == nil {
			name = params["filename"]
		}
	}
}

// line is what a header makes of a text.
func line(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), func(r rune) bool {
		return r == ' ' || unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	}), " ")
}
