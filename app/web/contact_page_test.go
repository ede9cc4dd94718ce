package web

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"huiyin/app/files"
	"huiyin/app/privacy"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// call asks the API with a token; "" is none.
func (d *desk) call(method, path, token string) (int, string, []byte) {
	d.t.Helper()
	req, err := http.NewRequest(method, d.http.URL+path, nil)
	must(d.t, err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	must(d.t, err)
	defer res.Body.Close() //nolint:errcheck // read only
	body, err := io.ReadAll(res.Body)
	must(d.t, err)
	return res.StatusCode, res.Header.Get("Content-Type"), body
}

// known is a shopper with a phone, a message, a file and a note about her.
func (d *desk) known(by tickets.Actor) *tickets.Contact {
	d.t.Helper()
	ctx := d.t.Context()
	p, err := d.tickets.CreateContact(ctx, tickets.NewContact{Name: "李<梅>", Locale: "zh-CN", Identities: []tickets.NewIdentity{{Kind: tickets.IdentityPhone, Value: "13800138000", Verified: true}}})
	must(d.t, err)
	a, err := d.files.Take(ctx, files.Upload{By: tickets.Actor{Kind: tickets.ActorContact, ID: p.ID}, Name: "收据.txt", Body: strings.NewReader("her receipt")})
	must(d.t, err)
	r, err := d.tickets.Receive(ctx, tickets.Inbound{InboxID: d.inbox.ID, ContactID: p.ID, SourceID: "1", Body: "退款<script>还没到", Attachments: []id.ID{a.ID}})
	must(d.t, err)
	_, err = d.tickets.Post(ctx, by, tickets.Outgoing{TicketID: r.Ticket.ID, Kind: tickets.KindReply, Body: "马上退"})
	must(d.t, err)
	_, err = d.tickets.Post(ctx, by, tickets.Outgoing{TicketID: r.Ticket.ID, Kind: tickets.KindNote, Body: "内部备注"})
	must(d.t, err)
	must(d.t, d.tickets.AcceptNotice(ctx, p.ID, "privacy", "1"))
	return p
}

func TestTheAPIExportsAndErasesForManagersOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	tokens := map[string]string{"nobody": "", "a wrong token": "hy_wrong"}
	var boss tickets.Actor
	for _, role := range []tickets.Role{tickets.RoleAgent, tickets.RoleManager} {
		a := d.agent(string(role), string(role), role)
		token, err := d.auth.AddToken(t.Context(), a.Email, "t")
		must(t, err)
		tokens[string(role)] = token
		boss = tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: role}
	}
	p := d.known(boss)
	path := "/api/v1/contacts/" + p.ID.String()
	for who, want := range map[string]int{"nobody": 401, "a wrong token": 401, "agent": 403} {
		for method, at := range map[string]string{http.MethodDelete: path, http.MethodGet: path + "/export"} {
			if status, media, _ := d.call(method, at, tokens[who]); status != want || media != "application/problem+json" {
				t.Errorf("%s %s as %s: %d %s, want %d and problem+json", method, at, who, status, media, want)
			}
		}
	}
	if status, _, _ := d.call(http.MethodDelete, "/api/v1/contacts/17", tokens["manager"]); status != 404 {
		t.Errorf("nobody's id: %d", status)
	}
	if status, _, _ := d.call(http.MethodDelete, path+"?reason=restore", tokens["manager"]); status != 422 {
		t.Errorf("a reason that nobody may give: %d", status)
	}
	d.exportHolds(path, tokens["manager"], false)
	d.exportHolds(path, tokens["manager"], true)
	for range 2 {
		if status, _, body := d.call(http.MethodDelete, path, tokens["manager"]); status != 204 {
			t.Errorf("erase: %d %s", status, body)
		}
	}
	if status, _, _ := d.call(http.MethodGet, path+"/export", tokens["manager"]); status != 409 {
		t.Errorf("export of an erased person: %d", status)
	}
	lines, err := d.web.Privacy.Accesses(t.Context(), privacy.AccessFilter{Limit: 10})
	must(t, err)
	if len(lines) != 3 || lines[0].Action != privacy.ActionErase || lines[1].Action != privacy.ActionExport || lines[2].Action != privacy.ActionExport {
		t.Errorf("the record: %+v", lines)
	}
}

