package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"huiyin/app/privacy"
	"huiyin/tickets"
)

func TestTheNoticeIsWrittenInTheSettingsAndEveryVersionCanBeRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	admin, manager := d.signedIn(d.agent("admin", "Admin", tickets.RoleAdmin)), d.signedIn(d.agent("manager", "Manager", tickets.RoleManager))
	anybody := d.browser()
	if got := manager.get("/settings/notice"); got.status != 403 {
		t.Errorf("a manager opens the page: %d", got.status)
	}
	if got := manager.do(http.MethodPost, "/settings/notice", "text/html", url.Values{"zh": {"x"}}); got.status != 403 {
		t.Errorf("a manager writes the notice: %d", got.status)
	}
	if got := admin.do(http.MethodPost, "/settings/notice", "text/html", url.Values{"zh": {" "}, "asks": {"1"}}); got.status != 422 || !strings.Contains(got.body, `aria-invalid="true"`) || !strings.Contains(got.body, `name="asks" value="1" checked`) {
		t.Errorf("an empty notice: %d\n%s", got.status, got.body)
	}
	hostile := "## <b>标题</b>\n<script>alert(1)</script> 见 https://shop.example/p?a=1&b=2 。\n\n- javascript:alert(1)"
	if got := admin.do(http.MethodPost, "/settings/notice", "text/html", url.Values{"zh": {hostile}, "asks": {"1"}}); got.status != http.StatusSeeOther && got.status != 200 {
		t.Fatalf("save: %d\n%s", got.status, got.body)
	}
	now := anybody.get("/privacy").body
	for _, want := range []string{"<h2>&lt;b&gt;标题", "&lt;script&gt;alert(1)", `href="https://shop.example/p?a=1&amp;b=2"`, "/privacy?version=1"} {
		if !strings.Contains(now, want) {
			t.Errorf("the notice lacks %q:\n%s", want, now)
		}
	}
	if strings.Contains(now, "<script>alert") || strings.Contains(now, `href="javascript`) {
		t.Errorf("markup of the notice is alive:\n%s", now)
	}
	if got := anybody.get("/privacy?version=1"); got.status != 200 || strings.Contains(got.body, "标题") {
		t.Errorf("version 1: %d\n%s", got.status, got.body)
	}
	for _, none := range []string{"3", "0", "-1", "x", "99999999999999999999"} {
		if got := anybody.get("/privacy?version=" + none); got.status != 404 {
			t.Errorf("version %s: %d, want 404", none, got.status)
		}
	}
}

func TestTheAccessRecordIsFilteredByPersonAndAgent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	one, boss := d.agent("agent", "Agnes", tickets.RoleAgent), d.agent("manager", "Bossy", tickets.RoleManager)
	admin := d.signedIn(d.agent("admin", "Admin", tickets.RoleAdmin))
	p := d.known(tickets.Actor{Kind: tickets.ActorAgent, ID: one.ID, Role: tickets.RoleAgent})
	other, err := d.tickets.CreateContact(t.Context(), tickets.NewContact{})
	must(t, err)
	for range accessLines {
		must(t, d.web.Privacy.Note(t.Context(), one.ID, privacy.ActionReveal, p.ID))
	}
	must(t, d.web.Privacy.Note(t.Context(), boss.ID, privacy.ActionExport, p.ID))
	must(t, d.web.Privacy.Note(t.Context(), boss.ID, privacy.ActionReveal, other.ID))
	lines := func(query string) int {
		t.Helper()
		got := admin.get("/settings/access" + query)
		if got.status != 200 {
			t.Errorf("%s: %d", query, got.status)
		}
		return strings.Count(got.body, `class="person"`)
	}
	hers := "?contact=" + p.ID.String()
	for query, want := range map[string]int{"": accessLines, hers: accessLines, "?contact=" + other.ID.String(): 1, "?agent=" + boss.ID.String(): 2, hers + "&agent=" + boss.ID.String(): 1} {
		if got := lines(query); got != want {
			t.Errorf("%q shows %d lines, want %d", query, got, want)
		}
	}
	_, older, ok := strings.Cut(admin.get("/settings/access"+hers).body, `href="/settings/access?before=`)
	if !ok {
		t.Fatal("no way to older lines")
	}
	older, _, _ = strings.Cut(older, `"`)
	if got := lines("?before=" + strings.ReplaceAll(older, "&amp;", "&")); got != 1 {
		t.Errorf("the second page shows %d lines, want 1", got)
	}
	for _, bad := range []string{"?contact=x", "?agent=-", "?before=x"} {
		if got := admin.get("/settings/access" + bad); got.status != 404 {
			t.Errorf("%s: %d, want 404", bad, got.status)
		}
	}
}

func TestLegalHoldAndTheConsentToBeToldAreKeptOnThePersonsPage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	one := d.agent("agent", "Agnes", tickets.RoleAgent)
	agent, manager := d.signedIn(one), d.signedIn(d.agent("manager", "Bossy", tickets.RoleManager))
	p := d.known(tickets.Actor{Kind: tickets.ActorAgent, ID: one.ID, Role: tickets.RoleAgent})
	page := "/contacts/" + p.ID.String()
	hold := func(v *browser, on string) int {
		return v.do(http.MethodPost, page+"/hold", "text/html", url.Values{"hold": {on}}).status
	}
	if got := hold(agent, "1"); got != 403 {
		t.Errorf("an agent holds: %d", got)
	}
	hold(manager, "1")
	if got, err := d.tickets.Contact(t.Context(), p.ID); err != nil || got.KeptAt == nil {
		t.Fatalf("not kept: %+v %v", got, err)
	}
	if body := manager.get(page).body; strings.Contains(body, page+"/erasure") {
		t.Error("who is kept is offered for erasure")
	}
	word := d.web.Texts.Text("zh-CN", "privacy.erase.word", nil)
	for _, w := range []string{word, d.web.Texts.Text("en", "privacy.erase.word", nil)} {
		manager.do(http.MethodPost, page+"/erasure", "text/html", url.Values{"typed": {w}, "reason": {"request"}})
	}
	if got, err := d.tickets.Contact(t.Context(), p.ID); err != nil || got.KeyID == 0 {
		t.Errorf("who is kept was erased: %v", err)
	}
	must(t, d.tickets.SetTold(t.Context(), tickets.Actor{Kind: tickets.ActorContact, ID: p.ID}, p.ID, true, tickets.SourceChat))
	if !strings.Contains(agent.get(page).body, "/told/withdrawal") {
		t.Error("an agent cannot withdraw at her word")
	}
	agent.do(http.MethodPost, page+"/told/withdrawal", "text/html", url.Values{})
	if told, err := d.tickets.Told(t.Context(), p.ID); err != nil || told {
		t.Errorf("told %v, %v", told, err)
	}
	hold(manager, "")
	lines, err := d.web.Privacy.Accesses(t.Context(), privacy.AccessFilter{Limit: 10})
	must(t, err)
	if len(lines) != 2 || lines[0].Action != privacy.ActionLet || lines[1].Action != privacy.ActionKeep {
		t.Errorf("the record: %+v", lines)
	}
}
