package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/files"
	"huiyin/mailin"
	"huiyin/mailin/imapbox"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// letters is a desk that takes mails, with one e-mail inbox.
type letters struct {
	*desk
	box  *tickets.Inbox
	uids uint32
	b    *browser
}

func newLetters(t *testing.T) *letters {
	t.Helper()
	l := &letters{desk: newDesk(t)}
	var err error
	l.box, err = l.tickets.CreateInbox(t.Context(), tickets.NewInbox{Channel: tickets.ChannelEmail, Name: "客服邮箱"})
	must(t, err)
	must(t, l.boxes.Save(t.Context(), mailin.Account{InboxID: l.box.ID, Address: "support@shop.test", IMAP: mailin.Server{Host: "imap.shop.test"}}))
	l.b = l.signedIn(l.agent("wang", "王芳", tickets.RoleAgent))
	return l
}

// come lets a mail come and gives the ticket that it stands in and its message.
func (l *letters) come(raw string) (*tickets.Ticket, *tickets.Message) {
	l.t.Helper()
	l.uids++
	raw = strings.ReplaceAll(raw, "\n", "\r\n")
	must(l.t, l.boxes.Keep(l.t.Context(), l.box.ID, 1, imapbox.Mail{UID: l.uids, Raw: []byte(raw), At: time.Now(), Size: int64(len(raw))}))
	for n := 1; n > 0; {
		var err error
		n, err = l.boxes.Process(l.t.Context())
		must(l.t, err)
	}
	var ticket, message int64
	must(l.t, l.db.Read(l.t.Context()).Raw(`SELECT m.ticket_id, m.id FROM messages m JOIN mail_messages x ON x.message_id = m.id ORDER BY m.id DESC LIMIT 1`).Row().Scan(&ticket, &message))
	t, err := l.tickets.Ticket(l.t.Context(), id.ID(ticket))
	must(l.t, err)
	m, err := l.tickets.MessageIn(l.t.Context(), t.ID, id.ID(message))
	must(l.t, err)
	return t, m
}

func messagePath(t *tickets.Ticket, m *tickets.Message) string {
	return ticketPath(t.Number) + "/messages/" + m.ID.String()
}

// dot is a picture of one pixel.
const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// shopMail is a mail with all that a head can have.
const shopMail = `Message-ID: <one@mail.example>
From: "Zhang San" <zhang@mail.example>
To: support@shop.test, a@x.example, b@x.example, c@x.example, d@x.example
Cc: "The boss" <boss@x.example>
Subject: =?utf-8?B?5rC05p2v5ryP5rC0?=
Date: Thu, 26 Nov 2026 10:00:00 +0800
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=out

--out
Content-Type: multipart/related; boundary=in

--in
Content-Type: multipart/alternative; boundary=alt

--alt
Content-Type: text/plain; charset=utf-8

It leaks.

On Wed, 25 Nov 2026 at 09:00, Shop <support@shop.test> wrote:
> How is the cup?

--alt
Content-Type: text/html; charset=utf-8

<p>It <b>leaks</b>.</p><img src="cid:pic@x"><img src="https://away.example/1.png"><img src="https://away.example/2.png"><script>alert(1)</script>
--alt--
--in
Content-Type: image/png; name=inside.png
Content-ID: <pic@x>
Content-Disposition: inline; filename=inside.png
Content-Transfer-Encoding: base64

` + dot + `
--in--
--out
Content-Type: image/png; name=beside.png
Content-Disposition: attachment; filename=beside.png
Content-Transfer-Encoding: base64

` + dot + `
--out
Content-Type: application/octet-stream; name=run.exe
Content-Disposition: attachment; filename=run.exe
Content-Transfer-Encoding: base64

TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==
--out--
`

func TestAMailShowsItsHeadInTheThread(t *testing.T) {
	t.Parallel()
	l := newLetters(t)
	ticket, m := l.come(shopMail)
	page := l.b.get(ticketPath(ticket.Number)).body
	for _, want := range []string{
		">Zhang San</bdi>", ">zhang@mail.example</bdi>", "<bdi>support@shop.test</bdi>", "2 more", "<bdi>The boss &lt;boss@x.example&gt;</bdi>",
		"takes part now</p>", ", The boss takes part now</p>", "A new mail: nothing in it led to a ticket", "run.exe", messagePath(ticket, m) + "/text", messagePath(ticket, m) + "/original", messagePath(ticket, m) + "/raw", "1 picture of the mail",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the thread lacks %s", want)
		}
	}
	if n := strings.Count(page, "takes part now</p>"); n != 1 {
		t.Errorf("%d lines say who takes part, want one", n)
	}
	for _, wrong := range []string{"Subject changed", "only its beginning", "How is the cup", "alert(1)", "away.example"} {
		if strings.Contains(page, wrong) {
			t.Errorf("the thread has %s", wrong)
		}
	}
	if at, folded := strings.Index(page, "inside.png"), strings.Index(page, `class="letter-rest"`); at < folded || strings.Index(page, "beside.png") > folded {
		t.Error("the picture in the text is not folded, or the one beside it is")
	}
	one := l.b.get(messagePath(ticket, m))
	if one.status != http.StatusOK || !strings.HasPrefix(one.body, "<article") || !strings.Contains(one.body, "zhang@mail.example") {
		t.Errorf("the message alone: %d %s", one.status, one.body)
	}
	if text := l.b.get(messagePath(ticket, m) + "/text").body; !strings.Contains(text, "How is the cup?") {
		t.Errorf("the whole text: %s", text)
	}
	l.come(strings.NewReplacer("<one@mail.example>", "<two@mail.example>\nReferences: <one@mail.example>", "=?utf-8?B?5rC05p2v5ryP5rC0?=", "Something else, see [#99]").Replace(shopMail))
	if page := l.b.get(ticketPath(ticket.Number)).body; !strings.Contains(page, "Subject changed: <bdi>Something else, see [#99]</bdi>") {
		t.Error("that the subject changed is not said")
	}
}

