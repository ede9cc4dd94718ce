package chat_test

import (
	"context"
	"testing"

	"huiyin/chat"
	"huiyin/tickets/id"
)

// look is the shop's one order, 20260001, which belongs to whom the test says.
func (w *world) look(_ context.Context, number string) (*chat.OrderCard, id.ID, error) {
	if number != "20260001" {
		return nil, 0, nil
	}
	return &chat.OrderCard{Number: number, Status: "shipped", Total: "¥59.00"}, id.ID(w.buyer.Load()), nil
}

func TestAnOrderIsShownToItsBuyerAlone(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	hers := n.start(obj{"identity": w.user("u1")}, nil)
	buyer, err := id.Parse(hers.obj.obj("contact").str("id"))
	if err != nil {
		t.Fatal(err)
	}
	w.buyer.Store(int64(buyer))
	signature := w.signed("order.20260001.4000000000")
	for name, test := range map[string]struct {
		body obj
		want bool
	}{
		"her signed id":                 {obj{"order": "20260001", "identity": w.user("u1")}, true},
		"another's signed id":           {obj{"order": "20260001", "identity": w.user("u2")}, false},
		"her id, a claim":               {obj{"order": "20260001", "identity": obj{"id": "u1"}}, false},
		"nobody":                        {obj{"order": "20260001"}, false},
		"nobody, the order signed":      {obj{"order": "20260001", "order_signature": signature, "order_exp": 4000000000}, true},
		"her signed id, no such order":  {obj{"order": "20260002", "identity": w.user("u1")}, false},
		"her signed id, no order named": {obj{"identity": w.user("u1")}, false},
	} {
		a := n.start(test.body, nil)
		if got := a.obj["order"] != nil; got != test.want || a.StatusCode != 201 {
			t.Errorf("%s: %d, order %v, want %v", name, a.StatusCode, a.obj["order"], test.want)
		}
	}
	// The order is the session's: a later page that only claims the number learns nothing from the token of an anonymous visit.
	plain := n.start(obj{"order": "20260001"}, nil)
	if again := n.start(obj{"order": "20260001", "session": plain.str("session")}, nil); again.obj["order"] != nil {
		t.Error("the claim of an earlier visit shows the order")
	}
}
