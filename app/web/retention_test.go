package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"huiyin/app/privacy"
	"huiyin/tickets"
)

func TestRetentionRulesAreLookedAtBeforeTheyWork(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	admin, manager := d.signedIn(d.agent("admin", "Admin", tickets.RoleAdmin)), d.signedIn(d.agent("manager", "Manager", tickets.RoleManager))
	second := d.signedIn(d.agent("second", "Second", tickets.RoleAdmin))
	const page = "/settings/retention"
	rules := func(change ...string) url.Values {
		v := url.Values{"contact_months": {"24"}, "ticket_months": {"0"}, "visitor_days": {"90"}, "trail_days": {"30"}, "access_months": {"36"}, "mail_days": {"14"}, "order_months": {"40"}}
		for i := 0; i < len(change); i += 2 {
			v.Set(change[i], change[i+1])
		}
		return v
	}
	for _, path := range []string{page, page + "/preview"} {
		if got := manager.get(path); got.status != 403 {
			t.Errorf("a manager opens %s: %d", path, got.status)
		}
	}
	for _, path := range []string{page, page + "/start"} {
		if got := manager.do(http.MethodPost, path, "text/html", rules()); got.status != 403 {
			t.Errorf("a manager posts to %s: %d", path, got.status)
		}
	}
	for field, bad := range map[string]string{"contact_months": "x", "ticket_months": "-1", "visitor_days": "6", "trail_days": "", "access_months": "5", "mail_days": "-1", "order_months": "241"} {
		got := admin.do(http.MethodPost, page, "text/html", rules(field, bad))
		if got.status != 422 || strings.Count(got.body, `aria-invalid="true"`) != 1 || !strings.Contains(got.body, `value="24"`) && field != "contact_months" {
			t.Errorf("%s=%q: %d\n%s", field, bad, got.status, got.body)
		}
	}
	inForce := func(want privacy.Rules) {
		t.Helper()
		if got, err := d.web.Privacy.Rules(t.Context()); err != nil || got != want {
			t.Errorf("in force: %+v, %v, want %+v", got, err, want)
		}
	}
	start := func(b *browser) { b.do(http.MethodPost, page+"/start", "text/html", url.Values{}) }
	start(admin)
	inForce(privacy.DefaultRules)
	admin.do(http.MethodPost, page, "text/html", rules())
	inForce(privacy.DefaultRules)
	if got := admin.get(page + "/preview"); got.status != 200 || !strings.Contains(got.body, page+"/start") {
		t.Errorf("the preview: %d\n%s", got.status, got.body)
	}
	start(second) // she has not looked at it
	inForce(privacy.DefaultRules)
	start(admin)
	inForce(privacy.Rules{ContactMonths: 24, VisitorDays: 90, TrailDays: 30, AccessMonths: 36, MailDays: 14, OrderMonths: 40})

	// who keeps mails as they came for ever is told what that means, before and after
	warning := d.web.Texts.Text("en", "privacy.retention.keeps_mail", nil)
	if got := admin.get(page); strings.Contains(got.body, warning) {
		t.Error("a warning of what is not so")
	}
	admin.do(http.MethodPost, page, "text/html", rules("mail_days", "0"))
	if got := admin.get(page + "/preview"); !strings.Contains(got.body, warning) {
		t.Errorf("the preview does not warn:\n%s", got.body)
	}
	start(admin)
	if got := admin.get(page); !strings.Contains(got.body, warning) {
		t.Errorf("the page does not warn:\n%s", got.body)
	}
}
