package web

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/hooks"
	"huiyin/tickets"
)

func TestAWebhookIsKeptByItsPageAndItsSecretShownOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	boss := d.signedIn(d.agent("boss", "Boss", tickets.RoleAdmin))
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/in" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	t.Cleanup(receiver.Close)
	post := func(path string, form url.Values) reply { return boss.do(http.MethodPost, path, "text/html", form) }

	for address, says := range map[string]string{"": "Give the address", "ftp://x": "cannot be read", "http://10.1.2.3/": "inner network", "http://169.254.169.254/": "link"} {
		got := post("/settings/webhooks", url.Values{"url": {address}, "event": {"ticket.created"}})
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, says) || !strings.Contains(got.body, `id="f-url-wrong"`) {
			t.Errorf("%q: %d, does not say %q at the field", address, got.status, says)
		}
	}
	if got := post("/settings/webhooks", url.Values{"url": {receiver.URL + "/in"}}); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `id="events-wrong"`) {
		t.Errorf("no event: %d", got.status)
	}

	made := post("/settings/webhooks", url.Values{"url": {receiver.URL + "/in?key=5ecret"}, "event": {"ticket.created", "csat.received"}})
	secret := regexp.MustCompile(`whsec_\w+`).FindString(made.body)
	path := regexp.MustCompile(`/settings/webhooks/\d+`).FindString(made.body)
	if made.status != http.StatusOK || secret == "" || path == "" {
		t.Fatalf("%d %s", made.status, made.body)
	}
	if page := boss.get(path); strings.Contains(page.body, "whsec_") || !strings.Contains(page.body, "5ecret") {
		t.Error("the page shows the secret again, or not the address")
	}
	if list := boss.get("/settings/webhooks"); strings.Contains(list.body, "5ecret") || !strings.Contains(list.body, path) {
		t.Error("the list shows the address's key, or not the webhook")
	}
	if fresh := regexp.MustCompile(`whsec_\w+`).FindString(post(path+"/secret", url.Values{}).body); fresh == "" || fresh == secret {
		t.Errorf("rotated to %q", fresh)
	}

	if got := post(path+"/test", url.Values{}); !strings.Contains(got.body, "The receiver took it: 200") {
		t.Errorf("a good test says nothing: %d", got.status)
	}
	post(path, url.Values{"url": {receiver.URL + "/elsewhere"}, "event": {"ticket.created"}})
	if got := post(path+"/test", url.Values{}); !strings.Contains(got.body, "nothing takes a POST at this path (404)") {
		t.Error("a test at a wrong path does not say so")
	}
	receiver.Close()
	if got := post(path+"/test", url.Values{}); !strings.Contains(got.body, "nothing listens at this port") {
		t.Error("a test without a receiver does not say so")
	}
	if got := post(path, url.Values{"url": {"http://10.0.0.1/"}, "event": {"ticket.created"}}); got.status != http.StatusUnprocessableEntity {
		t.Errorf("saving an inner address: %d", got.status)
	}

	d.deliveries(path)
	page := boss.get(path)
	if !strings.Contains(page.body, "answered with 500") || strings.Count(page.body, "/replay") != hookLines || !strings.Contains(page.body, "?before=") {
		t.Error("the log does not show what failed, by pages")
	}
	older := regexp.MustCompile(`\?before=\d+`).FindString(page.body)
	if next := boss.get(path + older); strings.Count(next.body, "/replay") != 10 {
		t.Errorf("the older page has %d lines, want 10", strings.Count(next.body, "/replay"))
	}
	if got := post(path+"/deliveries/40/replay", url.Values{}); got.status != http.StatusSeeOther || !strings.Contains(boss.get(path).body, "Waiting") {
		t.Errorf("a replay: %d", got.status)
	}
	if got := post(path+"/deliveries/99/replay", url.Values{}); got.status != http.StatusNotFound {
		t.Errorf("a replay of nothing: %d", got.status)
	}

	post(path+"/state", url.Values{"on": {"0"}})
	if got := post(path+"/deliveries/39/replay", url.Values{}); got.status != http.StatusConflict {
		t.Errorf("a replay to a webhook that is off: %d", got.status)
	}
	post(path+"/removal", url.Values{})
	if got := boss.get(path); got.status != http.StatusNotFound {
		t.Errorf("a webhook that was removed: %d", got.status)
	}
}

// deliveries gives a webhook forty lines of log.
func (d *desk) deliveries(path string) {
	d.t.Helper()
	list, err := d.web.Hooks.Hooks(context.Background())
	must(d.t, err)
	if len(list) != 1 || !strings.HasSuffix(path, list[0].ID.String()) || list[0].State != hooks.StateOn {
		d.t.Fatalf("%+v", list)
	}
	must(d.t, d.db.Write(context.Background(), func(tx *gorm.DB) error {
		for i := 1; i <= 40; i++ {
			err := tx.Exec(`INSERT INTO webhook_deliveries (id, hook_id, n, event, state, attempts, status, reason, queued_at, next_at, created_at, updated_at) VALUES (?, ?, ?, 'ticket.created', 'failed', 3, 500, '', 1, 1, 1, 1)`,
				i, int64(list[0].ID), i).Error
			if err != nil {
				return err
			}
		}
		return nil
	}))
}
