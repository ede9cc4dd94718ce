package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"huiyin/app/attempts"
	"huiyin/app/auth"
	"huiyin/tickets"
)

func TestOrderAttemptsByTheAPI(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.program("shop", tickets.RoleAgent, auth.ScopeAttemptsWrite)
	one := `{"id": "a-1", "outcome": "failed", "step": "payment", "reason": "payment", "order": "20260001", "contact": {"external_id": "u1", "name": "韩若溪"}, "page": "https://shop.example/pay?x=1"}`
	if r := p.do("POST", "/order-attempts", one); r.status != http.StatusCreated || r.text != `{"stored":1,"known":0}` {
		t.Fatalf("one: %d %s", r.status, r.text)
	}
	if r := p.do("POST", "/order-attempts", one); r.status != http.StatusOK || r.text != `{"stored":0,"known":1}` {
		t.Errorf("again: %d %s", r.status, r.text)
	}
	var items []string
	for i := range 250 {
		items = append(items, fmt.Sprintf(`{"id": "b-%d", "outcome": "ok", "step": "done", "contact": {"external_id": "u%d"}}`, i, i%3))
	}
	batch := `{"items": [` + strings.Join(items, ", ") + `]}`
	for range 2 {
		if r := p.do("POST", "/order-attempts", batch, "Idempotency-Key", "k1"); r.status != http.StatusCreated || r.text != `{"stored":250,"known":0}` {
			t.Errorf("a batch with a key: %d %s", r.status, r.text)
		}
	}
	if r := p.do("POST", "/order-attempts", `{"id": "c-1", "outcome": "ok"}`, "Idempotency-Key", "k1"); r.status != http.StatusUnprocessableEntity {
		t.Errorf("another body under the key: %d", r.status)
	}
	for body, want := range map[string]string{
		`{"id": "x", "outcome": "ok", "colour": 1}`:                                                        "colour unknown",
		`{"id": "x", "outcome": "ok", "items": []}`:                                                        "items invalid",
		`{"items": [{"id": "x", "outcome": "ok"}, {"id": "y", "outcome": "failed", "reason": "weather"}]}`: "items[1].reason invalid",
		`{"items": [{"id": "x", "outcome": "ok", "contact": {"email": "no address"}}]}`:                    "items[0].contact.email invalid",
		`{"items": [{"id": "x", "outcome": "ok", "contact": {}}]}`:                                         "items[0].contact required",
		`{"items": [{"id": "x", "outcome": "ok"}, {"id": "y", "outcome": "ok", "at": "yesterday"}]}`:       "items[1].at invalid",
		`{"items": []}`: "items count",
		`[{"id": "x", "outcome": "ok"}, {"id": "y", "outcome": "ok", "colour": 1}]`: "items[1].colour unknown",
		`{"id": "x", "outcome": "ok", "origin": "shop"}`:                            "origin invalid",
	} {
		if r := p.do("POST", "/order-attempts", body); r.status != http.StatusUnprocessableEntity || r.wrong() != want {
			t.Errorf("%s: %d %s, want %s", body, r.status, r.wrong(), want)
		}
	}
	list := `[{"id": "d-1", "outcome": "ok", "origin": "api"}, {"id": "d-2", "outcome": "abandoned", "origin": "page"}]`
	if r := p.do("POST", "/order-attempts", list); r.status != http.StatusCreated || r.text != `{"stored":2,"known":0}` {
		t.Errorf("a list alone: %d %s", r.status, r.text)
	}
	if r := d.program("other", tickets.RoleAgent, auth.ScopeTicketsWrite).do("POST", "/order-attempts", one); r.status != http.StatusForbidden {
		t.Errorf("without the scope: %d", r.status)
	}
	now := d.web.Now()
	for origin, want := range map[string]attempts.Count{attempts.FromAPI: {OK: 251, Failed: 1}, attempts.FromShop: {Abandoned: 1}} {
		report, err := d.web.Attempts.Report(t.Context(), origin, now.AddDate(0, 0, -1), now.AddDate(0, 0, 1))
		must(t, err)
		if report.Total != want {
			t.Errorf("%s: counted %+v, want %+v", origin, report.Total, want)
		}
	}
}
