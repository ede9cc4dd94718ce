package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"huiyin/app/auth"
	"huiyin/tickets"
)

// madeLink follows what a form that makes a link answers, and finds the link that the page shows once.
func (b *browser) madeLink(t *testing.T, sent reply, kind string) string {
	t.Helper()
	if sent.status != http.StatusSeeOther {
		t.Fatalf("the form answers %d, want a redirect", sent.status)
	}
	to := sent.header.Get("Location")
	m := regexp.MustCompile(`data-copy="[^"]*(/` + kind + `/[^"]+)"`).FindStringSubmatch(b.get(to).body)
	if again := b.get(to).body; m != nil && strings.Contains(again, m[1]) {
		t.Errorf("a reload of %s shows the link again", to)
	}
	if m == nil {
		t.Fatalf("the page shows no link of %s", kind)
	}
	return m[1]
}

func TestAnInvitationMakesAnAgentOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	boss := d.signedIn(d.agent("boss", "老板", tickets.RoleAdmin))
	wrong := boss.post("/settings/invitations", url.Values{"email": {"not an address"}, "role": {"agent"}})
	if wrong.status != http.StatusUnprocessableEntity || !strings.Contains(wrong.body, "not an address") {
		t.Errorf("a wrong address: %d, and the value is kept: %t", wrong.status, strings.Contains(wrong.body, "not an address"))
	}
	made := boss.post("/settings/invitations", url.Values{"email": {"new@desk.example"}, "name": {"小王"}, "role": {"manager"}})
	link := boss.madeLink(t, made, "invitations")
	guest := d.browser()
	if page := guest.get(link); page.status != http.StatusOK || !strings.Contains(page.body, "new@desk.example") {
		t.Fatalf("the invitation: %d", page.status)
	}
	if got := guest.post(link, url.Values{"name": {"小王"}, "password": {"short"}}).status; got != http.StatusUnprocessableEntity {
		t.Errorf("a short password: %d", got)
	}
	if got := guest.post(link, url.Values{"name": {"小王"}, "password": {testPassword}}).status; got != http.StatusSeeOther {
		t.Fatalf("accepting: %d", got)
	}
	if got := guest.get("/tickets").status; got != http.StatusOK {
		t.Errorf("she is not in: %d", got)
	}
	for _, who := range []*browser{d.browser(), guest} {
		if got := who.post(link, url.Values{"name": {"x"}, "password": {testPassword}}).status; got != http.StatusNotFound {
			t.Errorf("a second time: %d, want 404", got)
		}
	}
	if got := d.browser().get("/invitations/forged").status; got != http.StatusNotFound {
		t.Errorf("a forged link: %d, want 404", got)
	}
}

func TestNobodyLocksHerselfOutAndTheDisabledAreOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	admin, other := d.agent("boss", "老板", tickets.RoleAdmin), d.agent("lin", "林薇", tickets.RoleAgent)
	boss, lin := d.signedIn(admin), d.signedIn(other)
	for name, got := range map[string]int{
		"disable oneself":           boss.post("/settings/agents/"+admin.ID.String()+"/disable", nil).status,
		"take one's own role":       boss.post("/settings/agents/"+admin.ID.String(), url.Values{"name": {"老板"}, "role": {"agent"}}).status,
		"an unknown one":            boss.post("/settings/agents/7/disable", nil).status,
		"a name that is empty":      boss.post("/settings/agents/"+other.ID.String(), url.Values{"name": {" "}, "role": {"agent"}}).status,
		"a role that there is none": boss.post("/settings/agents/"+other.ID.String(), url.Values{"name": {"林薇"}, "role": {"king"}}).status,
	} {
		if got < 400 || got >= 500 {
			t.Errorf("%s: %d", name, got)
		}
	}
	link := boss.madeLink(t, boss.post("/settings/agents/"+other.ID.String()+"/password-link", nil), "passwords")
	if got := boss.post("/settings/agents/"+other.ID.String()+"/disable", nil).status; got != http.StatusSeeOther {
		t.Fatalf("disable: %d", got)
	}
	if got := lin.get("/tickets").status; got == http.StatusOK {
		t.Error("her browser still gets in")
	}
	if got := d.browser().get(link).status; got != http.StatusNotFound {
		t.Errorf("her password link still opens: %d", got)
	}
	if got := boss.post("/settings/agents/"+other.ID.String()+"/enable", nil).status; got != http.StatusSeeOther {
		t.Errorf("enable: %d", got)
	}
}

