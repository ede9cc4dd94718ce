package privacy_test

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/orders"
	"huiyin/app/privacy"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// ordered notes an order, of a contact or of nobody, and makes it so many months old.
func (x *desk) ordered(t *testing.T, number, buyer string, placed, changed int) *orders.Order {
	t.Helper()
	s := orders.New(orders.Options{
		Store: tickets.Store{Write: x.db.Write, Read: x.db.Read, After: db.After}, Tickets: x.tickets, Sealer: x.seal, IDs: x.IDs, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	d := orders.Draft{Status: "paid", Total: new("59.00"), Lines: []orders.LineDraft{{SKU: "A", Quantity: 2}}, Shipments: []orders.Shipment{{Courier: "顺丰", Tracking: "SF" + number}}}
	if buyer != "" {
		d.Contact = &orders.ContactDraft{ExternalID: buyer}
	}
	o, _, err := s.Put(t.Context(), number, &d, orders.PutOptions{})
	must(t, err)
	must(t, x.db.Write(t.Context(), func(tx *gorm.DB) error {
		at := func(months int) int64 { return tickets.Millis(time.Now().AddDate(0, -months, -1)) }
		return tx.Exec(`UPDATE orders SET ordered_at = ?, changed_at = ? WHERE id = ?`, at(placed), at(changed), int64(o.ID)).Error
	}))
	return o
}

// Orders of nobody go once they are old, nobody talks about them and nobody is kept who did: their numbers, details and keys;
// what is counted stays.
func TestOrdersOfNobodyAreForgottenButForWhatIsCounted(t *testing.T) {
	each(t, func(t *testing.T, x *desk) {
		due := []id.ID{x.ordered(t, "old", "", 36, 36).ID, x.ordered(t, "talked", "", 40, 36).ID}
		talked := func(number string, status tickets.Status, days int) id.ID {
			p, err := x.tickets.CreateContact(t.Context(), tickets.NewContact{Name: "李雷"})
			must(t, err)
			r, err := x.tickets.Receive(t.Context(), tickets.Inbound{InboxID: x.chat.ID, ContactID: p.ID, SourceID: number, Body: "到哪了", Order: number})
			must(t, err)
			if status != "" {
				_, err = x.tickets.SetStatus(t.Context(), x.boss, r.Ticket.ID, status)
				must(t, err)
			}
			x.old(t, days, p.ID)
			return p.ID
		}
		talked("talked", tickets.StatusClosed, 1200)
		kept := map[string]*orders.Order{
			"a young one": x.ordered(t, "young", "", 35, 35), "one of which the shop spoke lately": x.ordered(t, "spoken", "", 40, 1), "a buyer's": x.ordered(t, "hers", "u1", 40, 40),
			"one of an open ticket": x.ordered(t, "open", "", 40, 40), "one of a ticket of lately": x.ordered(t, "lately", "", 40, 40), "one of a ticket of who is kept": x.ordered(t, "kept", "", 40, 40),
		}
		talked("open", "", 1200)
		talked("lately", tickets.StatusSolved, 30)
		x.keep(t, talked("kept", tickets.StatusClosed, 1200))
		keys := x.count(t, `SELECT COUNT(*) FROM `+x.keysTable())

		shown := x.adopt(t, privacy.Rules{OrderMonths: 36})
		if len(shown) != 1 || shown[0].Rule != privacy.RuleOrders || shown[0].Count != 2 || !slices.Equal(slices.Sorted(slices.Values(shown[0].Sample)), slices.Sorted(slices.Values(due))) {
			t.Errorf("the dry run says %+v", shown)
		}
		must(t, x.Retain(t.Context()))
		if runs, err := x.Runs(t.Context(), 10); err != nil || len(runs) != 1 || runs[0].Orders != 2 || runs[0].EndedAt == nil {
			t.Errorf("the log says %+v, %v", runs, err)
		}
		const empty = `order_no IS NULL AND order_hash IS NULL AND order_last IS NULL AND detail IS NULL AND digest IS NULL AND key_id = 0`
		if n := x.count(t, `SELECT COUNT(*) FROM orders WHERE id IN ? AND status = 'paid' AND total = 5900 AND `+empty, due); n != 2 {
			t.Errorf("%d of 2 are forgotten and still counted", n)
		}
		if n := x.count(t, `SELECT COUNT(*) FROM order_lines WHERE order_id IN ?`, due); n != 2 {
			t.Errorf("%d of 2 lines are still counted", n)
		}
		if now := x.count(t, `SELECT COUNT(*) FROM `+x.keysTable()); now != keys-2 {
			t.Errorf("%d keys, there were %d: theirs go and no others", now, keys)
		}
		for name, o := range kept {
			if n := x.count(t, `SELECT COUNT(*) FROM orders WHERE id = ? AND order_no IS NOT NULL AND detail IS NOT NULL AND key_id = ?`, o.ID, o.KeyID); n != 1 {
				t.Errorf("%s is gone", name)
			}
		}
		must(t, x.Retain(t.Context()))
		if runs, err := x.Runs(t.Context(), 10); err != nil || len(runs) != 1 {
			t.Errorf("a run that did nothing is in the log: %+v, %v", runs, err)
		}
	})
}

// Whoever has ordered is a customer, and no visitor who never wrote, nor gone while her order is young.
func TestWhoHasOrderedIsNoVisitorWhoNeverWrote(t *testing.T) {
	each(t, func(t *testing.T, x *desk) {
		buyer, lately, looker := x.looker(t), x.looker(t), x.looker(t)
		x.old(t, 1000, buyer, lately, looker)
		for contact, months := range map[id.ID]int{buyer: 30, lately: 1} {
			o := x.ordered(t, contact.String(), contact.String(), months, months)
			must(t, x.db.Write(t.Context(), func(tx *gorm.DB) error {
				return tx.Exec(`UPDATE orders SET contact_id = ? WHERE id = ?`, int64(contact), int64(o.ID)).Error
			}))
		}
		x.adopt(t, privacy.Rules{VisitorDays: 90})
		must(t, x.Retain(t.Context()))
		if n := x.count(t, `SELECT COUNT(*) FROM contacts WHERE id IN ?`, []id.ID{buyer, lately}); n != 2 {
			t.Errorf("%d of 2 buyers are left", n)
		}
		if n := x.count(t, `SELECT COUNT(*) FROM contacts WHERE id = ?`, looker); n != 0 {
			t.Error("the visitor is left")
		}
		var people []id.ID
		for _, p := range x.adopt(t, privacy.Rules{ContactMonths: 24}) {
			people = append(people, p.Sample...)
		}
		if !slices.Contains(people, buyer) || slices.Contains(people, lately) {
			t.Errorf("%v are due: want %d whose order is old, and not %d", people, buyer, lately)
		}
	})
}

func (x *desk) keysTable() string {
	if x.db.Dialect() == db.Postgres {
		return "huiyin_keys.data_keys"
	}
	return "data_keys"
}