// exportHolds reads an export, with what the desk's people wrote to each other or without.
func (d *desk) exportHolds(path, token string, notes bool) {
	d.t.Helper()
	if path += "/export"; notes {
		path += "?notes=1"
	}
	status, media, body := d.call(http.MethodGet, path, token)
	if status != 200 || media != "application/zip" {
		d.t.Fatalf("export: %d %s %s", status, media, body)
	}
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	must(d.t, err)
	got := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		must(d.t, err)
		b, err := io.ReadAll(r)
		must(d.t, err)
		name := f.Name
		if strings.HasSuffix(name, "-收据.txt") {
			name = "the file"
		}
		got[name] = string(b)
	}
	for name, holds := range map[string][]string{
		"index.html": {`lang="zh-CN"`, "李&lt;梅&gt;", "退款&lt;script&gt;还没到", "马上退", "13800138000", "我们保存的关于您的资料"},
		"data.json":  {`"name":"李\u003c梅\u003e"`, "还没到", "马上退", `"purpose":"privacy"`, "13800138000"}, "the file": {"her receipt"},
	} {
		for _, text := range holds {
			if !strings.Contains(got[name], text) {
				d.t.Errorf("%s lacks %q:\n%s", name, text, got[name])
			}
		}
		if told := strings.Contains(got[name], "内部备注"); told != (notes && name != "the file") {
			d.t.Errorf("notes asked for: %t; in %s: %t", notes, name, told)
		}
		for _, text := range []string{"<script", "ZgotmplZ"} {
			if strings.Contains(got[name], text) {
				d.t.Errorf("%s holds %q", name, text)
			}
		}
	}
}

func TestAPersonIsSeenExportedAndErasedOnHerPage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	one := d.agent("agent", "Agent", tickets.RoleAgent)
	agent, manager, admin := d.signedIn(one), d.signedIn(d.agent("manager", "Manager", tickets.RoleManager)), d.signedIn(d.agent("admin", "Admin", tickets.RoleAdmin))
	p := d.known(tickets.Actor{Kind: tickets.ActorAgent, ID: one.ID, Role: tickets.RoleAgent})
	page := "/contacts/" + p.ID.String()
	if seen := agent.get(page); seen.status != 200 || strings.Contains(seen.body, "13800138000") || strings.Contains(seen.body, "/erasure") {
		t.Errorf("an agent sees: %d\n%s", seen.status, seen.body)
	}
	identity := p.Identities
	if len(identity) == 0 {
		whole, err := d.tickets.Contact(t.Context(), p.ID)
		must(t, err)
		identity = whole.Identities
	}
	if got := agent.get(page + "/identities/" + identity[0].ID.String()); !strings.Contains(got.body, "13800138000") {
		t.Errorf("reveal: %d %s", got.status, got.body)
	}
	word := d.web.Texts.Text("zh-CN", "privacy.erase.word", nil) + " " + d.web.Texts.Text("en", "privacy.erase.word", nil)
	if got := manager.do(http.MethodPost, page+"/erasure", "text/html", url.Values{"typed": {"nein"}, "reason": {"request"}}); got.status != 422 {
		t.Errorf("without the word: %d, want 422", got.status)
	}
	for _, w := range strings.Fields(word) { // the page's language is the browser's
		manager.do(http.MethodPost, page+"/erasure", "text/html", url.Values{"typed": {w}, "reason": {"request"}})
	}
	seen := manager.get(page)
	if gone, err := d.tickets.Contact(t.Context(), p.ID); err != nil || gone.KeyID != 0 || strings.Contains(seen.body, "/erasure") || strings.Contains(seen.body, "梅") {
		t.Errorf("after the erasure: %+v, %v\n%s", gone, err, seen.body)
	}
	record := admin.get("/settings/access")
	if !strings.Contains(record.body, "Agent") || !strings.Contains(record.body, "Manager") || strings.Count(record.body, `class="person"`) != 2 {
		t.Errorf("the record: %d\n%s", record.status, record.body)
	}
}
