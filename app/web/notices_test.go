package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"huiyin/app/notify"
	"huiyin/tickets"
)

// postFailure is what came of telling a target: its secret says what shall.
func postFailure(secret string) error {
	if secret == "fails" {
		return failure{}
	}
	return nil
}

type failure struct{}

func (failure) Error() string  { return "no" }
func (failure) Reason() string { return "notices.reason.unset" }
func (failure) Detail() string { return "<b>sign not match</b>" }
func (failure) Lasting() bool  { return true }

// told lets the reader of the log tell everybody what is new.
func (d *desk) told() {
	d.t.Helper()
	events, err := d.tickets.EventsAfter(context.Background(), 0, 1000)
	must(d.t, err)
	must(d.t, d.notices.Read(context.Background(), events))
}

func TestTheBellShowsWhatWantsHerAndForgetsWhatSheHasSeen(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lin, wu := d.signedIn(d.agent("lin", "林薇", tickets.RoleAgent)), d.signedIn(d.agent("wu", "吴姐", tickets.RoleAdmin))
	ticket := d.said(d.contact("李小姐"), "在吗")
	d.notices.Alert(context.Background(), "disk.low", map[string]string{"free": "<i>9 MB</i>"})
	d.told()
	page := lin.has("/notifications", `data-unread>1<`, `href="`+ticketPath(ticket.Number)+`"`)
	if strings.Contains(page, "李小姐") || strings.Contains(page, "9 MB") {
		t.Error("an agent's bell names the contact, or shows the desk's problems")
	}
	wu.has("/notifications", `data-unread>2<`, "&lt;i&gt;9 MB", "/settings/health#alerts")
	lin.has(ticketPath(ticket.Number), `data-unread><`)
	if got := wu.post("/notifications/read", nil).status; got != http.StatusSeeOther {
		t.Errorf("read all: %d", got)
	}
	wu.has("/notifications", `data-unread><`)
	if got := lin.post("/notifications/1/read", nil).status; got != http.StatusSeeOther {
		t.Errorf("another's notification: %d", got)
	}
	if got := lin.post("/tickets/999999/read", nil).status; got != http.StatusNotFound {
		t.Errorf("a ticket that is not there: %d", got)
	}
}

func TestAnAgentChoosesWhatSheIsTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	who := d.agent("lin", "林薇", tickets.RoleAgent)
	lin := d.signedIn(who)
	if page := lin.has("/preferences/notices", `name="waiting" value="sound" checked`); strings.Contains(page, `name="alert"`) {
		t.Error("an agent is offered the desk's problems")
	}
	wrong := lin.post("/preferences/notices", url.Values{"rated": {"mail"}, "quiet_from": {"25:00"}, "quiet_to": {"08:00"}})
	if wrong.status != http.StatusUnprocessableEntity || !strings.Contains(wrong.body, `value="25:00" autocomplete="off" maxlength="5" aria-invalid="true"`) ||
		!strings.Contains(wrong.body, `name="rated" value="mail" checked`) {
		t.Errorf("a wrong time: %d\n%s", wrong.status, wrong.body)
	}
	if got := lin.post("/preferences/notices", url.Values{"rated": {"mail", "pigeon"}, "nothing": {"mail"}, "quiet_from": {"22:00"}, "quiet_to": {"08:00"}}).status; got != http.StatusSeeOther {
		t.Fatalf("saving: %d", got)
	}
	c, err := d.notices.Choices(context.Background(), who.ID)
	must(t, err)
	// What she would be told as an administrator is not hers to choose yet, and not lost.
	// That she chose nothing for tasks is kept, so that it is not taken for what was kept before there were any.
	if tasks, said := c.On[notify.Task]; len(c.On) != 3 || !said || len(tasks) != 0 || len(c.On[notify.Rated]) != 2 || len(c.On[notify.Alert]) != 2 || c.QuietFrom != 22*60 {
		t.Errorf("kept %+v", c)
	}
	if r := lin.post("/preferences/notices/mail", nil); r.status != http.StatusOK || !strings.Contains(r.body, "lin@desk.example") {
		t.Errorf("the test mail: %d", r.status)
	}
}

func TestTheDeskTellsGroupsAndShowsNoSecret(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	wu := d.signedIn(d.agent("wu", "吴姐", tickets.RoleAdmin))
	good := url.Values{"sort": {"dingtalk"}, "name": {"值班群"}, "url": {"https://oapi.example/robot?access_token=TOPSECRET"}, "secret": {"fails"}, "locale": {"zh-CN"}, "kinds": {"waiting", "alert"}}
	for field, value := range map[string]string{"url": "not an address", "name": "", "sort": "pigeon", "locale": "fr", "kinds": "", "quiet_from": "7", "secret": strings.Repeat("x", 201)} {
		bad := url.Values{}
		for k, v := range good {
			bad[k] = v
		}
		bad.Set(field, value)
		if r := wu.post("/settings/notices/targets", bad); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "值班群") && field != "name" {
			t.Errorf("a wrong %s: %d", field, r.status)
		}
	}
	if got := wu.post("/settings/notices/targets", good).status; got != http.StatusSeeOther {
		t.Fatalf("adding: %d", got)
	}
	page := wu.has("/settings/notices", "值班群", "oapi.example")
	for _, secret := range []string{"TOPSECRET", "fails"} {
		if strings.Contains(page, secret) {
			t.Errorf("the page shows %s", secret)
		}
	}
	list, err := d.notices.Targets(context.Background())
	must(t, err)
	at := "/settings/notices/targets/" + list[0].ID.String()
	if r := wu.post(at+"/test", nil); r.status != http.StatusOK || !strings.Contains(r.body, "&lt;b&gt;sign not match") {
		t.Errorf("a test that fails: %d", r.status)
	}
	good.Set("url", "")
	good.Set("secret", "now it works")
	if got := wu.post(at, good).status; got != http.StatusSeeOther {
		t.Errorf("changing: %d", got)
	}
	if r := wu.post(at+"/test", nil); r.status != http.StatusOK || !strings.Contains(r.body, `notice good`) {
		t.Errorf("a test that arrives: %d", r.status)
	}
	if got := wu.post("/settings/notices/targets/x/end", nil).status; got != http.StatusNotFound {
		t.Errorf("removing what is none: %d", got)
	}
	if got := wu.post(at+"/end", nil).status; got != http.StatusSeeOther {
		t.Errorf("removing: %d", got)
	}
	for _, path := range []string{at, at + "/test", at + "/end"} {
		if got := wu.post(path, good).status; got != http.StatusNotFound {
			t.Errorf("%s after it was removed: %d", path, got)
		}
	}
	if r := wu.post("/settings/notices", url.Values{"unanswered_minutes": {"0"}, "repeat_minutes": {"x"}}); r.status != http.StatusUnprocessableEntity {
		t.Errorf("wrong minutes: %d", r.status)
	}
	if got := wu.post("/settings/notices", url.Values{"unanswered_minutes": {"2"}, "repeat_minutes": {"4"}}).status; got != http.StatusSeeOther {
		t.Errorf("minutes: %d", got)
	}
}
