package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"huiyin/mailin"
	"huiyin/mailin/imapbox"
	"huiyin/mailin/mailtest"
	"huiyin/mailin/probe"
	"huiyin/tickets"
)

const mailAddress = "kf@shop.example"

// mailboxSent is a form that adds a mailbox.
func mailboxSent(change map[string]string) url.Values {
	form := url.Values{
		"preset": {"another"}, "inbox_name": {"售后邮箱"}, "address": {mailAddress}, "imap_password": {"s3cret-words"}, "sign_in": {"password"},
		"imap_host": {"imap.shop.example"}, "imap_port": {"993"}, "imap_security": {"tls"}, "imap_user": {""},
		"smtp_host": {"smtp.shop.example"}, "smtp_port": {"465"}, "smtp_security": {"tls"}, "smtp_user": {""}, "processed": {"Huiyin"}, "older": {"leave"},
	}
	for name, value := range change {
		form.Set(name, value)
	}
	return form
}

// added adds a mailbox by its page and gives its path.
func (b *browser) added(form url.Values) string {
	b.d.t.Helper()
	got := b.post("/settings/inboxes/email", form)
	path := regexp.MustCompile(`/settings/inboxes/\d+/mail`).FindString(got.header.Get("Location"))
	if got.status != http.StatusSeeOther || path == "" {
		b.d.t.Fatalf("add: %d %s", got.status, wrongOf(got.body))
	}
	return path
}

// wrongOf is what a page says is wrong.
func wrongOf(body string) string {
	return strings.Join(regexp.MustCompile(`(?s)id="f-[a-z-]+-wrong">.*?</span>|role="alert">.*?</p>`).FindAllString(body, -1), "\n")
}

// account is the one mailbox that there is.
func (d *desk) account() mailin.Account {
	d.t.Helper()
	list, err := d.boxes.Accounts(context.Background())
	must(d.t, err)
	if len(list) != 1 {
		d.t.Fatalf("%d mailboxes, want 1", len(list))
	}
	return list[0]
}

func TestAnEmailInboxIsAddedByItsAddress(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(o *Options) {
		o.LookupMX = func(_ context.Context, domain string) []string {
			return map[string][]string{"corp.example": {"mxbiz1.qq.com."}}[domain]
		}
	})
	boss := d.signedIn(d.agent("boss", "老板", tickets.RoleAdmin))
	if got := boss.get("/settings/inboxes/email").body; !strings.Contains(got, `name="address"`) || strings.Contains(got, "imap_host") {
		t.Error("the first page does not ask for the address alone")
	}
	for address, want := range map[string][]string{
		"shop@qq.com": {"imap.qq.com", "smtp.qq.com", "Authorisation code"}, "kf@corp.example": {"imap.exmail.qq.com"}, "kf@shop.example": {"imap.shop.example"},
		"a@gmail.com": {"imap.gmail.com", `value="google" selected`}, "a@outlook.com": {"smtp.office365.com", `value="587"`},
	} {
		got := boss.get("/settings/inboxes/email?address=" + url.QueryEscape(address)).body
		for _, one := range append(want, `value="leave" selected`, `value="Huiyin"`) {
			if !strings.Contains(got, one) {
				t.Errorf("%s: the page does not propose %s", address, one)
			}
		}
	}
	path := boss.added(mailboxSent(nil))
	a := d.account()
	if a.Address != mailAddress || a.IMAP.Password != "s3cret-words" || a.Active || a.Older != mailin.OlderLeave || a.Processed != "Huiyin" {
		t.Errorf("kept as %+v", a.Address)
	}
	for _, page := range []string{path, "/settings"} {
		if got := boss.get(page); got.status != http.StatusOK || strings.Contains(got.body, "s3cret") || !strings.Contains(got.body, mailAddress) {
			t.Errorf("%s: %d, or it shows the password", page, got.status)
		}
	}
	if got := boss.get(strings.TrimSuffix(path, "/mail")).status; got != http.StatusNotFound {
		t.Errorf("the page of a chat inbox opens for it: %d", got)
	}
	if got := boss.get("/settings/inboxes/" + d.inbox.ID.String() + "/mail").status; got != http.StatusNotFound {
		t.Errorf("the page of an e-mail inbox opens for a chat: %d", got)
	}
}