func TestSubjectsAreTheSameWhateverProgramsAddToThem(t *testing.T) {
	t.Parallel()
	for mail, same := range map[string]bool{
		"水杯漏水": true, "Re: 水杯漏水": true, "RE: re: Fwd: 水杯漏水": true, "回复：水杯漏水": true, "答复: 转发：水杯漏水": true, "Re: [#1001] 水杯漏水": true, "Re[2]: 水杯漏水 [#1001]": true, "AW: 水杯漏水": true, "": true, "Re:": true,
		"水杯": false, "退款": false, "Re 水杯漏水": false, "Regarding: 水杯漏水": false,
	} {
		if got := sameSubject(mail, "水杯漏水"); got != same {
			t.Errorf("%q: %v", mail, got)
		}
	}
	if !sameSubject("a long subject that goes on", "a long subject…") || sameSubject("Short", "A long…") {
		t.Error("a subject that was cut")
	}
}

func TestTheOriginalStandsBehindItsWalls(t *testing.T) {
	t.Parallel()
	l := newLetters(t)
	ticket, m := l.come(shopMail)
	part := l.b.get(messagePath(ticket, m) + "/original").body
	if !strings.Contains(part, "2 pictures of other servers are not shown") || !strings.Contains(part, `sandbox="`+mailSandbox+`"`) || strings.Contains(part, "allow-same-origin") || strings.Contains(part, "allow-scripts") {
		t.Errorf("the part: %s", part)
	}
	if got := l.b.get(ticketPath(ticket.Number)).header.Get("Content-Security-Policy"); !strings.Contains(got, "frame-src 'self';") {
		t.Errorf("the console's policy: %s", got)
	}
	for query, pictures := range map[string]string{"": l.http.URL + "/files/ data:;", "?remote=1": l.http.URL + "/files/ data: https:;"} {
		r := l.b.get(messagePath(ticket, m) + "/mail" + query)
		want := map[string]string{
			"Content-Security-Policy": "default-src 'none'; img-src " + pictures + " style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox " + mailSandbox,
			"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "private, no-store", "Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "",
		}
		for name, value := range want {
			if got := r.header.Get(name); got != value {
				t.Errorf("%s: %s is %q, want %q", query, name, got, value)
			}
		}
		if strings.Contains(r.body, "<script") || strings.Contains(r.body, "alert(1)") || strings.Contains(r.body, ` src="https://away.example`) != (query != "") {
			t.Errorf("%s: %s", query, r.body)
		}
		src := regexp.MustCompile(` src="` + l.http.URL + `(/files/[^"]+)"`).FindStringSubmatch(r.body)
		if src == nil {
			t.Fatalf("the picture that came with it is not there: %s", r.body)
		}
		if p := l.browser().get(src[1]); p.status != http.StatusOK || p.header.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Errorf("the picture: %d %v", p.status, p.header)
		}
	}
}

func TestTheMailAsItCameIsDownloaded(t *testing.T) {
	t.Parallel()
	l := newLetters(t)
	ticket, m := l.come(shopMail)
	r := l.b.get(messagePath(ticket, m) + "/raw")
	if r.body != strings.ReplaceAll(shopMail, "\n", "\r\n") || r.header.Get("Content-Disposition") != fmt.Sprintf("attachment; filename=%d-%d.eml", ticket.Number, m.Pos) ||
		r.header.Get("X-Content-Type-Options") != "nosniff" || r.header.Get("Content-Security-Policy") != filePolicy {
		t.Errorf("%v", r.header)
	}
	must(t, l.db.Write(t.Context(), func(tx *gorm.DB) error { return tx.Exec(`UPDATE mail_incoming SET key_id = 0`).Error }))
	if r := l.b.get(messagePath(ticket, m) + "/raw"); r.status != http.StatusNotFound {
		t.Errorf("after it was deleted: %d", r.status)
	}
	if page := l.b.get(ticketPath(ticket.Number)).body; strings.Contains(page, "/raw") {
		t.Error("what is gone is offered")
	}
}

