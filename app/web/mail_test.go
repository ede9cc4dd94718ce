package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"huiyin/app/deskmail"
	"huiyin/app/i18n"
	"huiyin/app/mailer"
	"huiyin/app/mailer/mailertest"
	"huiyin/tickets"
)

// mailForm is the settings' form for a server.
func mailForm(set mailer.Settings) url.Values {
	return url.Values{
		"host": {set.Host}, "port": {strconv.Itoa(set.Port)}, "security": {string(set.Security)}, "user": {set.User}, "password": {set.Password},
		"from_email": {set.From.Email}, "from_name": {set.From.Name},
	}
}

// do does the jobs that have been queued, as the queue would.
func (d *desk) do(t *testing.T, n int) {
	t.Helper()
	for range n {
		select {
		case job := <-d.outbox:
			must(t, d.mail.Work(t.Context(), job, time.Now()))
		case <-time.After(5 * time.Second):
			t.Fatal("no mail was queued")
		}
	}
}

func TestTheSettingsOfMailKeepThePasswordAndSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	boss := d.signedIn(d.agent("boss", "老板", tickets.RoleAdmin))
	server := mailertest.Start(t, mailertest.Options{})
	good := mailForm(server.Settings())
	for field, value := range map[string]string{
		"host": "https://smtp.example.com", "port": "x", "security": "ssl", "password": "", "from_email": "nobody", "from_name": strings.Repeat("n", 300),
	} {
		form := url.Values{}
		for k, v := range good {
			form[k] = v
		}
		form.Set(field, value)
		got := boss.post("/settings/mail", form)
		if got.status != http.StatusUnprocessableEntity || strings.Count(got.body, `aria-invalid="true"`) != 1 {
			t.Errorf("%s %q: %d, %d fields are wrong", field, value, got.status, strings.Count(got.body, `aria-invalid="true"`))
		}
		if strings.Contains(got.body, good.Get("password")) {
			t.Errorf("%s: the page says the password back", field)
		}
	}
	if got := boss.post("/settings/mail", good).status; got != http.StatusSeeOther {
		t.Fatalf("good: %d", got)
	}
	page := boss.get("/settings/mail").body
	if strings.Contains(page, good.Get("password")) || !strings.Contains(page, "A password is set") {
		t.Error("the page shows the password, or does not say that there is one")
	}
	good.Set("password", "")
	if got := boss.post("/settings/mail", good).status; got != http.StatusSeeOther {
		t.Errorf("the same again without the password: %d", got)
	}
	if set, err := d.mail.Settings(t.Context()); err != nil || set.Password != server.Settings().Password {
		t.Errorf("the password is lost: %v", err)
	}
	good.Set("host", "smtp.thief.example")
	if got := boss.post("/settings/mail", good); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "enter the password again") {
		t.Errorf("another server gets the password: %d", got.status)
	}
	if got := boss.get("/settings/mail?preset=outlook").body; !strings.Contains(got, "smtp-mail.outlook.com") || !strings.Contains(got, `value="587"`) || !strings.Contains(got, "app password") {
		t.Error("the provider's settings are not proposed")
	}
	lin := d.signedIn(d.agent("lin", "林薇", tickets.RoleAgent))
	if got := lin.get("/settings/mail").status; got != http.StatusForbidden {
		t.Errorf("an agent sees the settings: %d", got)
	}
	boss.post("/settings/mail/end", nil)
	if ready, err := d.mail.Ready(t.Context()); ready || err != nil {
		t.Errorf("after forgetting: %t, %v", ready, err)
	}
}