func TestAPasswordLinkSetsAPasswordOnceAndEndsSessions(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	other := d.agent("lin", "林薇", tickets.RoleAgent)
	boss, lin := d.signedIn(d.agent("boss", "老板", tickets.RoleAdmin)), d.signedIn(other)
	link := boss.madeLink(t, boss.post("/settings/agents/"+other.ID.String()+"/password-link", nil), "passwords")
	fresh := d.browser()
	if got := fresh.post(link, url.Values{"password": {"another good password"}}).status; got != http.StatusSeeOther {
		t.Fatalf("set: %d", got)
	}
	if lin.get("/tickets").status == http.StatusOK {
		t.Error("the session of before still gets in")
	}
	if got := fresh.post(link, url.Values{"password": {"another good password"}}).status; got != http.StatusNotFound {
		t.Errorf("a second time: %d", got)
	}
	if got := fresh.post("/preferences/password", url.Values{"current": {"wrong"}, "password": {testPassword}}).status; got != http.StatusUnprocessableEntity {
		t.Errorf("with a wrong password of now: %d", got)
	}
	if got := fresh.post("/preferences/password", url.Values{"current": {"another good password"}, "password": {testPassword}}).status; got != http.StatusSeeOther {
		t.Errorf("change: %d", got)
	}
	if got := fresh.get("/tickets").status; got != http.StatusOK {
		t.Errorf("after her own change: %d", got)
	}
}

