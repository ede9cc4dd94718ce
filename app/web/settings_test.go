package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"huiyin/tickets"
)

func TestInboxSettingsAreForAdministratorsAndChecked(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("admin", "管理员", tickets.RoleAdmin))
	path := "/settings/inboxes/" + d.inbox.ID.String()
	r := b.post(path, url.Values{"name": {"青禾"}, "allowed_origins": {"https://shop.example\nnot a site"}, "greeting": {"您好"}})
	if r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "-allowed-origins-wrong") || !strings.Contains(r.body, "not a site") {
		t.Fatalf("%d", r.status)
	}
	if r := b.post(path, url.Values{"name": {"青禾"}, "allowed_origins": {"https://shop.example\r\nhttps://m.shop.example"}, "greeting": {"您好"}, "enforce_identity": {"on"}}); r.status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.status, r.body)
	}
	inbox, err := d.tickets.Inbox(context.Background(), d.inbox.ID)
	must(t, err)
	if len(inbox.Settings.AllowedOrigins) != 2 || inbox.Settings.Greeting != "您好" || !inbox.Settings.EnforceIdentity {
		t.Errorf("%+v", inbox.Settings)
	}
	b.has("/settings", `data-inbox=&#34;`+d.inbox.Key)
	if r := b.post("/settings/inboxes/1", url.Values{"name": {"青禾"}}); r.status != http.StatusNotFound {
		t.Errorf("an inbox that is not there: %d", r.status)
	}
	if r := b.post("/settings/inboxes", url.Values{"name": {""}}); r.status != http.StatusUnprocessableEntity {
		t.Errorf("an inbox without a name: %d", r.status)
	}
}