func TestTheTestButtonSaysWhatHappenedAndWhatToDo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	boss := d.signedIn(d.agent("boss", "老板", tickets.RoleAdmin))
	if got := boss.post("/settings/mail/test", nil); got.status != http.StatusOK {
		t.Errorf("without settings: %d", got.status)
	}
	refusing := mailertest.Start(t, mailertest.Options{Answer: func(step mailer.Step, _ string) error {
		if step == mailer.StepSignIn {
			return mailertest.Say(535, "Error: authentication failed for desk@shop.test")
		}
		return nil
	}})
	must(t, d.mail.Save(t.Context(), refusing.Settings()))
	got := boss.post("/settings/mail/test", nil).body
	for _, want := range []string{"The server refuses user or password.", "authorisation code", "The server said: 535 Error: authentication failed for …"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	server := mailertest.Start(t, mailertest.Options{})
	must(t, d.mail.Save(t.Context(), server.Settings()))
	if got := boss.post("/settings/mail/test", nil).body; !strings.Contains(got, "The server has taken the mail to boss@desk.example") {
		t.Error("the page does not say that it works")
	}
	m := server.Wait(1)[0]
	if m.To[0] != "boss@desk.example" || !strings.Contains(m.Subject, "Test mail") || !strings.Contains(m.HTML, "your settings work") {
		t.Errorf("the test mail is %q to %v", m.Subject, m.To)
	}
}

func TestEveryReasonHasItsWords(t *testing.T) {
	t.Parallel()
	texts, err := i18n.Load()
	must(t, err)
	for _, locale := range i18n.Locales() {
		keys := texts.Keys(locale)
		for _, reason := range deskmail.Reasons() {
			for _, prefix := range []string{"mail.reason.", "mail.next."} {
				if !strings.Contains(" "+strings.Join(keys, " ")+" ", " "+prefix+reason+" ") {
					t.Errorf("%s: %s%s is missing", locale, prefix, reason)
				}
			}
		}
	}
}

func TestAForgottenPasswordIsSetByALinkThatComesByMail(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lin := d.agent("lin", "林薇", tickets.RoleAgent)
	must(t, d.tickets.SetAgentPreferences(t.Context(), lin.ID, "zh-CN", "", "online"))
	earlier := d.signedIn(lin)
	if page := d.browser().get("/sign-in").body; !strings.Contains(page, `href="/forgot"`) {
		t.Error("the sign-in page does not lead there")
	}
	guest := d.browser()
	if page := guest.get("/forgot").body; !strings.Contains(page, "ask an administrator") || strings.Contains(page, `action="/forgot"`) {
		t.Error("without mail the page does not say whom to ask")
	}
	if got := guest.post("/forgot", url.Values{"email": {"lin@desk.example"}}).status; got != http.StatusConflict {
		t.Errorf("without mail: %d", got)
	}
	server := mailertest.Start(t, mailertest.Options{})
	must(t, d.mail.Save(t.Context(), server.Settings()))

	if got := guest.post("/forgot", url.Values{"email": {"no address"}}); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `aria-invalid="true"`) {
		t.Errorf("no address: %d", got.status)
	}
	known, unknown := guest.post("/forgot", url.Values{"email": {"Lin@desk.example"}}), guest.post("/forgot", url.Values{"email": {"nobody@desk.example"}})
	if known.status != http.StatusSeeOther || known.status != unknown.status || known.header.Get("Location") != unknown.header.Get("Location") || known.body != unknown.body {
		t.Errorf("the answers differ: %d %s, %d %s", known.status, known.header.Get("Location"), unknown.status, unknown.header.Get("Location"))
	}
	if page := guest.get(known.header.Get("Location")).body; !strings.Contains(page, "If somebody here has this address") {
		t.Error("the page does not say what comes next")
	}
	d.do(t, 2)
	mails := server.Wait(1)
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	m := mails[0]
	link := strings.TrimPrefix(m.Link(), d.http.URL)
	if m.To[0] != "lin@desk.example" || !strings.HasPrefix(m.Subject, "设置新密码") || !strings.HasPrefix(link, "/passwords/") || !strings.Contains(m.HTML, m.Link()) {
		t.Fatalf("the mail is %q to %v with %q", m.Subject, m.To, link)
	}
	fresh := d.browser()
	if got := fresh.post(link, url.Values{"password": {"another good password"}}).status; got != http.StatusSeeOther {
		t.Fatalf("set: %d", got)
	}
	if earlier.get("/tickets").status == http.StatusOK {
		t.Error("the session of before still gets in")
	}
	if got := d.browser().get(link).status; got != http.StatusNotFound {
		t.Errorf("a second time: %d", got)
	}
	for range 2 {
		guest.post("/forgot", url.Values{"email": {"lin@desk.example"}})
	}
	if got := guest.post("/forgot", url.Values{"email": {"lin@desk.example"}}); got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") == "" {
		t.Errorf("mails without end: %d", got.status)
	}
}

