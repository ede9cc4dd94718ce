package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gorm.io/gorm"

	"huiyin/tickets"
)

// rights says who may take a route of each permission: nobody, an agent, a manager, an administrator.
var rights = map[permission][4]bool{
	public: {true, true, true, true}, visitor: {true, true, true, true}, chatOwner: {true, true, true, true},
	agent: {false, true, true, true}, manager: {false, false, true, true}, admin: {false, false, false, true},
	setup: {}, operator: {}, // nobody of these: the desk is set up, and none has the metrics token
}

func TestEveryRouteStandsInTheTable(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	known := map[string]bool{}
	for _, r := range d.web.routes() {
		if r.method == anyMethod {
			known["* "+r.path] = true
		}
		known[r.method+" "+r.path] = true
		if r.method == http.MethodGet {
			known["HEAD "+r.path] = true
		}
	}
	for _, r := range d.web.echo.Routes() {
		if !known[r.Method+" "+r.Path] && !known["* "+r.Path] {
			t.Errorf("%s %s is served and not in the table", r.Method, r.Path)
		}
	}
}

func TestEveryRouteRefusesWhoHasNoRight(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	people := []*browser{d.browser()}
	for _, role := range []tickets.Role{tickets.RoleAgent, tickets.RoleManager, tickets.RoleAdmin} {
		people = append(people, d.signedIn(d.agent(string(role), string(role), role)))
	}
	gone := d.agent("gone", "Gone", tickets.RoleAdmin)
	disabled := d.signedIn(gone)
	d.disable(gone)
	for _, r := range d.web.routes() {
		may, listed := rights[r.permission]
		if _, _, api := r.permission.scope(); api {
			listed = true // a session opens nothing of the API; tokens are tried in api_test.go
		}
		if !listed {
			t.Fatalf("%s %s has the unknown permission %q", r.method, r.path, r.permission)
		}
		if r.permission == chatOwner || (r.permission == visitor && r.method == http.MethodPost) {
			continue // chat asks for itself; signing in without a password is refused like a missing right
		}
		for i, who := range people {
			d.tryRoute(r, who, may[i], []string{"nobody", "agent", "manager", "admin"}[i])
		}
		d.tryRoute(r, disabled, may[0], "a disabled administrator")
	}
}

// tryRoute asks as a script does, so that a refusal is a status and no page.
func (d *desk) tryRoute(r route, who *browser, may bool, name string) {
	d.t.Helper()
	path := strings.NewReplacer(":identity", "1", ":delivery", "1", ":message", "1", ":contact", "1", ":number", "1", ":ticket", "1", ":import", "1", ":source", "1", ":inbox", "1", ":token", "absent", ":macro", "1", ":group", "1", ":order", "1", ":alarm", "1", ":file", "1", ":action", "1", ":mark", "1", ":kind", "reply", ":hook", "1", ":code", "absent", ":form", "1", ":key", "absent", "*", "css/base.css").Replace(r.path)
	var form url.Values
	if r.method != http.MethodGet {
		form = url.Values{}
	}
	got := who.do(r.method, path, "application/json", form).status
	refused := got == http.StatusUnauthorized || got == http.StatusForbidden
	switch {
	case r.permission == setup && got != http.StatusNotFound:
		d.t.Errorf("%s %s as %s: %d, want 404 on a desk that is set up", r.method, path, name, got)
	case r.permission == setup:
	case may && refused && r.path != "/widget/frame":
		d.t.Errorf("%s %s as %s: %d, want to get in", r.method, path, name, got)
	case !may && !refused:
		d.t.Errorf("%s %s as %s: %d, want 401 or 403", r.method, path, name, got)
	}
}

// disable says that an agent no longer works here.
func (d *desk) disable(a *tickets.Agent) {
	d.t.Helper()
	must(d.t, d.db.Write(context.Background(), func(tx *gorm.DB) error {
		return tx.Exec("UPDATE agents SET disabled_at = 1 WHERE id = ?", int64(a.ID)).Error
	}))
}

func TestTheAgentSocketRefusesStrangersAndOtherSites(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if got := d.browser().get("/agent/v1/socket").status; got != http.StatusUnauthorized {
		t.Errorf("nobody: %d", got)
	}
	gone := d.agent("gone", "Gone", tickets.RoleAgent)
	b := d.signedIn(gone)
	d.disable(gone)
	if got := b.get("/agent/v1/socket").status; got != http.StatusUnauthorized && got != http.StatusForbidden {
		t.Errorf("a disabled agent: %d", got)
	}
}

func TestMetricsWantTheirToken(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ask := func(token string) int {
		req, err := http.NewRequest(http.MethodGet, d.http.URL+"/metrics", nil)
		must(t, err)
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		must(t, res.Body.Close())
		return res.StatusCode
	}
	for token, want := range map[string]int{"metrics-token": 200, "": 401, "metrics-tokem": 401} {
		if got := ask(token); got != want {
			t.Errorf("%q: %d, want %d", token, got, want)
		}
	}
	closed := newDesk(t, func(o *Options) { o.MetricsToken = "" })
	if got := closed.browser().get("/metrics").status; got != http.StatusNotFound {
		t.Errorf("without a token of its own: %d, want 404", got)
	}
}
