package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"huiyin/app/auth"
	"huiyin/app/web/api/apitest"
	"huiyin/tickets"
)

// program is one with an API token.
type program struct {
	d     *desk
	token string
	lang  string
	check *apitest.Checker
}

// program gives a program the token of a new agent.
func (d *desk) program(login string, role tickets.Role, scopes ...auth.Scope) *program {
	d.t.Helper()
	a := d.agent(login, login, role)
	token, err := d.auth.AddTokenOf(context.Background(), a.ID, "test", scopes...)
	must(d.t, err)
	must(d.t, d.tickets.EnsureDefaults(context.Background()))
	return &program{d: d, token: token, lang: "en", check: apitest.New(d.t)}
}

// told is an answer of the API.
type told struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

func (p *program) do(method, path, body string, headers ...string) told {
	p.d.t.Helper()
	req, err := http.NewRequest(method, p.d.http.URL+"/api/v1"+path, strings.NewReader(body))
	must(p.d.t, err)
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if p.lang != "" {
		req.Header.Set("Accept-Language", p.lang)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	must(p.d.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(p.d.t, err)
	p.check.Answer(p.d.t, req, res, text)
	out := told{status: res.StatusCode, header: res.Header, text: string(text)}
	_ = json.Unmarshal(text, &out.body) // a list or a file has none
	return out
}

// wrong names the wrong fields of an answer: "contact.email invalid".
func (r told) wrong() string {
	var list []string
	errors, _ := r.body["errors"].([]any)
	for _, one := range errors {
		f := one.(map[string]any)
		list = append(list, fmt.Sprint(f["field"], " ", f["code"]))
	}
	return strings.Join(list, ", ")
}

func (r told) items() []map[string]any {
	var out []map[string]any
	list, _ := r.body["items"].([]any)
	for _, one := range list {
		out = append(out, one.(map[string]any))
	}
	return out
}

const newTicketBody = `{"subject":"Broken cup","body":"It leaks.","contact":{"external_id":"u1","email":"mei@example.com","name":"韩梅"},"order":"20260001","tags":["refund"],"priority":"high","source_id":"s1"}`

func TestAProgramMakesReadsAndAnswersATicket(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.program("bot", tickets.RoleAgent)
	made := p.do("POST", "/tickets", newTicketBody)
	if made.status != 201 || made.body["priority"] != "high" || made.body["order"] != "20260001" || made.body["channel"] != "api" {
		t.Fatalf("%d %s", made.status, made.text)
	}
	if tags := fmt.Sprint(made.body["tags"]); tags != "[refund]" {
		t.Errorf("tags %s", tags)
	}
	path := "/tickets/" + made.body["id"].(string)
	if again := p.do("POST", "/tickets", newTicketBody); again.body["id"] != made.body["id"] {
		t.Error("the same source_id made another ticket")
	}
	note := p.do("POST", path+"/messages", `{"kind":"note","body":"look <b>here</b>"}`)
	if note.status != 201 || note.body["seq"] != nil || note.body["html"] != "look &lt;b&gt;here&lt;/b&gt;" {
		t.Errorf("%d %s", note.status, note.text)
	}
	if got := p.do("POST", path+"/messages", `{"kind":"contact","body":"Hello?","source_id":"m2"}`); got.status != 201 || got.body["seq"] != 2.0 {
		t.Errorf("%d %s", got.status, got.text)
	}
	if got := p.do("PATCH", path, `{"status":"pending","assignee":null,"tags":["a","b"],"subject":"New"}`); got.status != 200 || got.body["subject"] != "New" || got.body["status"] != "pending" {
		t.Errorf("%d %s", got.status, got.text)
	}
	list := p.do("GET", path+"/messages?events=1&limit=200", "")
	var kinds []string
	for _, m := range list.items() {
		kinds = append(kinds, m["kind"].(string))
	}
	if len(kinds) < 6 || list.status != 200 {
		t.Errorf("%v", kinds)
	}
	if only := p.do("GET", path+"/messages", "").items(); len(only) != 3 {
		t.Errorf("%d messages", len(only))
	}
	if events := p.do("GET", path+"/events", "").items(); len(events) != len(kinds)-3 {
		t.Errorf("%d events of %v", len(events), kinds)
	}
	for query, want := range map[string]int{"?tag=a&status=pending": 1, "?tag=refund": 0, "?q=20260001": 1, "?contact=" + made.body["contact"].(map[string]any)["id"].(string): 1, "?assignee=none&sort=created_at": 1} {
		if got := p.do("GET", "/tickets"+query, ""); len(got.items()) != want {
			t.Errorf("%s: %d, want %d: %s", query, len(got.items()), want, got.text)
		}
	}
}

func TestEveryWrongFieldIsNamedInTheCallersLanguage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.program("bot", tickets.RoleAgent)
	for body, want := range map[string]string{
		`{"subject":"a","body":"b","contact":{"id":12}}`:          "contact.id invalid",
		`{"subject":"a","body":"b","contact":{"external_id":12}}`: "contact.external_id invalid",
		`{"subject":"a","body":"b","contact":{"mail":"x"}}`:       "contact.mail unknown",
		`{"subject":1,"colour":2,"contact":{"mail":"x"}}`:         "subject invalid, colour unknown, contact.mail unknown",
		`{"subject":"a","subject":"b"}`:                           "subject duplicate",
		`{"subject":`:                                             "body syntax",
		`[]`:                                                      "body invalid",
		`{}`:                                                      "subject required, body required, contact required",
		`{"subject":"a","body":"b","contact":{"email":"x"}}`:      "contact.email invalid",
		`{"subject":"a","body":"b","contact":{"email":"a@b.example"},"inbox":"none"}`:                   "inbox not_found",
		`{"subject":"a","body":"b","contact":{"email":"a@b.example"},"priority":"soon"}`:                "priority invalid",
		`{"subject":"a","body":"` + strings.Repeat("长", 10001) + `","contact":{"phone":"13800138000"}}`: "body too_long",
		"{\"subject\":\"\xff\"}": "body syntax",
	} {
		got := p.do("POST", "/tickets", body)
		if got.status != 422 || got.wrong() != want {
			t.Errorf("%.80s: %d %q, want %q", body, got.status, got.wrong(), want)
		}
	}
	if got := p.do("POST", "/tickets", `{}`, "Content-Type", "text/plain"); got.status != 415 {
		t.Errorf("%d %s", got.status, got.text)
	}
	if got := p.do("GET", "/tickets?page=2", ""); got.wrong() != "page unknown" {
		t.Errorf("%d %s", got.status, got.text)
	}
	if got := p.do("GET", "/tickets?limit=201", ""); got.wrong() != "limit invalid" {
		t.Errorf("%d %s", got.status, got.text)
	}
	if got := p.do("POST", "/tickets", `{"x":`+strings.Repeat(" ", 300<<10)+`1}`); got.status != 413 {
		t.Errorf("a large body: %d", got.status)
	}
	zh := &program{d: d, token: p.token, lang: "zh-CN", check: p.check}
	if got := zh.do("POST", "/tickets", `{}`); !regexp.MustCompile(`\p{Han}`).MatchString(got.text) {
		t.Errorf("no Chinese: %s", got.text)
	}
	if n := len(p.do("GET", "/tickets", "").items()) + len(p.do("GET", "/contacts", "").items()); n != 0 {
		t.Errorf("%d rows were written by requests that were refused", n)
	}
}

func TestTheSameKeyDoesAWriteOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p, other := d.program("bot", tickets.RoleAgent), d.program("bot2", tickets.RoleAgent)
	body := strings.Replace(newTicketBody, `,"source_id":"s1"`, "", 1)
	var wg sync.WaitGroup
	ids := make([]any, 8)
	for i := range ids {
		wg.Go(func() {
			got := p.do("POST", "/tickets", body, "Idempotency-Key", "k1")
			for got.status == http.StatusConflict && got.header.Get("Retry-After") == "1" { // it is at work
				got = p.do("POST", "/tickets", body, "Idempotency-Key", "k1")
			}
			ids[i] = got.body["id"]
		})
	}
	wg.Wait()
	for _, one := range ids {
		if one == nil || one != ids[0] {
			t.Fatalf("ids %v", ids)
		}
	}
	again := p.do("POST", "/tickets", body, "Idempotency-Key", "k1")
	if again.status != 201 || again.header.Get("Idempotent-Replay") != "true" {
		t.Errorf("%d %v", again.status, again.header)
	}
	if got := p.do("POST", "/tickets", newTicketBody, "Idempotency-Key", "k1"); got.status != 422 || got.wrong() != "Idempotency-Key other_request" {
		t.Errorf("%d %s", got.status, got.text)
	}
	if got := other.do("POST", "/tickets", body, "Idempotency-Key", "k1"); got.body["id"] == ids[0] {
		t.Error("another token got the answer")
	}
	bad := `{"subject":"a","body":"b","contact":{"email":"x"}}`
	if got := p.do("POST", "/tickets", bad, "Idempotency-Key", "k2"); got.status != 422 {
		t.Errorf("%d", got.status)
	}
	if got := p.do("POST", "/tickets", body, "Idempotency-Key", "k2"); got.status != 201 {
		t.Errorf("a key of a call that failed is used up: %d %s", got.status, got.text)
	}
	if n := len(p.do("GET", "/tickets", "").items()); n != 3 {
		t.Errorf("%d tickets, want 3", n)
	}
}

