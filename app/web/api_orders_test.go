package web

import (
	"strings"
	"testing"

	"huiyin/tickets"
)

const wholeOrder = `{"contact":{"external_id":"u1","name":"韩梅"},"status":"shipped","status_text":"运输中","currency":"CNY","total":"59.00","placed_at":"2026-11-01T08:00:00+08:00",
 "paid_at":"2026-11-01T00:01:00Z","updated_at":"2026-11-02T00:00:00Z","lines":[{"sku":"A-1","name":"陶瓷杯","quantity":2,"price":"29.50"}],
 "shipments":[{"courier":"顺丰","tracking":"SF1","status":"在途"}],"refunds":[{"id":"r1","amount":"5.00","reason":"少件","state":"done","at":"2026-11-02T00:00:00Z"}],
 "invoice":{"state":"sent","title":"T","url":"https://shop.example/i"},"platform":"youzan","url":"https://shop.example/o","meta":{"n":12345678901234567890}}`

func TestAProgramTellsOfAnOrder(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.program("shop", tickets.RoleAgent)
	made := p.do("PUT", "/orders/A%2F2026%200001", wholeOrder, "Idempotency-Key", "k")
	if made.status != 201 || made.body["external_id"] != "A/2026 0001" || made.body["total"] != "59.00" || made.body["placed_at"] != "2026-11-01T00:00:00.000Z" ||
		made.body["contact"].(map[string]any)["name"] != "韩梅" || !strings.Contains(made.text, `"meta":{"n":12345678901234567890}`) {
		t.Fatalf("%d %s", made.status, made.text)
	}
	if again := p.do("PUT", "/orders/A%2F2026%200001", wholeOrder, "Idempotency-Key", "k"); again.status != 201 || again.header.Get("Idempotent-Replay") != "true" {
		t.Errorf("%d %s", again.status, again.text)
	}
	for name, body := range map[string]string{
		"the same":                      wholeOrder,
		"older":                         strings.NewReplacer("shipped\"", "paid\"", "2026-11-02T00:00:00Z\",\"lines", "2026-11-01T00:00:00Z\",\"lines").Replace(wholeOrder),
		"the same, said a little later": strings.Replace(wholeOrder, `"updated_at":"2026-11-02T00:00:00Z"`, `"updated_at":"2026-11-02T00:00:01Z"`, 1),
	} {
		if got := p.do("PUT", "/orders/A%2F2026%200001", body); got.status != 200 || got.body["status"] != "shipped" {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
	if got := p.do("GET", "/orders/a%2F20260001", ""); got.status != 200 || got.body["id"] != made.body["id"] {
		t.Errorf("%d %s", got.status, got.text)
	}
	if got := p.do("GET", "/orders/none", ""); got.status != 404 {
		t.Errorf("%d %s", got.status, got.text)
	}
	for body, want := range map[string]string{
		`{}`: "status required", `{"status":"paid","total":59}`: "total invalid", `{"status":"paid","total":"59.001"}`: "total amount", `{"status":"paid","state":"x"}`: "state unknown",
		`{"status":"paid","lines":[{"sku":"a","quantity":0}]}`: "lines[0].quantity quantity", `{"status":"paid","contact":{"id":1}}`: "contact.id invalid",
		`{"status":"paid","meta":[]}`: "meta object", `{"status":"paid","currency":"XYZ"}`: "currency currency", `{"status":"paid","paid_at":1}`: "paid_at invalid",
		`{"status":"paid","contact":{"email":"x"}}`: "contact.email invalid",
	} {
		if got := p.do("PUT", "/orders/B1", body); got.status != 422 || got.wrong() != want {
			t.Errorf("%s: %d %q, want %q", body, got.status, got.wrong(), want)
		}
	}
	if got := p.do("PUT", "/orders/1.2E%2B18", `{"status":"paid"}`); got.wrong() != "external_id spoilt" {
		t.Errorf("%d %s", got.status, got.text)
	}
	if got := p.do("GET", "/orders/B1", ""); got.status != 404 {
		t.Errorf("a refused order is there: %d", got.status)
	}
}
