package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"huiyin/tickets"
)

func TestSigningInLeadsBackToWhereSheWanted(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.agent("wang", "王芳", tickets.RoleAgent)
	b := d.browser()
	r := b.get("/tickets/12?list=mine")
	if want := "/sign-in?next=%2Ftickets%2F12%3Flist%3Dmine"; r.status != http.StatusSeeOther || r.header.Get("Location") != want {
		t.Fatalf("%d %s, want %s", r.status, r.header.Get("Location"), want)
	}
	if page := b.get(r.header.Get("Location")); !strings.Contains(page.body, `value="/tickets/12?list=mine"`) {
		t.Error("the form forgets where she wanted to go")
	}
	r = b.post("/sign-in", url.Values{"email": {"wang@desk.example"}, "password": {testPassword}, "next": {"/tickets/12?list=mine"}})
	if r.header.Get("Location") != "/tickets/12?list=mine" {
		t.Errorf("%d %s", r.status, r.header.Get("Location"))
	}
	if got := b.get("/tickets").status; got != http.StatusOK {
		t.Errorf("signed in: %d", got)
	}
	if r := b.post("/sign-out", nil); r.status != http.StatusSeeOther {
		t.Errorf("sign out: %d", r.status)
	}
	if got := b.get("/tickets").status; got != http.StatusSeeOther {
		t.Errorf("signed out: %d", got)
	}
}

func TestSigningInLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"/tickets/1?a=b": "/tickets/1?a=b", "https://evil.example/": "/x", "//evil.example": "/x", `/\evil.example`: "/x", "javascript:alert(1)": "/x",
		"": "/x", "tickets": "/x", "/\t/evil.example": "/x", "///evil.example": "/x",
	} {
		if got := localPath(raw, "/x"); got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
}

func TestAWrongPasswordSaysTheSameAsAnUnknownEmail(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.agent("wang", "王芳", tickets.RoleAgent)
	wrong := d.browser().post("/sign-in", url.Values{"email": {"wang@desk.example"}, "password": {"wrong"}})
	unknown := d.browser().post("/sign-in", url.Values{"email": {"nobody@desk.example"}, "password": {"wrong"}})
	for name, r := range map[string]reply{"wrong password": wrong, "unknown e-mail": unknown} {
		if r.status != http.StatusUnauthorized || !strings.Contains(r.body, "E-mail or password is wrong") || strings.Contains(r.body, "value=\"wrong\"") {
			t.Errorf("%s: %d", name, r.status)
		}
		if r.header.Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", name)
		}
	}
}

func setupForm(code string) url.Values {
	return url.Values{
		"code": {code}, "name": {"王芳"}, "email": {"wang@desk.example"}, "password": {testPassword}, "shop_name": {"青禾小店"},
		"allowed_origins": {"https://Shop.example/"}, "locale": {"zh-CN"}, "timezone": {"Asia/Shanghai"}, "country": {"CN"}, "currency": {"CNY"},
	}
}

func TestTheFirstRunMakesADeskThatCanBeUsed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.browser()
	if r := b.get("/"); r.header.Get("Location") != "/setup" {
		t.Fatalf("/ leads to %s", r.header.Get("Location"))
	}
	if r := b.get("/setup"); r.status != http.StatusOK {
		t.Fatalf("setup: %d", r.status)
	}
	code, err := d.auth.SetupCode(context.Background())
	must(t, err)
	if r := b.post("/setup", setupForm("0000-0000-0000")); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "This is not the setup code") {
		t.Fatalf("wrong code: %d", r.status)
	}
	bad := setupForm(code)
	bad.Set("allowed_origins", "not a site")
	if r := b.post("/setup", bad); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, `id="f-allowed-origins-wrong"`) || !strings.Contains(r.body, `value="青禾小店"`) {
		t.Fatalf("wrong site: %d", r.status)
	}
	if r := b.post("/setup", setupForm(code)); r.header.Get("Location") != "/settings/guide" {
		t.Fatalf("%d %s", r.status, r.body)
	}
	inboxes, err := d.tickets.Inboxes(context.Background())
	must(t, err)
	inbox := inboxes[len(inboxes)-1]
	if inbox.Name != "青禾小店" || inbox.Channel != tickets.ChannelChat || len(inbox.Settings.AllowedOrigins) != 1 || inbox.Settings.AllowedOrigins[0] != "https://shop.example" {
		t.Errorf("the first inbox: %+v", inbox)
	}
	if r := b.get("/settings/guide"); r.status != http.StatusOK || !strings.Contains(r.body, inbox.Key) || !strings.Contains(r.body, `lang="zh-CN"`) {
		t.Errorf("settings: %d", r.status)
	}
	if shop := d.web.shopOf(context.Background()); shop.Name != "青禾小店" || shop.Zone().String() != "Asia/Shanghai" {
		t.Errorf("shop: %+v", shop)
	}
	if r := d.browser().get("/setup"); r.status != http.StatusNotFound {
		t.Errorf("afterwards /setup gives %d", r.status)
	}
}

func TestTheLanguageIsTheBrowsersUntilSheChooses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.agent("wang", "王芳", tickets.RoleAgent)
	b := d.browser()
	if r := b.get("/sign-in"); !strings.Contains(r.body, `<html lang="en">`) {
		t.Error("the browser asks for English")
	}
	b.get("/sign-in?locale=zh-CN")
	if r := b.get("/sign-in"); !strings.Contains(r.body, `<html lang="zh-CN">`) {
		t.Error("the choice is forgotten")
	}
	b = d.signedIn(a)
	r := b.post("/preferences", url.Values{"locale": {"zh-CN"}, "theme": {"dark"}, "availability": {"away"}, "after": {"next"}, "enter": {"ctrl"}})
	if r.status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.status, r.body)
	}
	page := b.get("/preferences").body
	for _, want := range []string{`<html lang="zh-CN" data-theme="dark">`, `data-letters="false"`, `data-enter="false"`, `value="next" checked`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if r := b.post("/preferences", url.Values{"locale": {"fr"}, "availability": {"away"}, "after": {"stay"}}); r.status != http.StatusUnprocessableEntity {
		t.Errorf("a language that the desk lacks: %d", r.status)
	}
}

func TestErrorsComeInBothLanguagesAndBothForms(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("wang", "王芳", tickets.RoleAgent))
	page := b.get("/absent?locale=zh-CN")
	if page.status != http.StatusNotFound || !strings.Contains(page.body, "没有这个页面") || !strings.Contains(page.body, page.header.Get("X-Request-Id")) {
		t.Errorf("%d %s", page.status, page.body)
	}
	problem := d.browser().do("GET", "/absent", "application/json", nil)
	if problem.status != http.StatusNotFound || problem.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(problem.body, `"detail":"There is no such page"`) {
		t.Errorf("%d %s", problem.status, problem.body)
	}
	if denied := b.get("/settings"); denied.status != http.StatusForbidden {
		t.Errorf("denied: %d", denied.status)
	}
}