func TestASplitWithAKeyIsDoneOnceAndTakesRepliesAndNotesAlong(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.program("bot", tickets.RoleAgent)
	path := "/tickets/" + p.do("POST", "/tickets", newTicketBody).body["id"].(string)
	var from float64
	for i, body := range []string{`{"kind":"contact","body":"And the invoice?"}`, `{"kind":"note","body":"look it up"}`, `{"kind":"reply","body":"Here it is."}`} {
		got := p.do("POST", path+"/messages", body)
		if i == 0 {
			from = got.body["pos"].(float64)
		}
	}
	body := fmt.Sprintf(`{"from_pos":%d}`, int(from))
	made := p.do("POST", path+"/split", body, "Idempotency-Key", "s1")
	if made.status != 201 || made.body["status"] != "pending" {
		t.Fatalf("%d %s", made.status, made.text)
	}
	again := p.do("POST", path+"/split", body, "Idempotency-Key", "s1")
	if again.text != made.text || again.header.Get("Idempotent-Replay") != "true" {
		t.Errorf("again: %d %s", again.status, again.text)
	}
	if got := p.do("POST", path+"/split", body, "Idempotency-Key", "s2"); got.status != 422 || got.wrong() != "from_pos invalid" {
		t.Errorf("nothing is left: %d %s", got.status, got.text)
	}
	var said []string
	for _, m := range p.do("GET", "/tickets/"+made.body["id"].(string)+"/messages", "").items() {
		said = append(said, fmt.Sprint(m["kind"], ": ", m["body"]))
	}
	if got, want := strings.Join(said, ", "), "contact: And the invoice?, note: look it up, reply: Here it is."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := d.program("reader", tickets.RoleAgent, auth.ScopeTicketsRead).do("POST", path+"/split", body); got.status != 403 {
		t.Errorf("without the right: %d", got.status)
	}
}