func TestAMailboxThatIsRefusedLeavesNothingAndNamesItsFields(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	boss := d.signedIn(d.agent("boss", "老板", tickets.RoleAdmin))
	for field, value := range map[string]string{
		"address": "nobody", "inbox_name": "", "imap_password": "", "imap_host": "https://imap.example", "imap_port": "x", "smtp_port": "70000", "imap_security": "ssl",
		"processed": "inbox", "older": "some", "sign_in": "nobody",
	} {
		got := boss.post("/settings/inboxes/email", mailboxSent(map[string]string{field: value}))
		id := `id="f-` + strings.ReplaceAll(field, "_", "-") + `-wrong"`
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, id) {
			t.Errorf("%s %q: %d, the field is not named: %s", field, value, got.status, wrongOf(got.body))
		}
		if strings.Contains(got.body, "s3cret") {
			t.Errorf("%s: the page says the password back", field)
		}
	}
	boxes, err := d.tickets.Inboxes(t.Context())
	must(t, err)
	for _, box := range boxes {
		if box.Channel == tickets.ChannelEmail {
			t.Error("an inbox without a mailbox is left")
		}
	}
	boss.added(mailboxSent(nil))
	if got := boss.post("/settings/inboxes/email", mailboxSent(nil)); got.status != http.StatusConflict || !strings.Contains(got.body, "has this address already") {
		t.Errorf("the same address again: %d", got.status)
	}
}

func TestAPasswordStaysOnlyForItsServerAndUser(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	boss := d.signedIn(d.agent("boss", "老板", tickets.RoleAdmin))
	path := boss.added(mailboxSent(nil))
	save := func(change map[string]string) reply {
		form := mailboxSent(map[string]string{"imap_password": "", "more": "1", "name": "青禾客服", "blocked": "spam.example\nX@y.example", "auto_on": "on", "auto_per_hour": "2"})
		for name, value := range change {
			form.Set(name, value)
		}
		return boss.post(path, form)
	}
	if got := save(nil); got.status != http.StatusSeeOther {
		t.Fatalf("without the password: %d %s", got.status, wrongOf(got.body))
	}
	a := d.account()
	if a.IMAP.Password != "s3cret-words" || a.Name != "青禾客服" || len(a.Blocked) != 2 || !a.AutoReply.On || a.AutoReply.PerHour != 2 {
		t.Errorf("saved as %+v %+v", a.Name, a.AutoReply)
	}
	for rule, change := range map[string]map[string]string{
		"another server": {"imap_host": "imap.thief.example"}, "another user": {"imap_user": "somebody"}, "another address": {"address": "other@shop.example"},
		"no protection": {"imap_security": "none"}, "a sender elsewhere, which gets the same password": {"smtp_host": "smtp.thief.example"}, "a sender in plain": {"smtp_security": "none"},
	} {
		got := save(change)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "password again") {
			t.Errorf("%s: %d", rule, got.status)
		}
		change["imap_password"] = "typed-again"
		if got := save(change); got.status != http.StatusSeeOther {
			t.Errorf("%s, with the password: %d %s", rule, got.status, wrongOf(got.body))
		}
		if got := save(map[string]string{"imap_password": "s3cret-words"}); got.status != http.StatusSeeOther {
			t.Fatalf("back: %d %s", got.status, wrongOf(got.body))
		}
	}
	if got := save(map[string]string{"inbox_name": "售前邮箱"}); got.status != http.StatusSeeOther || !strings.Contains(boss.get(path).body, "<h1>售前邮箱") {
		t.Errorf("another name: %d", got.status)
	}
}

