package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"huiyin/app/auth"
	"huiyin/tickets"
)

func TestTasksAndTrialsByTheAPI(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.program("boss", tickets.RoleManager, auth.ScopeTasksRead, auth.ScopeTasksWrite, auth.ScopeTrialsRead)
	group := d.grouped("箱子破了")
	made := p.do("POST", "/tasks", fmt.Sprintf(`{"title": "加固包装", "target": 30, "how": "trial", "groups": [%q], "due": "2026-12-24"}`, group), "Idempotency-Key", "k1")
	if made.status != http.StatusCreated || !strings.Contains(made.text, `"number":1`) || !strings.Contains(made.text, `"state":"proposed"`) {
		t.Fatalf("made: %d %s", made.status, made.text)
	}
	if again := p.do("POST", "/tasks", fmt.Sprintf(`{"title": "加固包装", "target": 30, "how": "trial", "groups": [%q], "due": "2026-12-24"}`, group), "Idempotency-Key", "k1"); again.text != made.text {
		t.Errorf("sent again: %d %s", again.status, again.text)
	}
	_, rest, _ := strings.Cut(made.text, `"id":"`)
	one, _, _ := strings.Cut(rest, `"`)
	for body, want := range map[string]string{
		`{"title": ""}`:                            "title required",
		`{"title": "x", "target": 3}`:              "target range",
		`{"title": "x", "groups": ["77"]}`:         "groups unknown",
		`{"title": "x", "colour": 1}`:              "colour unknown",
		`{"title": "x", "links": ["ftp://a.b/c"]}`: "links url",
	} {
		if r := p.do("POST", "/tasks", body); r.status != http.StatusUnprocessableEntity || r.wrong() != want {
			t.Errorf("%s: %d %s, want %s", body, r.status, r.wrong(), want)
		}
	}
	if r := p.do("GET", "/tasks/"+one+"/effect", ""); r.status != http.StatusNotFound {
		t.Errorf("nothing to compare: %d %s", r.status, r.text)
	}
	if r := p.do("PATCH", "/tasks/"+one, `{"version": 7, "title": "x"}`); r.status != http.StatusConflict {
		t.Errorf("upon another version: %d", r.status)
	}
	if r := p.do("PATCH", "/tasks/"+one, `{"state": "trial"}`); r.status != http.StatusUnprocessableEntity || r.wrong() != "state unplanned" {
		t.Errorf("started without a plan: %d %s", r.status, r.text)
	}
	moved := p.do("PATCH", "/tasks/"+one, `{"version": 1, "what": "双层纸箱", "due": null, "trial": {"mode": "hash", "share": 50}, "state": "trial", "note": "开始"}`)
	if moved.status != http.StatusOK || !strings.Contains(moved.text, `"state":"running"`) || !strings.Contains(moved.text, `"due":null`) {
		t.Fatalf("moved: %d %s", moved.status, moved.text)
	}
	_, rest, _ = strings.Cut(moved.text, `"key":"`)
	key, _, _ := strings.Cut(rest, `"`)
	first := p.do("GET", "/trials/"+key+"/assignment?contact=u-1", "")
	if first.status != http.StatusOK || !strings.Contains(first.text, `"share":50`) || p.do("GET", "/trials/"+key+"/assignment?contact=u-1", "").text != first.text {
		t.Errorf("assigned: %d %s", first.status, first.text)
	}
	if r := p.do("GET", "/trials/"+key+"/assignment?session=s-1", ""); r.status != http.StatusOK {
		t.Errorf("a session: %d %s", r.status, r.text)
	}
	if r := p.do("GET", "/trials/"+key+"/assignment", ""); r.status != http.StatusUnprocessableEntity {
		t.Errorf("nobody: %d", r.status)
	}
	if r := p.do("GET", "/trials/absent/assignment?contact=u", ""); r.status != http.StatusNotFound {
		t.Errorf("another trial: %d", r.status)
	}
	if r := p.do("GET", "/tasks/"+one+"/effect", ""); r.status != http.StatusOK || !strings.Contains(r.text, `"verdict":"too_early"`) || !strings.Contains(r.text, `"basis":"arms"`) {
		t.Errorf("the effect: %d %s", r.status, r.text)
	}
	if r := p.do("GET", "/tasks?state=trial&group="+group.String()+"&limit=1", ""); r.status != http.StatusOK || !strings.Contains(r.text, "加固包装") || !strings.Contains(r.text, `"next":null`) {
		t.Errorf("the list: %d %s", r.status, r.text)
	}
	if r := p.do("GET", "/tasks/"+one, ""); r.status != http.StatusOK || !strings.Contains(r.text, "双层纸箱") {
		t.Errorf("the task: %d %s", r.status, r.text)
	}
	agent := d.program("wang", tickets.RoleAgent, auth.ScopeTasksRead, auth.ScopeTasksWrite)
	if r := agent.do("POST", "/tasks", `{"title": "x"}`); r.status != http.StatusForbidden {
		t.Errorf("an agent makes one: %d", r.status)
	}
	if r := agent.do("GET", "/trials/"+key+"/assignment?contact=u", ""); r.status != http.StatusForbidden {
		t.Errorf("without the scope: %d", r.status)
	}
}