func TestTheAPIRefusesWhoHasNoRight(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	full := d.program("full", tickets.RoleManager)
	made := full.do("POST", "/tickets", newTicketBody)
	fill := strings.NewReplacer(":ticket", made.body["id"].(string), ":contact", made.body["contact"].(map[string]any)["id"].(string))
	none, wrong, reader := &program{d: d, check: full.check}, &program{d: d, token: "hy_wrong", check: full.check}, d.program("reader", tickets.RoleAgent, auth.ScopeInboxesRead)
	agent := d.program("agent", tickets.RoleAgent)
	gone := d.agent("gone", "Gone", tickets.RoleAdmin)
	token, err := d.auth.AddTokenOf(context.Background(), gone.ID, "test")
	must(t, err)
	d.disable(gone)
	disabled := &program{d: d, token: token, check: full.check}
	for _, r := range d.web.apiRoutes() {
		scope, manager, scoped := r.permission.scope()
		if !scoped {
			continue
		}
		path := fill.Replace(strings.TrimPrefix(r.path, "/api/v1"))
		for name, who := range map[string]*program{"nobody": none, "a wrong token": wrong, "a disabled agent": disabled} {
			if got := who.do(r.method, path, ""); got.status != 401 {
				t.Errorf("%s %s as %s: %d", r.method, path, name, got.status)
			}
		}
		if got := reader.do(r.method, path, ""); scope != "" && scope != auth.ScopeInboxesRead && got.status != 403 {
			t.Errorf("%s %s without the scope: %d", r.method, path, got.status)
		}
		if got := agent.do(r.method, path, ""); manager && got.status != 403 {
			t.Errorf("%s %s as an agent: %d", r.method, path, got.status)
		}
	}
	if got := reader.do("GET", "/me", ""); fmt.Sprint(got.body["scopes"]) != "[inboxes:read]" {
		t.Errorf("%s", got.text)
	}
	if _, err := d.auth.AgentOfToken(context.Background(), reader.token); err == nil {
		t.Error("a token with scopes opens the agent's socket")
	}
}

