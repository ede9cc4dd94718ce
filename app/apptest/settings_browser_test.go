package apptest_test

import (
	"fmt"
	"strings"
	"testing"

	"huiyin/app/apptest"
)

// wrongSetting is a form of the settings with one value that cannot be.
type wrongSetting struct {
	page, form string // the form's address, * at its end: any rest; empty page: the first chat inbox
	fields     map[string]string
	wrong      string // name of the field that is wrong
}

var wrongSettings = []wrongSetting{
	{"/settings", "/settings/inboxes", map[string]string{"name": "  "}, "name"},
	{"/settings/inboxes/email?address=kf%40shop.example", "/settings/inboxes/email", map[string]string{"inbox_name": "kept"}, "imap_password"},
	{"/settings/inboxes/email?address=kf%40shop.example", "/settings/inboxes/email", map[string]string{"imap_port": "99999", "sign_in": "google", "client_id": "kept"}, "imap_port"},
	{"", "", map[string]string{"colour": "#ffff00", "greeting": "kept"}, "colour"},
	{"", "", map[string]string{"position_x": "201", "greeting": "kept"}, "position_x"},
	{"", "", map[string]string{"reopen_days": "366", "greeting": "kept"}, "reopen_days"},
	{"/settings/desk", "/settings/desk", map[string]string{"shop_name": "  "}, "shop_name"},
	{"/settings/agents", "/settings/invitations", map[string]string{"email": "nobody"}, "email"},
	{"/settings/teams", "/settings/teams", map[string]string{"name": "  "}, "name"},
	{"/settings/site", "/settings/site", map[string]string{"icp": "no number"}, "icp"},
	{"/settings/files", "/settings/files", map[string]string{"max_mb": "0"}, "max_mb"},
	{"/settings/replies/new", "/settings/replies", map[string]string{"title": "  ", "text": "kept"}, "title"},
	{"/settings/forms", "/settings/forms", map[string]string{"name": "  "}, "name"},
	{"/settings/health", "/settings/health/plan", map[string]string{"at": "25:00"}, "at"},
	{"/settings/hours", "/settings/hours/*", map[string]string{"d1-0-from": "18:00", "d1-0-to": "25:00", "offline_text": "kept"}, "d1-0-from"},
	{"/settings/hours", "/settings/hours/*", map[string]string{"s0-date": "2027-02-14", "s0-0-from": "9:00", "s0-0-to": "25:00", "offline_text": "kept"}, "s0-date"},
	{"/settings/hours", "/settings/hours/*", map[string]string{"undelivered_minutes": "0", "offline_text": "kept"}, "undelivered_minutes"},
}

// On every page of the settings, a wrong value is said at its field, which has the focus, and what was typed stays.
func TestEverySettingsPageSaysWhatIsWrongAtItsField(t *testing.T) {
	t.Parallel()
	s, _ := newScene(t)
	s.desk.AddAgent("boss@example.com", "周岚", "admin", agentPassword)
	for i, look := range []apptest.Look{{Locale: "zh-CN", Width: 360, Height: 740}, {Locale: "en"}} {
		b := apptest.OpenBrowser(t, t.TempDir(), look.Locale) // its language is the pages'
		admin := b.Open(look, true, s.base+"/sign-in")
		admin.Type("#f-email", "boss@example.com")
		admin.Type("#f-password", agentPassword)
		admin.Click("form .btn.primary")
		admin.WaitFor(`location.pathname.startsWith("/tickets")`)
		admin.Go(s.base + "/settings")
		inbox := apptest.Eval[string](admin, `document.querySelector("main h2 a").getAttribute("href")`)
		if got := apptest.Eval[string](admin, `document.documentElement.lang`); got != look.Locale {
			t.Fatalf("the pages speak %s, want %s", got, look.Locale)
		}
		for _, one := range wrongSettings {
			page, form := one.page, one.form
			if page == "" {
				page, form = inbox, inbox
			}
			form = fmt.Sprintf(`form[action='%s']`, form)
			if rest, begins := strings.CutSuffix(form, "*']"); begins {
				form = strings.Replace(rest, "action=", "action^=", 1) + "']"
			}
			admin.Go(s.base + page)
			admin.Wait("main h1")
			for name, value := range one.fields {
				admin.Run(fmt.Sprintf(`document.querySelector("%s [name='%s']").value = %q`, form, name, value))
			}
			// The browser's own checks stand aside, as they do for whoever sends by a program.
			admin.Run(fmt.Sprintf(`(f => { f.noValidate = true; f.requestSubmit(); })(document.querySelector("%s"))`, form))
			admin.WaitFor(fmt.Sprintf(`(e => e && document.activeElement === e && e.getAttribute("aria-invalid") === "true" &&
				e.getAttribute("aria-describedby").split(" ").some(id => id.endsWith("-wrong") && document.getElementById(id).textContent.trim() !== ""))(
				document.querySelector("%s [name='%s']"))`, form, one.wrong))
			for name, value := range one.fields {
				if got := apptest.Eval[string](admin, fmt.Sprintf(`document.querySelector("%s [name='%s']").value`, form, name)); got != value {
					t.Errorf("%s: %s became %q", page, name, got)
				}
			}
			admin.Axe(fmt.Sprintf("%s, %s wrong", page, one.wrong))
			admin.Shot(fmt.Sprintf("wrong-%d-%s", i, one.wrong))
		}
		b.Close()
	}
}
