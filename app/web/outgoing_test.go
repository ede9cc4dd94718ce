package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"huiyin/mailin/eml"
	"huiyin/tickets"
)

// answered writes a reply as a form of the console does, and gives its message.
func (l *letters) answered(ticket *tickets.Ticket, form url.Values) (*tickets.Message, answerOfDesk) {
	l.t.Helper()
	form.Set("kind", "reply")
	form.Set("seen", "1000")
	form.Set("id", strconv.FormatInt(time.Now().UnixNano(), 36))
	got := l.b.script(ticketPath(ticket.Number)+"/messages", form)
	if got.status != http.StatusOK {
		return nil, answerOfDesk{got.status, got.body}
	}
	entries, err := l.tickets.Timeline(l.t.Context(), ticket.ID, 0, 200)
	must(l.t, err)
	var last *tickets.Message
	for _, e := range entries {
		if e.Message != nil {
			last = e.Message
		}
	}
	return last, answerOfDesk{got.status, got.body}
}

type answerOfDesk struct {
	status int
	body   string
}

func TestAReplySaysToWhomItGoesAndIsTakenBackByItsWriterOnly(t *testing.T) {
	t.Parallel()
	l := newLetters(t)
	ticket, _ := l.come(plainMail("one", "Li <li@mail.example>\nCc: han@mail.example", "tea", "The tea is cold"))
	page := l.b.get(ticketPath(ticket.Number)).body
	if !strings.Contains(page, "Li &lt;li@mail.example&gt;, han@mail.example") || !strings.Contains(page, "This inbox cannot send mails") {
		t.Error("the page does not say to whom a reply goes, or that none leaves")
	}
	for field, form := range map[string]url.Values{
		"no e-mail address":      {"body": {"x"}, "mail": {"1"}, "to": {"li@"}},
		"Please say to whom":     {"body": {"x"}, "mail": {"1"}, "to": {" "}},
		"the shop’s own mailbox": {"body": {"x"}, "mail": {"1"}, "to": {"li@mail.example"}, "cc": {"support@shop.test"}},
	} {
		if _, got := l.answered(ticket, form); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, field) {
			t.Errorf("%s: %d %s", field, got.status, got.body)
		}
	}
	m, got := l.answered(ticket, url.Values{"body": {"It is warm now."}, "mail": {"1"}, "to": {"Li <li@mail.example>；new@mail.example"}, "subject": {"Re: tea"}})
	if m == nil || m.State != tickets.StateHeld {
		t.Fatalf("it is not held: %d %s", got.status, got.body)
	}
	at := messagePath(ticket, m)
	if page := l.b.get(ticketPath(ticket.Number)).body; !strings.Contains(page, `action="`+at+`/undo"`) || !strings.Contains(page, at+`/release"`) {
		t.Error("its writer finds no way to take it back, or to send it")
	}
	other := l.signedIn(l.agent("zhao", "赵磊", tickets.RoleAgent))
	if page := other.get(ticketPath(ticket.Number)).body; strings.Contains(page, at+"/undo\"><") && strings.Contains(page, "data-undo") {
		t.Error("a colleague is offered to take it back")
	}
	for _, way := range []string{"/undo", "/release"} {
		if got := other.script(at+way, nil); got.status != http.StatusForbidden {
			t.Errorf("%s by a colleague: %d", way, got.status)
		}
		if got := l.browser().script(at+way, nil); got.status != http.StatusUnauthorized {
			t.Errorf("%s by nobody: %d", way, got.status)
		}
	}
	other2, _ := l.come(plainMail("two", "Han <han@mail.example>", "cup", "The cup leaks"))
	if got := l.b.script(messagePath(other2, m)+"/undo", nil); got.status != http.StatusNotFound {
		t.Errorf("by the address of another ticket: %d", got.status)
	}
	back := l.b.script(at+"/undo", nil)
	var u undone
	must(t, json.Unmarshal([]byte(back.body), &u))
	if back.status != http.StatusOK || u.Body != "It is warm now." || u.Mail["to"] != "Li <li@mail.example>, new@mail.example" || u.Mail["cc"] != "" {
		t.Errorf("%d %+v", back.status, u)
	}
	if page := l.b.get(ticketPath(ticket.Number) + "?undone=" + m.ID.String()).body; !strings.Contains(page, `value="Li &lt;li@mail.example&gt;, new@mail.example"`) || !strings.Contains(page, "It is warm now.</textarea>") {
		t.Error("without scripts the page does not have it back")
	}
	if got := l.b.script(at+"/undo", nil); got.status != http.StatusConflict {
		t.Errorf("again: %d", got.status)
	}
	for path, by := range map[string]*browser{at + "/returned/7": l.b, at + "/again": l.b} {
		get := by.get
		if strings.HasSuffix(path, "/again") {
			if got := by.script(path, nil); got.status != http.StatusNotFound {
				t.Errorf("%s: %d", path, got.status)
			}
			continue
		}
		if got := get(path); got.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	if got := l.b.get(ticketPath(ticket.Number) + "/recipients"); got.status != http.StatusOK || !strings.Contains(got.body, "li@mail.example") {
		t.Errorf("recipients: %d %s", got.status, got.body)
	}
}

func TestAddressesAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]eml.Address{
		"":                               nil,
		"a@b.test":                       {{Address: "a@b.test"}},
		`"Li, Hua" <a@b.test>, c@d.test`: {{Name: "Li, Hua", Address: "a@b.test"}, {Address: "c@d.test"}},
		"a@b.test；王芳 <c@d.test>、e@f.test": {{Address: "a@b.test"}, {Name: "王芳", Address: "c@d.test"}, {Address: "e@f.test"}},
		"a@b.test; nonsense":              {{Address: "a@b.test"}, {Address: "nonsense"}},
	} {
		got := addressesOf(line)
		if len(got) != len(want) {
			t.Errorf("%q: got %+v", line, got)
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%q: got %+v", line, got)
			}
		}
	}
}