func TestAnAPITokenIsShownOnceAndRevokedByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lin, wang := d.signedIn(d.agent("lin", "林薇", tickets.RoleAgent)), d.signedIn(d.agent("wang", "王", tickets.RoleAgent))
	made := lin.post("/preferences/tokens", url.Values{"name": {"报表"}})
	if made.status != http.StatusSeeOther {
		t.Fatalf("the form answers %d, want a redirect: a reload would make another", made.status)
	}
	if page := lin.get("/settings/replies").body; strings.Contains(page, "hy_") {
		t.Error("another page shows the token")
	}
	page := lin.get("/preferences").body
	m := regexp.MustCompile(`data-copy="([^"]+)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal("no token is shown")
	}
	again := lin.get("/preferences").body
	if strings.Contains(again, m[1]) || !strings.Contains(again, "报表") {
		t.Error("the token is shown a second time, or its name is not")
	}
	end := regexp.MustCompile(`/preferences/tokens/\d+/end`).FindString(again)
	if got := wang.post(end, nil).status; got != http.StatusNotFound {
		t.Errorf("somebody else revokes it: %d, want 404", got)
	}
	if got := lin.post(end, nil).status; got != http.StatusSeeOther {
		t.Errorf("revoke: %d", got)
	}
}

func TestTeamsAndTheDeskAreChangedInTheSettings(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	other := d.agent("lin", "林薇", tickets.RoleAgent)
	boss := d.signedIn(d.agent("boss", "老板", tickets.RoleAdmin))
	if got := boss.post("/settings/teams", url.Values{"name": {"  "}}).status; got != http.StatusUnprocessableEntity {
		t.Errorf("a team without a name: %d", got)
	}
	boss.post("/settings/teams", url.Values{"name": {"售后"}})
	teams, err := d.tickets.Teams(t.Context())
	must(t, err)
	path := "/settings/teams/" + teams[0].ID.String()
	boss.post(path, url.Values{"name": {"售后组"}, "agent": {other.ID.String()}})
	if page := boss.get("/settings/teams").body; !strings.Contains(page, "售后组") || !strings.Contains(page, `value="`+other.ID.String()+`" checked`) {
		t.Error("name and member are not kept")
	}
	boss.post(path+"/end", nil)
	if page := boss.get("/settings/teams").body; strings.Contains(page, "售后组") {
		t.Error("the team is still there")
	}

	for field, value := range map[string]string{"shop_name": "", "timezone": "Mars/Olympus", "currency": "gold", "country": "?", "locale": "xx"} {
		form := url.Values{"shop_name": {"青禾"}, "timezone": {"Asia/Tokyo"}, "currency": {"JPY"}, "country": {"JP"}, "locale": {"en"}}
		form.Set(field, value)
		if got := boss.post("/settings/desk", form).status; got != http.StatusUnprocessableEntity {
			t.Errorf("%s %q: %d, want 422", field, value, got)
		}
	}
	boss.post("/settings/desk", url.Values{"shop_name": {"青禾"}, "timezone": {"Asia/Tokyo"}, "currency": {"JPY"}, "country": {"JP"}, "locale": {"en"}})
	shop, err := d.tickets.Shop(t.Context())
	must(t, err)
	if shop.Name != "青禾" || shop.Timezone != "Asia/Tokyo" {
		t.Errorf("%+v", shop)
	}
}

func TestAnInboxesSecretTurnsOverAndItsFormSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	boss := d.signedIn(d.agent("boss", "老板", tickets.RoleAdmin))
	path := "/settings/inboxes/" + d.inbox.ID.String()
	good := url.Values{"name": {"青禾"}, "colour": {"#0b6b53"}, "hotline": {"400-820-8820"}, "allowed_origins": {"https://shop.example"},
		"position_side": {"right"}, "position_x": {"20"}, "position_y": {"20"}, "reopen_days": {"7"}}
	if got := boss.post(path, good).status; got != http.StatusSeeOther {
		t.Fatalf("good: %d", got)
	}
	for field, value := range map[string]string{"name": "", "colour": "#ffff00", "hotline": "call us", "allowed_origins": "shop"} {
		form := url.Values{}
		for k, v := range good {
			form[k] = v
		}
		form.Set(field, value)
		if got := boss.post(path, form); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `aria-invalid="true"`) {
			t.Errorf("%s %q: %d", field, value, got.status)
		}
	}
	was := d.inbox.Secret
	for _, days := range []string{"8", "-1", "x"} {
		if got := boss.post(path+"/secret", url.Values{"keep": {days}}).status; got != http.StatusUnprocessableEntity {
			t.Errorf("keep %s: %d", days, got)
		}
	}
	boss.post(path+"/secret", url.Values{"keep": {"3"}})
	box, err := d.tickets.InboxByKey(t.Context(), d.inbox.Key)
	must(t, err)
	if box.Secret == was || box.OldSecret != was || len(box.Secrets(d.web.Now())) != 2 {
		t.Error("the secret did not turn over, or the old one does not hold")
	}
	boss.post(path+"/secret/end", nil)
	if box, err = d.tickets.InboxByKey(t.Context(), d.inbox.Key); err != nil || len(box.Secrets(d.web.Now())) != 1 {
		t.Errorf("the old one still holds: %v", err)
	}
	boss.post(path+"/disable", nil)
	if got := d.browser().get("/c/" + d.inbox.Key).status; got != http.StatusNotFound {
		t.Errorf("a closed chat: %d, want 404", got)
	}
	boss.post(path+"/enable", nil)
	if got := d.browser().get("/c/" + d.inbox.Key).status; got != http.StatusOK {
		t.Errorf("opened again: %d", got)
	}
}

func TestWhoBecameAnAgentMeanwhileReadsWhyTheInvitationIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	admin := d.agent("admin", "管理员", tickets.RoleAdmin)
	_, token, err := d.auth.Invite(t.Context(), auth.ActorOf(admin), auth.NewInvitation{Email: "new@desk.example", Role: tickets.RoleAgent})
	must(t, err)
	d.agent("new", "New", tickets.RoleAgent)
	r := d.browser().post("/invitations/"+token, url.Values{"name": {"New"}, "password": {testPassword}})
	if r.status != http.StatusConflict || !strings.Contains(r.body, "exists already") {
		t.Errorf("%d, and the page does not say why", r.status)
	}
}

func TestATimelineGoesOnNamingATeamThatIsGone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	admin := d.agent("admin", "Admin", tickets.RoleAdmin)
	team, err := d.tickets.CreateTeam(t.Context(), "Aftersales")
	must(t, err)
	ticket := d.said(d.contact("李雷"), "hello")
	_, err = d.tickets.SetTeam(t.Context(), auth.ActorOf(admin), ticket.ID, &team.ID)
	must(t, err)
	must(t, d.tickets.DeleteTeam(t.Context(), team.ID, tickets.TeamRepliesDelete))
	r := d.signedIn(admin).get(ticketPath(ticket.Number))
	if !strings.Contains(r.body, "handed the ticket to the team Aftersales") || strings.Contains(r.body, `value="`+team.ID.String()+`"`) {
		t.Error("the timeline has lost the team's name, or the ticket can still be handed to it")
	}
}

func TestTheEndOfATeamSaysHowManyQuickRepliesItDecides(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	admin := d.agent("admin", "Admin", tickets.RoleAdmin)
	team, err := d.tickets.CreateTeam(t.Context(), "Aftersales")
	must(t, err)
	_, err = d.tickets.AddMacro(t.Context(), auth.ActorOf(admin), tickets.MacroEdit{
		Shelf: tickets.MacroShelf{Scope: tickets.MacroTeam, Owner: team.ID}, Title: "Thanks", Text: "Thank you",
	})
	must(t, err)
	b, end := d.signedIn(admin), "/settings/teams/"+team.ID.String()+"/end"
	if page := b.get("/settings/teams").body; !strings.Contains(page, "It has 1 quick reply. What becomes of it?") {
		t.Error("the page does not say how many quick replies are at stake")
	}
	if r := b.post(end, url.Values{"replies": {"perhaps"}}); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "Choose what becomes") || !strings.Contains(r.body, `value="Aftersales"`) {
		t.Errorf("no such choice: %d", r.status)
	}
	b.post(end, url.Values{"replies": {"move"}})
	all, err := d.tickets.Macros(t.Context(), auth.ActorOf(admin))
	must(t, err)
	if len(all.Macros) != 1 || all.Macros[0].Scope != tickets.MacroEveryone {
		t.Errorf("%+v", all.Macros)
	}
}
