package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"huiyin/tickets"
)

// plainMail is a mail of words alone.
func plainMail(id, from, subject, body string) string {
	return "Message-ID: <" + id + "@mail.example>\nFrom: " + from + "\nTo: support@shop.test\nSubject: " + subject + "\nContent-Type: text/plain; charset=utf-8\n\n" + body + "\n"
}

func TestAMessageIsMovedAndBackAgain(t *testing.T) {
	t.Parallel()
	l := newLetters(t)
	ticket, m := l.come(plainMail("one", "Li <li@mail.example>", "tea", "The tea is cold"))
	other, _ := l.come(plainMail("two", "Han <han@mail.example>", "cup", "The cup leaks"))
	at := messagePath(ticket, m) + "/move"
	for _, wrong := range []string{"", "x", "-3", "99999", strconv.FormatInt(ticket.Number, 10)} {
		if got := l.b.script(at, url.Values{"into": {wrong}}); got.status < 400 || got.status >= 500 {
			t.Errorf("into %q: %d", wrong, got.status)
		}
	}
	if got := l.b.script(messagePath(other, m)+"/move", url.Values{"new": {"1"}}); got.status != http.StatusNotFound {
		t.Errorf("by the address of another ticket: %d", got.status)
	}
	if got := l.browser().script(at, url.Values{"new": {"1"}}); got.status != http.StatusUnauthorized {
		t.Errorf("by nobody: %d", got.status)
	}
	move := func(at string, form url.Values) (done moved) {
		t.Helper()
		got := l.b.script(at, form)
		if got.status != http.StatusOK {
			t.Fatalf("move: %d %s", got.status, got.body)
		}
		must(t, json.Unmarshal([]byte(got.body), &done))
		return done
	}
	done := move(at, url.Values{"into": {"#" + strconv.FormatInt(other.Number, 10)}})
	if !strings.HasPrefix(done.Href, ticketPath(other.Number)+"?") || done.Into != strconv.FormatInt(ticket.Number, 10) {
		t.Errorf("%+v", done)
	}
	if page := l.b.get(ticketPath(other.Number)).body; !strings.Contains(page, "The tea is cold") || !strings.Contains(page, "li@mail.example") {
		t.Error("it does not stand there, or without its head")
	}
	if page := l.b.get(ticketPath(ticket.Number)).body; strings.Contains(page, "The tea is cold</div>") || !strings.Contains(page, `<a class="link" href="`+ticketPath(other.Number)+`"`) {
		t.Error("the original does not say where it went")
	}
	if got := l.b.script(at, url.Values{"new": {"1"}}); got.status != http.StatusNotFound {
		t.Errorf("what was moved is moved again: %d", got.status)
	}
	move(done.Undo, url.Values{"into": {done.Into}})
	if page := l.b.get(ticketPath(ticket.Number)).body; !strings.Contains(page, "The tea is cold") {
		t.Error("it does not come back")
	}
	third, n := l.come(plainMail("three", "Han <han@mail.example>", "Re: cup [#"+strconv.FormatInt(other.Number, 10)+"]", "And the lid is broken"))
	if third.ID != other.ID {
		t.Fatalf("ticket %d, want %d", third.Number, other.Number)
	}
	if done := move(messagePath(other, n)+"/move", url.Values{"new": {"1"}}); done.Number == strconv.FormatInt(other.Number, 10) || !strings.Contains(l.b.get(done.Href).body, "And the lid is broken") {
		t.Errorf("a new ticket: %+v", done)
	}
}

func TestPeopleTakePartAndNoLonger(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("wang", "王芳", tickets.RoleAgent))
	ticket := d.said(d.contact("李雷"), "在吗")
	han := d.contact("韩梅梅")
	d.said(han, "你好")
	for range 2 {
		d.said(d.contact("小明"), "你好")
	}
	page := ticketPath(ticket.Number)
	add := func(who string) int { return b.script(page+"/participants", url.Values{"who": {who}}).status }
	for who, want := range map[string]int{
		"": 422, "x@": 422, "no body": 422, "没有这个人": 422, "小明": 422, "李雷": 409, " boss@team.example ": 200, "BOSS@team.example": 200, "韩梅梅": 200,
	} {
		if got := add(who); got != want {
			t.Errorf("add %q: %d, want %d", who, got, want)
		}
	}
	people, err := d.tickets.Participants(t.Context(), ticket.ID)
	must(t, err)
	if len(people) != 2 {
		t.Fatalf("%d people", len(people))
	}
	shown := b.get(page).body
	for _, want := range []string{"<bdi>韩梅梅</bdi>", "bo***@team.example", "王芳 added 韩梅梅"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the panel lacks %s", want)
		}
	}
	for who, want := range map[string]int{"x": 400, "1": 404, han.ID.String(): 200} {
		if got := b.script(page+"/participants/removal", url.Values{"who": {who}}).status; got != want && (want != 400 || got != 422) {
			t.Errorf("remove %q: %d, want %d", who, got, want)
		}
	}
	if shown := b.get(page).body; strings.Contains(shown, "<bdi>韩梅梅</bdi>") || !strings.Contains(shown, "王芳 removed 韩梅梅") {
		t.Error("she is still there")
	}
	for _, path := range []string{"/participants", "/participants/removal"} {
		if got := d.browser().script(page+path, url.Values{"who": {"a@b.example"}}).status; got != http.StatusUnauthorized {
			t.Errorf("%s by nobody: %d", path, got)
		}
	}
}
