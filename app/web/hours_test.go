package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"huiyin/tickets"
	"huiyin/tickets/hours"
)

func TestAWeekIsSavedAndShownAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	boss := d.signedIn(d.agent("boss", "Boss", tickets.RoleAdmin))
	path := "/settings/hours/" + d.inbox.ID.String()
	form := url.Values{
		"slots": {"2"}, "rows": {"2"}, "undelivered_minutes": {"7"}, "offline_text": {"稍后见 {by}"},
		"d1-0-from": {"9:00"}, "d1-0-to": {"12：00"}, "d1-1-from": {"13:00"}, "d1-1-to": {"18:00"}, "d6-0-from": {"20:00"}, "d6-0-to": {"2:00"},
		"s1-date": {"2026-10-01"}, "s1-label": {"国庆节"},
	}
	if got := boss.do(http.MethodPost, path, "text/html", form); got.status != http.StatusOK && got.status != http.StatusSeeOther {
		t.Fatalf("save: %d %s", got.status, got.body)
	}
	all, err := d.tickets.Inboxes(context.Background())
	must(t, err)
	for _, box := range all {
		if box.ID != d.inbox.ID {
			continue
		}
		set := box.Settings
		if len(set.Hours.Days[1]) != 2 || set.Hours.Days[6][0] != (hours.Range{From: 1200, To: 120}) || len(set.Hours.Special) != 1 || set.OfflineText != "稍后见 {by}" {
			t.Errorf("kept %+v", set)
		}
	}
	page := boss.do(http.MethodGet, "/settings/hours", "text/html", nil)
	for _, want := range []string{`value="09:00"`, `value="20:00"`, "国庆节", `value="7"`} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestWrongHoursAreNamedInTheirRow(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	boss := d.signedIn(d.agent("boss", "Boss", tickets.RoleAdmin))
	path := "/settings/hours/" + d.inbox.ID.String()
	for name, change := range map[string]url.Values{
		"day-1-wrong":                 {"d1-0-from": {"9:00"}, "d1-0-to": {"noon"}},
		"day-2-wrong":                 {"d2-0-from": {"9:00"}, "d2-0-to": {"12:00"}, "d2-1-from": {"11:00"}, "d2-1-to": {"13:00"}},
		"special-0-wrong":             {"s1-date": {"2026-02-31"}},
		"f-undelivered-minutes-wrong": {"undelivered_minutes": {"0"}},
		"f-first-reply-minutes-wrong": {"first_reply_minutes": {"0"}},
	} {
		form := url.Values{"slots": {"2"}, "rows": {"2"}, "undelivered_minutes": {"5"}}
		for k, v := range change {
			form[k] = v
		}
		got := boss.do(http.MethodPost, path, "text/html", form)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `id="`+name+`"`) {
			t.Errorf("%s: %d", name, got.status)
		}
		for _, sent := range change {
			if sent[0] != "" && !strings.Contains(got.body, `value="`+sent[0]+`"`) {
				t.Errorf("%s: what was typed is lost", name)
			}
		}
	}
}

func TestTheFormsOtherButtonsChangeAndKeepNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	boss := d.signedIn(d.agent("boss", "Boss", tickets.RoleAdmin))
	path := "/settings/hours/" + d.inbox.ID.String()
	form := url.Values{"slots": {"2"}, "rows": {"2"}, "undelivered_minutes": {"5"}, "d1-0-from": {"8:30"}, "d1-0-to": {"17:00"}, "do": {"copy"}}
	if got := boss.do(http.MethodPost, path, "text/html", form); strings.Count(got.body, `value="8:30"`) != 5 {
		t.Errorf("copied to %d days", strings.Count(got.body, `value="8:30"`))
	}
	form.Set("do", "slot")
	if got := boss.do(http.MethodPost, path, "text/html", form); !strings.Contains(got.body, `name="d0-2-from"`) {
		t.Error("no third time a day")
	}
	form.Set("do", "row")
	if got := boss.do(http.MethodPost, path, "text/html", form); !strings.Contains(got.body, `name="s2-date"`) {
		t.Error("no third special day")
	}
	box, err := d.tickets.Inbox(context.Background(), d.inbox.ID)
	must(t, err)
	if box.Settings.Hours.Weekly() {
		t.Error("a button that only changes the form has saved it")
	}
}

func TestTheSecretOfTextMessagesNeverComesBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	boss := d.signedIn(d.agent("boss", "Boss", tickets.RoleAdmin))
	form := url.Values{
		"enabled": {"1"}, "kind": {"aliyun"}, "key_id": {"AK"}, "secret": {"very-secret-9"}, "sign_name": {"回音"}, "template": {"SMS_1"},
		"method": {"POST"}, "quiet_from": {"22:00"}, "quiet_to": {"8:00"}, "per_number": {"3"}, "per_day": {"500"},
	}
	if got := boss.do(http.MethodPost, "/settings/sms", "text/html", form); got.status >= 400 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	page := boss.do(http.MethodGet, "/settings/sms", "text/html", nil)
	if strings.Contains(page.body, "very-secret-9") || !strings.Contains(page.body, "SMS_1") {
		t.Error("the page shows the secret, or nothing")
	}
	form.Set("secret", "")
	boss.do(http.MethodPost, "/settings/sms", "text/html", form)
	set, err := d.web.SMS.Settings(context.Background())
	must(t, err)
	if set.Secret != "very-secret-9" {
		t.Error("an empty field forgets the secret")
	}
	if got := boss.do(http.MethodPost, "/settings/sms/test", "text/html", url.Values{"phone": {"13800138000"}}); !strings.Contains(got.body, `role="status"`) {
		t.Errorf("the test says nothing: %d", got.status)
	}
	form.Set("quiet_from", "late")
	form.Set("template", "")
	if got := boss.do(http.MethodPost, "/settings/sms", "text/html", form); got.status != http.StatusUnprocessableEntity {
		t.Errorf("wrong settings: %d", got.status)
	}
}