func TestTheDocumentNamesEveryEndpoint(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.program("bot", tickets.RoleAgent)
	doc := p.do("GET", "/openapi.json", "")
	paths := doc.body["paths"].(map[string]any)
	param := regexp.MustCompile(`:(\w+)`)
	n := 0
	for _, r := range d.web.apiRoutes() {
		path := param.ReplaceAllString(strings.TrimPrefix(r.path, "/api/v1"), "{$1}")
		one, _ := paths[path].(map[string]any)
		if one[strings.ToLower(r.method)] == nil {
			t.Errorf("%s %s is not in the document", r.method, path)
			continue
		}
		n++
	}
	for path, one := range paths {
		for method := range one.(map[string]any) {
			if method == "parameters" {
				continue
			}
			n--
		}
		_ = path
	}
	if n != 0 {
		t.Errorf("the document has %d operations that are not served", -n)
	}
}

func TestContactsAreMadeFoundAndChanged(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.program("bot", tickets.RoleManager)
	made := p.do("POST", "/contacts", `{"external_id":"u9","phone":"138 0013 8000","name":"<script>"}`)
	if made.status != 201 || made.body["external_id"] != "u9" {
		t.Fatalf("%d %s", made.status, made.text)
	}
	if again := p.do("POST", "/contacts", `{"phone":"13800138000","email":"x@example.com"}`); again.status != 200 || again.body["id"] != made.body["id"] {
		t.Errorf("%d %s", again.status, again.text)
	}
	if got := p.do("POST", "/contacts", `{"name":"x"}`); got.wrong() != "contact required" {
		t.Errorf("%s", got.text)
	}
	path := "/contacts/" + made.body["id"].(string)
	if got := p.do("PATCH", path, `{"vip":true,"name":"Mei"}`); got.body["vip"] != true || got.body["name"] != "Mei" {
		t.Errorf("%s", got.text)
	}
	if got := p.do("GET", "/contacts?phone=13800138000", ""); len(got.items()) != 1 {
		t.Errorf("%s", got.text)
	}
	if got := p.do("GET", "/contacts?email=nobody@example.com", ""); len(got.items()) != 0 {
		t.Errorf("%s", got.text)
	}
	for i := range 4 {
		p.do("POST", "/contacts", fmt.Sprintf(`{"external_id":"n%d"}`, i))
	}
	seen, cursor := map[string]bool{}, ""
	for range 5 {
		got := p.do("GET", "/contacts?limit=2"+cursor, "")
		for _, one := range got.items() {
			seen[one["id"].(string)] = true
		}
		next, more := got.body["next"].(string)
		if cursor = "&cursor=" + next; !more {
			break
		}
	}
	if len(seen) != 5 {
		t.Errorf("the pages hold %d contacts", len(seen))
	}
}

func TestATokenIsMadeForSomeThingsInThePreferences(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("wang", "Wang", tickets.RoleAgent))
	sent := b.post("/preferences/tokens", map[string][]string{"name": {"stock"}, "scope": {"inboxes:read", "orders:write"}})
	page := b.get(strings.Split(sent.header.Get("Location"), "#")[0])
	token := regexp.MustCompile(`hy_[A-Za-z0-9_-]{43}`).FindString(page.body)
	if token == "" || !strings.Contains(page.body, "inboxes:read, orders:write") {
		t.Fatalf("%d: no token", page.status)
	}
	p := &program{d: d, token: token, lang: "en", check: apitest.New(t)}
	for path, want := range map[string]int{"/inboxes": 200, "/tickets": 403} {
		if got := p.do("GET", path, ""); got.status != want {
			t.Errorf("%s: %d, want %d", path, got.status, want)
		}
	}
	if got := b.post("/preferences/tokens", map[string][]string{"name": {"x"}, "scope": {"everything"}}); got.status != 422 {
		t.Errorf("an unknown scope: %d", got.status)
	}
}

func TestTheAPITellsOfWrongMethodsAndAddresses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, test := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"PUT", "/api/v1/tickets", 405, "OPTIONS, GET, HEAD, POST"}, {"DELETE", "/api/v1/me", 405, "OPTIONS, GET, HEAD"},
		{"GET", "/api/v1/nothing", 404, ""}, {"OPTIONS", "/api/v1/me", 204, "OPTIONS, GET, HEAD"}, {"HEAD", "/api/v1/me", 401, ""},
	} {
		req, err := http.NewRequest(test.method, d.http.URL+test.path, nil)
		must(t, err)
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		text, err := io.ReadAll(res.Body)
		must(t, errors.Join(err, res.Body.Close()))
		if res.StatusCode != test.status || res.Header.Get("Allow") != test.allow {
			t.Errorf("%s %s: %d %q %s", test.method, test.path, res.StatusCode, res.Header.Get("Allow"), text)
		}
		if test.status > 400 && test.method != "HEAD" && res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %s", test.method, test.path, res.Header.Get("Content-Type"))
		}
	}
}