func TestMailsAreShownOnlyInTheirTicketAndToAgents(t *testing.T) {
	t.Parallel()
	l := newLetters(t)
	ticket, m := l.come(shopMail)
	other, _ := l.come(strings.NewReplacer("<one@", "<three@", "zhang@", "zhang@").Replace(shopMail))
	chat := l.said(l.contact("李雷"), "在吗")
	entries, err := l.tickets.Timeline(t.Context(), chat.ID, 0, 10)
	must(t, err)
	said := entries[len(entries)-1].Message
	parts := []string{"/text", "/original", "/mail", "/raw"}
	for _, part := range append(parts, "") {
		good := messagePath(ticket, m) + part
		for name, wrong := range map[string]string{
			"another ticket": messagePath(other, m) + part, "no message": ticketPath(ticket.Number) + "/messages/1" + part, "no number": ticketPath(ticket.Number) + "/messages/x" + part,
			"no ticket": strings.Replace(good, ticketPath(ticket.Number)+"/", "/tickets/99999/", 1),
		} {
			if got := l.b.get(wrong).status; got != http.StatusNotFound {
				t.Errorf("%s of %s: %d", part, name, got)
			}
		}
		if got := l.b.get(good).status; got != http.StatusOK {
			t.Errorf("%s: %d", part, got)
		}
		if got := l.browser().do("GET", good, "application/json", nil); got.status != http.StatusUnauthorized || strings.Contains(got.body, "leaks") {
			t.Errorf("%s to nobody: %d", part, got.status)
		}
	}
	for _, part := range parts { // what was no mail
		if got := l.b.get(messagePath(chat, said) + part).status; got != http.StatusNotFound {
			t.Errorf("%s of a chat: %d", part, got)
		}
	}
	if got := l.b.script(ticketPath(ticket.Number)+"/merger", url.Values{"into": {strconv.FormatInt(other.Number, 10)}}); got.status != http.StatusOK {
		t.Fatalf("merge: %d %s", got.status, got.body)
	}
	for _, part := range append(parts, "") {
		if got := l.b.get(messagePath(other, m) + part).status; got != http.StatusOK {
			t.Errorf("%s of the ticket that it was merged into: %d", part, got)
		}
	}
	if page := l.b.get(ticketPath(other.Number)).body; !strings.Contains(page, messagePath(ticket, m)+"/original") {
		t.Error("the merged mail has no head")
	}
}

func TestAnErasedMailShowsNothing(t *testing.T) {
	t.Parallel()
	l := newLetters(t)
	ticket, m := l.come(shopMail)
	must(t, l.db.Write(t.Context(), func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE messages SET state = 'erased' WHERE id = ?`, int64(m.ID)).Error
	}))
	if page := l.b.get(ticketPath(ticket.Number)).body; strings.Contains(page, "zhang@mail.example</bdi>") {
		t.Error("the head of an erased mail is shown")
	}
	for _, part := range []string{"/text", "/original", "/mail", "/raw"} {
		if got := l.b.get(messagePath(ticket, m) + part).status; got != http.StatusNotFound {
			t.Errorf("%s: %d", part, got)
		}
	}
	if got := l.b.get(messagePath(ticket, m)); strings.Contains(got.body, "zhang@") || strings.Contains(got.body, "leaks") || !strings.Contains(got.body, "gone") {
		t.Errorf("the message alone: %s", got.body)
	}
}

func TestAShopperSeesTheReplyOnly(t *testing.T) {
	t.Parallel()
	l := newLetters(t)
	ticket, _ := l.come(shopMail)
	l.come("Message-ID: <four@x.example>\nReferences: <one@mail.example>\nFrom: The boss <boss@x.example>\nTo: support@shop.test\nSubject: Re: x\nContent-Type: text/html\n\n<p>I agree with her</p><img src=https://away.example/x>\n")
	link, err := l.tickets.NewLink(t.Context(), ticket.ID)
	must(t, err)
	page := l.browser().get("/t/" + link).body
	for _, want := range []string{"It leaks.", "I agree with her"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, wrong := range []string{"boss@", "support@shop.test", "How is the cup", "letter", "away.example", "zhang@mail.example"} {
		if strings.Contains(page, wrong) {
			t.Errorf("the page has %s", wrong)
		}
	}
	if console := l.b.get(ticketPath(ticket.Number)).body; !strings.Contains(console, ">The boss</bdi>") {
		t.Error("the console does not name the guest")
	}
}

// mailsOf makes the mail service of a desk.
func mailsOf(o mailin.Options, kept *files.Service) *mailin.Service {
	o.TakeFile = func(ctx context.Context, contact id.ID, name, _ string, content []byte) (*tickets.Attachment, error) {
		return kept.Take(ctx, files.Upload{By: tickets.Actor{Kind: tickets.ActorContact, ID: contact}, Name: name, Body: strings.NewReader(string(content)), Mailed: true})
	}
	o.OpenFile = func(ctx context.Context, a *tickets.Attachment) (io.ReadCloser, error) {
		return kept.Open(ctx, a, files.Original)
	}
	return mailin.New(o)
}
