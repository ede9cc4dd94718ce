package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

func TestAMessageIsStoredOnceHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	a := newActing(t)
	form := url.Values{"kind": {"reply"}, "body": {"您好"}, "id": {"c1"}, "seen": {"2"}}
	path := ticketPath(a.ticket.Number) + "/messages"
	first, again := a.b.script(path, form), a.b.script(path, form)
	if first.status != 200 || first.body != again.body {
		t.Errorf("first %s, again %s", first.body, again.body)
	}
	messages, err := a.tickets.Visible(context.Background(), a.ticket.ID, 0, 10)
	must(t, err)
	if len(messages) != 2 {
		t.Errorf("%d messages", len(messages))
	}
}

func TestWhatIsNewerIsShownBeforeAnAnswerGoes(t *testing.T) {
	t.Parallel()
	a := newActing(t)
	contact, err := a.tickets.Contact(context.Background(), a.ticket.ContactID)
	must(t, err)
	a.said(contact, "不用了，已经收到")
	path := ticketPath(a.ticket.Number) + "/messages"
	form := url.Values{"kind": {"reply"}, "body": {"我帮您查一下"}, "id": {"c1"}, "seen": {"2"}}
	r := a.b.script(path, form)
	var problem struct {
		Status int
		More   struct{ Newer []messageFrame }
	}
	must(t, json.Unmarshal([]byte(r.body), &problem))
	if r.status != 409 || len(problem.More.Newer) != 1 || problem.More.Newer[0].Body != "不用了，已经收到" {
		t.Fatalf("%d %s", r.status, r.body)
	}
	page := a.b.post(path, form)
	for _, want := range []string{"Something newer has arrived", "不用了，已经收到", ">我帮您查一下</textarea>", `name="id" value="c1"`} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	form.Set("seen", strconv.FormatInt(problem.More.Newer[0].Pos, 10))
	if r := a.b.post(path, form); r.status != http.StatusSeeOther {
		t.Errorf("seen, then sent: %d", r.status)
	}
}

func TestARefusedFormKeepsWhatSheWrote(t *testing.T) {
	t.Parallel()
	a := newActing(t)
	long := strings.Repeat("长", 10_001)
	r := a.b.post(ticketPath(a.ticket.Number)+"/messages", url.Values{"kind": {"note"}, "body": {long}, "id": {"c1"}, "seen": {"2"}})
	if r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, long) || !strings.Contains(r.body, `role="alert"`) {
		t.Errorf("%d", r.status)
	}
}

func TestDraftsAreKeptAndGoWithTheMessage(t *testing.T) {
	t.Parallel()
	a := newActing(t)
	draft := func(body string) int {
		text, err := json.Marshal(map[string]string{"body": body})
		must(t, err)
		req, err := http.NewRequest(http.MethodPut, a.http.URL+ticketPath(a.ticket.Number)+"/drafts/reply", strings.NewReader(string(text)))
		must(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json")
		res, err := a.b.client.Do(req)
		must(t, err)
		must(t, res.Body.Close())
		return res.StatusCode
	}
	if got := draft("您好，我是"); got != 200 {
		t.Fatalf("%d", got)
	}
	a.b.has(ticketPath(a.ticket.Number), ">您好，我是</textarea>")
	a.act("messages", url.Values{"kind": {"reply"}, "body": {"您好，我是王芳"}, "id": {"c1"}, "seen": {"2"}}, 200)
	if page := a.b.get(ticketPath(a.ticket.Number)).body; strings.Contains(page, ">您好，我是</textarea>") {
		t.Error("the draft is still there")
	}
	if got := draft(strings.Repeat("x", 300<<10)); got != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: %d", got)
	}
}

func TestOneTakesBackOnesOwnReplyOnly(t *testing.T) {
	t.Parallel()
	a := newActing(t)
	a.act("messages", url.Values{"kind": {"reply"}, "body": {"发错了"}, "id": {"c1"}, "seen": {"2"}}, 200)
	a.act("recalls", url.Values{"seq": {"1"}}, 403)
	a.act("recalls", url.Values{"seq": {"x"}}, 422)
	a.act("recalls", url.Values{"seq": {"2"}}, 200)
	if page := a.b.get(ticketPath(a.ticket.Number)).body; strings.Contains(page, "发错了") || !strings.Contains(page, "This message was recalled") {
		t.Error("the recalled message is still shown")
	}
}