func TestOnlyAdministratorsComeToMailboxes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	path := d.signedIn(d.agent("boss", "老板", tickets.RoleAdmin)).added(mailboxSent(nil))
	for role, who := range map[string]*browser{
		"nobody": d.browser(), "an agent": d.signedIn(d.agent("lin", "林薇", tickets.RoleAgent)), "a manager": d.signedIn(d.agent("zhou", "周岚", tickets.RoleManager)),
	} {
		for _, page := range []string{path, path + "/health", path + "/consent", path + "/failed/7", "/settings/inboxes/email", "/settings/mail/oauth?state=x&code=y"} {
			if got := who.do(http.MethodGet, page, "application/json", nil).status; got != http.StatusForbidden && got != http.StatusUnauthorized {
				t.Errorf("%s sees %s: %d", role, page, got)
			}
		}
		for _, action := range []string{"", "/fetch", "/state", "/test", "/failed/7"} {
			if got := who.script(path+action, mailboxSent(nil)).status; got != http.StatusForbidden && got != http.StatusUnauthorized {
				t.Errorf("%s does %s: %d", role, action, got)
			}
		}
	}
	if d.account().Active {
		t.Error("somebody has switched it on")
	}
}

// dovecotPlan tries the real server; its mails are delivered as a provider would.
func dovecotPlan(server *mailtest.Dovecot) func(a *mailin.Account, _ string) probe.Plan {
	return func(a *mailin.Account, _ string) probe.Plan {
		return probe.Plan{
			Address: a.Address, Host: a.SMTP.Host, Wait: 8 * time.Second, Pace: 100 * time.Millisecond,
			IMAP: imapbox.Config{Host: a.IMAP.Host, Port: a.IMAP.Port, Security: a.IMAP.Security, User: a.Address, Password: a.IMAP.Password, Folder: a.Folder, Processed: a.Processed, TLS: server.TLS()},
			Send: func(_ context.Context, m probe.Mail) *probe.Failure {
				server.Deliver(a.Address, "INBOX", []byte("Subject: "+m.Subject+"\r\n\r\ntest\r\n"))
				return nil
			},
		}
	}
}

func TestTheTestTellsItsStepsAndSwitchesOnWhatWorks(t *testing.T) {
	t.Parallel()
	server := mailtest.StartDovecot(t)
	d := newDesk(t, func(o *Options) { o.MailPlan = dovecotPlan(server) })
	boss := d.signedIn(d.agent("boss", "老板", tickets.RoleAdmin))
	at := map[string]string{"imap_host": "localhost", "imap_port": strconv.Itoa(server.Secure)}
	path := boss.added(mailboxSent(at))
	got := boss.post(path+"/test", url.Values{"start": {"1"}})
	for _, want := range []string{"localhost refuses user or password", "IMAP switched on", "Not tried"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("a wrong password: the page does not say %q", want)
		}
	}
	if strings.Contains(got.body, "s3cret") || d.account().Active {
		t.Error("the password is shown, or what does not work is switched on")
	}
	at["imap_password"], at["more"] = mailtest.Password, "1"
	if got := boss.post(path, mailboxSent(at)); got.status != http.StatusSeeOther {
		t.Fatalf("%d %s", got.status, wrongOf(got.body))
	}
	live := boss.do(http.MethodPost, path+"/test", ndjson, url.Values{"start": {"1"}})
	lines := strings.Split(strings.TrimSpace(live.body), "\n")
	if live.status != http.StatusOK || len(lines) < 8 || !strings.Contains(lines[len(lines)-1], `"done":true`) || strings.Count(lines[len(lines)-1], "tag good") != 9 {
		t.Errorf("live: %d, %d lines, the last %s", live.status, len(lines), lines[len(lines)-1])
	}
	if a := d.account(); !a.Active || a.Plus != mailin.PlusYes {
		t.Errorf("active %t, plus %q", a.Active, a.Plus)
	}
	for on, want := range map[string]bool{"0": false, "1": true} {
		if boss.post(path+"/state", url.Values{"on": {on}}); d.account().Active != want {
			t.Errorf("switched to %s: %t", on, !want)
		}
	}
	if got := boss.post(path+"/fetch", nil).status; got != http.StatusSeeOther {
		t.Errorf("fetch now: %d", got)
	}
}

