package web

import (
	"context"
	"image/png"
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
	if r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "f-allowed-origins-wrong") || !strings.Contains(r.body, "not a site") {
		t.Fatalf("%d", r.status)
	}
	if r := b.post(path, url.Values{"name": {"青禾"}, "allowed_origins": {"https://shop.example\r\nhttps://m.shop.example"}, "greeting": {"您好"}, "enforce_identity": {"on"},
		"position_side": {"left"}, "position_x": {"0"}, "position_y": {"200"}, "reopen_days": {"0"}}); r.status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.status, r.body)
	}
	inbox, err := d.tickets.Inbox(context.Background(), d.inbox.ID)
	must(t, err)
	if len(inbox.Settings.AllowedOrigins) != 2 || inbox.Settings.Greeting != "您好" || !inbox.Settings.EnforceIdentity {
		t.Errorf("%+v", inbox.Settings)
	}
	if at := inbox.Settings.BubblePosition(); at != (tickets.Position{Side: "left", X: 0, Y: 200}) || inbox.Settings.ReopenDays != tickets.ReopenNever {
		t.Errorf("at %+v, reopened for %d", at, inbox.Settings.ReopenDays)
	}
	b.has(path, `id="f-reopen-days" name="reopen_days" type="number" value="0"`)
	b.has("/settings", path)
	b.has(path, `data-inbox=&#34;`+d.inbox.Key)
	if r := b.post("/settings/inboxes/1", url.Values{"name": {"青禾"}}); r.status != http.StatusNotFound {
		t.Errorf("an inbox that is not there: %d", r.status)
	}
	if r := b.post("/settings/inboxes", url.Values{"name": {""}}); r.status != http.StatusUnprocessableEntity {
		t.Errorf("an inbox without a name: %d", r.status)
	}
}

func TestEachWrongSettingOfAnInboxIsSaidAtItsFieldAndWhatWasTypedStays(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("admin", "管理员", tickets.RoleAdmin))
	path := "/settings/inboxes/" + d.inbox.ID.String()
	r := b.post(path, url.Values{"name": {"青禾"}, "position_side": {"right"}, "position_x": {"201"}, "position_y": {"-1"}, "reopen_days": {"7"}, "greeting": {"typed"}})
	for _, want := range []string{"f-position-x-wrong", "f-position-y-wrong", `value="201"`, "typed"} {
		if r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, want) {
			t.Errorf("%d, without %s", r.status, want)
		}
	}
	for _, days := range []string{"-1", "366", "x", ""} {
		r := b.post(path, url.Values{"name": {"青禾"}, "position_side": {"right"}, "position_x": {"20"}, "position_y": {"20"}, "reopen_days": {days}})
		if r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "f-reopen-days-wrong") {
			t.Errorf("%q days: %d", days, r.status)
		}
	}
}

func TestTheQRCodeOfAChatIsAPictureToPrint(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("admin", "管理员", tickets.RoleAdmin))
	path := "/settings/inboxes/" + d.inbox.ID.String()
	picture, err := png.Decode(strings.NewReader(b.get(path + "/qr.png").body))
	must(t, err)
	if side := picture.Bounds().Dx(); side != picture.Bounds().Dy() || side < 400 {
		t.Errorf("%v", picture.Bounds())
	}
	// The finder at the top left: dark around, white within, four modules from the edge.
	for _, one := range []struct {
		module int
		dark   bool
	}{{3, false}, {4, true}, {5, false}, {6, true}} {
		if r, _, _, _ := picture.At(one.module*16+8, one.module*16+8).RGBA(); (r == 0) != one.dark {
			t.Errorf("module %d: %d", one.module, r)
		}
	}
	if svg := b.get(path + "/qr.svg").body; !strings.HasPrefix(svg, "<svg ") {
		t.Errorf("%.40s", svg)
	}
	if r := d.signedIn(d.agent("wang", "Wang", tickets.RoleAgent)).get(path + "/qr.png"); r.status != http.StatusForbidden {
		t.Errorf("an agent: %d", r.status)
	}
}