func TestAnInvitationIsCopiedAndMailedAndWorksOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	boss := d.signedIn(d.agent("boss", "老板", tickets.RoleAdmin))
	made := boss.post("/settings/invitations", url.Values{"email": {"new@desk.example"}, "name": {"小王"}, "role": {"agent"}})
	page := boss.get(made.header.Get("Location")).body
	if strings.Contains(page, `/mail"><button`) || !strings.Contains(page, `href="/settings/mail"`) {
		t.Error("without mail the page offers to send one, or does not say how")
	}
	copied := regexp.MustCompile(`data-copy="[^"]*(/invitations/[^"]+)"`).FindStringSubmatch(page)[1]
	server := mailertest.Start(t, mailertest.Options{})
	must(t, d.mail.Save(t.Context(), server.Settings()))
	door := regexp.MustCompile(`/settings/invitations/\d+/mail`).FindString(boss.get("/settings/agents").body)
	if got := boss.post(door, nil); got.status != http.StatusSeeOther || !strings.Contains(boss.get(got.header.Get("Location")).body, "on its way") {
		t.Fatalf("%s: %d", door, got.status)
	}
	d.do(t, 1)
	mailed := strings.TrimPrefix(server.Wait(1)[0].Link(), d.http.URL)
	if n := strings.Count(boss.get("/settings/agents").body, "new@desk.example</span><span"); n != 1 {
		t.Errorf("the invitation is listed %d times", n)
	}
	for _, link := range []string{copied, mailed} {
		if got := d.browser().get(link).status; got != http.StatusOK {
			t.Errorf("%s: %d", link, got)
		}
	}
	if got := d.browser().post(mailed, url.Values{"name": {"小王"}, "password": {testPassword}}).status; got != http.StatusSeeOther {
		t.Fatalf("accept: %d", got)
	}
	if got := d.browser().get(copied).status; got != http.StatusNotFound {
		t.Errorf("the other link still works: %d", got)
	}
	if got := boss.post(door, nil).status; got != http.StatusNotFound {
		t.Errorf("an invitation that is over is sent: %d", got)
	}
}

func TestALinkOfATicketIsShownOnceAndOnlyThere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lin := d.signedIn(d.agent("lin", "林薇", tickets.RoleAgent))
	one, other := d.said(d.contact("李雷"), "hello"), d.said(d.contact("韩梅梅"), "hi")
	made := lin.post(ticketPath(one.Number)+"/link", nil)
	if made.status != http.StatusSeeOther {
		t.Fatalf("the form answers %d, want a redirect", made.status)
	}
	if got := d.signedIn(d.agent("wang", "王", tickets.RoleAgent)).get(made.header.Get("Location")).status; got != http.StatusSeeOther {
		t.Errorf("somebody else sees a link: %d", got)
	}
	page := lin.get(made.header.Get("Location"))
	link := regexp.MustCompile(`/t/[A-Za-z0-9_-]{10,}`).FindString(page.body)
	if link == "" || page.header.Get("Cache-Control") != "no-store" || d.browser().get(link).status != http.StatusOK {
		t.Errorf("the page shows no link that works, or may be stored")
	}
	if got := lin.get(made.header.Get("Location")).status; got != http.StatusSeeOther {
		t.Errorf("a reload: %d", got)
	}
	lin.post(ticketPath(one.Number)+"/link", nil)
	if got := lin.get(ticketPath(other.Number) + "/link"); got.status != http.StatusSeeOther || strings.Contains(got.body, "/t/") {
		t.Errorf("another ticket's page shows it: %d", got.status)
	}
}