// consentServer is a provider whose token server is on this machine.
func consentServer(t *testing.T, seen *sync.Map) *httptest.Server {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Store("verifier", r.FormValue("code_verifier"))
		w.Header().Set("Content-Type", "application/json")
		if r.FormValue("code") != "good" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error": "invalid_grant"}`)
			return
		}
		fmt.Fprint(w, `{"access_token": "acc", "refresh_token": "ref", "expires_in": 3600, "token_type": "Bearer"}`)
	}))
	t.Cleanup(s.Close)
	return s
}

func TestAConsentCountsOnlyInTheSessionThatAskedForIt(t *testing.T) {
	t.Parallel()
	var seen sync.Map
	provider := consentServer(t, &seen)
	d := newDesk(t)
	d.web.MailTokens = mailin.NewTokens(d.boxes, provider.Client())
	boss := d.signedIn(d.agent("boss", "老板", tickets.RoleAdmin))
	other := d.signedIn(d.agent("zhou", "周岚", tickets.RoleAdmin))
	path := boss.added(mailboxSent(map[string]string{
		"sign_in": "other", "client_id": "desk", "client_secret": "client-s3cret", "auth_url": provider.URL + "/auth", "token_url": provider.URL + "/token", "scopes": "mail",
	}))
	ask := func() url.Values {
		to, err := url.Parse(boss.get(path + "/consent").header.Get("Location"))
		must(t, err)
		return to.Query()
	}
	q := ask()
	if q.Get("redirect_uri") != d.http.URL+"/settings/mail/oauth" || q.Get("code_challenge_method") != "S256" || q.Get("client_id") != "desk" {
		t.Errorf("asked with %v", q)
	}
	answer := func(who *browser, state, code string) reply {
		return who.get("/settings/mail/oauth?" + url.Values{"state": {state}, "code": {code}}.Encode())
	}
	if got := answer(other, q.Get("state"), "good").status; got != http.StatusUnprocessableEntity {
		t.Errorf("another's session: %d", got)
	}
	if got := answer(boss, "guessed", "good").status; got != http.StatusUnprocessableEntity {
		t.Errorf("a state that is guessed: %d", got)
	}
	if got := answer(boss, q.Get("state"), "good").status; got != http.StatusUnprocessableEntity {
		t.Errorf("after a wrong state it still counts: %d", got)
	}
	if got := answer(boss, ask().Get("state"), "bad"); !strings.Contains(got.header.Get("Location"), "consent=failed") {
		t.Errorf("a provider that refuses: %d", got.status)
	}
	if d.account().OAuth.Refresh != "" {
		t.Fatal("tokens came from nowhere")
	}
	if got := answer(boss, ask().Get("state"), "good"); got.status != http.StatusSeeOther || d.account().OAuth.Refresh != "ref" || d.account().OAuth.ClientSecret != "client-s3cret" {
		t.Errorf("the consent: %d", got.status)
	}
	page := boss.get(path).body
	for _, secret := range []string{"client-s3cret", `"ref"`, `"acc"`} {
		if strings.Contains(page, secret) {
			t.Errorf("the page shows %s", secret)
		}
	}
	form := mailboxSent(map[string]string{"more": "1", "imap_password": "", "sign_in": "other", "client_id": "desk", "auth_url": provider.URL + "/auth", "token_url": provider.URL + "/token", "scopes": "mail"})
	if got := boss.post(path, form); got.status != http.StatusSeeOther || d.account().OAuth.Refresh != "ref" || d.account().OAuth.ClientSecret != "client-s3cret" {
		t.Errorf("saved again: %d %s", got.status, wrongOf(got.body))
	}
	form.Set("imap_host", "imap.thief.example")
	if boss.post(path, form); d.account().OAuth.Refresh != "" {
		t.Error("tokens go to another server")
	}
}
