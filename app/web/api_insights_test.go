package web

import (
	"net/http"
	"strings"
	"testing"

	"huiyin/app/auth"
	"huiyin/tickets"
)

func TestAProgramReadsTheGroupsOfComplaints(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.complaints()
	p := d.program("boss", tickets.RoleManager, auth.ScopeInsightsRead)
	all := p.do("GET", "/insights/groups?limit=1", "")
	if all.status != http.StatusOK || len(all.items()) != 1 || all.items()[0]["id"] != c.slow.String() || all.body["next"] == nil {
		t.Fatalf("%d %s", all.status, all.text)
	}
	first := all.items()[0]
	if first["count"] != 88.0 || first["finding"].(map[string]any)["observed"] != 62.0 || len(first["trend"].([]any)) != 28 || first["per_1000_orders"] != nil {
		t.Errorf("the first: %v", first)
	}
	if totals := all.body["totals"].(map[string]any); totals["count"] != 105.0 || totals["ungrouped"] != 4.0 {
		t.Errorf("totals: %v", totals)
	}
	next := p.do("GET", "/insights/groups?cursor="+all.body["next"].(string), "")
	if len(next.items()) != 1 || next.items()[0]["id"] != c.leak.String() || next.items()[0]["twin"] != c.leaking.String() || next.body["next"] != nil {
		t.Errorf("the rest: %s", next.text)
	}
	if one := p.do("GET", "/insights/groups?channel=chat&language=zh&team=none&product=CUP-1&sort=rise&from=2026-01-02T00:00:00Z&to=2026-12-30", ""); one.status != http.StatusOK || len(one.items()) != 2 {
		t.Errorf("filtered: %d %s", one.status, one.text)
	}
	for query, want := range map[string]string{
		"from=yesterday": "from invalid", "to=2026-01-01&from=2026-02-01": "to invalid", "from=2020-01-01&to=2026-01-01": "to too_long", "sort=size": "sort invalid",
		"team=x": "team invalid", "colour=red": "colour unknown", "limit=0": "limit invalid", "cursor=x": "cursor invalid",
	} {
		if r := p.do("GET", "/insights/groups?"+query, ""); r.status != http.StatusUnprocessableEntity || r.wrong() != want {
			t.Errorf("%s: %d %s, want %s", query, r.status, r.wrong(), want)
		}
	}
	leak := p.do("GET", "/insights/groups/"+c.leak.String(), "")
	if leak.status != http.StatusOK || !strings.Contains(leak.text, "杯盖漏水 <b>") || !strings.Contains(leak.text, `"subject":"`+c.ticket.ID.String()+`"`) {
		t.Errorf("one: %d %s", leak.status, leak.text)
	}
	if r := p.do("GET", "/insights/groups/1", ""); r.status != http.StatusNotFound {
		t.Errorf("no such group: %d", r.status)
	}
	if r := p.do("POST", "/insights/groups/"+c.leak.String()+"/mute", `{}`); r.status != http.StatusForbidden {
		t.Errorf("without the scope to write: %d", r.status)
	}
	for name, role := range map[string]tickets.Role{"lin": tickets.RoleAgent} {
		if r := d.program(name, role).do("GET", "/insights/groups", ""); r.status != http.StatusForbidden {
			t.Errorf("an agent: %d", r.status)
		}
	}
}

func TestAProgramChangesGroupsOnceHoweverOftenItSends(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.complaints()
	p := d.program("boss", tickets.RoleAdmin, auth.ScopeInsightsRead, auth.ScopeInsightsWrite)
	slow, leak := "/insights/groups/"+c.slow.String(), "/insights/groups/"+c.leak.String()
	for range 2 {
		if r := p.do("POST", slow+"/rename", `{"title":" 送货慢 "}`, "Idempotency-Key", "a"); r.status != http.StatusOK || r.body["group"].(map[string]any)["name"] != "送货慢" {
			t.Fatalf("rename: %d %s", r.status, r.text)
		}
	}
	split := p.do("POST", slow+"/split", `{"fine_groups":["`+c.otherFine.String()+`"],"title":"不上门"}`)
	if split.status != http.StatusCreated || split.body["group"].(map[string]any)["name"] != "不上门" {
		t.Fatalf("split: %d %s", split.status, split.text)
	}
	if r := p.do("POST", leak+"/merge", `{"into":"`+c.slow.String()+`"}`); r.status != http.StatusOK || r.body["group"].(map[string]any)["id"] != c.slow.String() {
		t.Errorf("merge: %d %s", r.status, r.text)
	}
	if r := p.do("GET", leak, ""); r.status != http.StatusOK || r.body["id"] != c.slow.String() {
		t.Errorf("a merged group: %d %s", r.status, r.text)
	}
	if r := p.do("POST", slow+"/mute", `{"on":true}`); r.status != http.StatusOK || r.body["group"].(map[string]any)["state"] != "muted" {
		t.Errorf("mute: %d %s", r.status, r.text)
	}
	if r := p.do("POST", slow+"/mute", `{}`); r.status != http.StatusConflict {
		t.Errorf("mute again: %d %s", r.status, r.text)
	}
	if r := p.do("POST", slow+"/mute", `{"on":false}`); r.status != http.StatusOK {
		t.Errorf("unmute: %d %s", r.status, r.text)
	}
	for path, body := range map[string]string{slow + "/rename": `{"title":"` + strings.Repeat("长", 81) + `"}`, slow + "/merge": `{}`, slow + "/split": `{"fine_groups":[]}`, leak + "/mute": `{"off":1}`} {
		if r := p.do("POST", path, body); r.status != http.StatusUnprocessableEntity {
			t.Errorf("%s %s: %d %s", path, body, r.status, r.text)
		}
	}
	actions, err := d.groups.Actions(t.Context(), 0, 0, 50)
	must(t, err)
	if len(actions) != 5 {
		t.Errorf("%d actions", len(actions))
	}
}
