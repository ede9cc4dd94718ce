package orders_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/orders"
	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// whole is an order with everything.
func whole(at time.Time) orders.Draft {
	stamp := func(d time.Duration) *string { return new(at.Add(d).Format(time.RFC3339)) }
	return orders.Draft{
		Contact: &orders.ContactDraft{ExternalID: "u-1", Phone: "13800138000", Name: "王小明"}, Status: "shipped", StatusText: "运输中", Currency: "CNY", Total: new("59.00"),
		PlacedAt: stamp(-3 * time.Hour), PaidAt: stamp(-2 * time.Hour), ShippedAt: stamp(-time.Hour), UpdatedAt: stamp(-time.Hour), Platform: "youzan",
		Lines:     []orders.LineDraft{{SKU: "A-1", Name: "陶瓷杯", Quantity: 2, Price: new("19.5")}, {SKU: "B-2", Name: "茶叶", Quantity: 1, Price: new("20")}},
		Shipments: []orders.Shipment{{Courier: "顺丰", Tracking: "SF123456789", Status: "在途"}},
		Refunds:   []orders.RefundDraft{{ID: "r-1", Amount: new("5.00"), Reason: "少件", State: "done", At: stamp(-time.Minute)}},
		Invoice:   &orders.Invoice{State: "sent", Title: "回音有限公司", URL: "https://shop.example/i/1"}, URL: "https://shop.example/o/1", Meta: []byte(`{"arm": "b"}`),
	}
}

func TestAnOrderIsKeptWholeAndSealed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		o, out := d.put("2026-0001", whole(d.At))
		if out != orders.Added || o.Number != "2026-0001" || *o.Total != 5900 || len(o.Lines) != 2 || o.Lines[0].Name != "陶瓷杯" || *o.Lines[0].Price != 1950 ||
			o.Shipments[0].Tracking != "SF123456789" || *o.Refunds[0].Amount != 500 || o.Refunds[0].Reason != "少件" || o.Invoice.Title != "回音有限公司" || string(o.Meta) != `{"arm":"b"}` {
			t.Fatalf("%s: %+v", out, o)
		}
		c, err := d.Tickets.Contact(t.Context(), o.ContactID)
		must(t, err)
		if c.Name != "王小明" || c.KeyID != o.KeyID {
			t.Errorf("the contact is %+v, the order's key %s", c, o.KeyID)
		}
		var raw []byte
		must(t, d.DB.Read(t.Context()).Raw(`SELECT detail FROM orders`).Row().Scan(&raw))
		if strings.Contains(string(raw), "SF123456789") {
			t.Error("the tracking number lies open")
		}
		for query, want := range map[string]int{"2026-0001": 1, "２０２６-0001": 1, "0001": 1, "6-0001": 1, "9-0001": 0, "001": 0, "2026": 0} {
			found, err := d.orders.Find(t.Context(), query)
			if must(t, err); len(found) != want {
				t.Errorf("%q finds %d, want %d", query, len(found), want)
			}
		}
		hers, err := d.orders.OfContact(t.Context(), o.ContactID, nil, 5)
		if must(t, err); len(hers) != 1 {
			t.Errorf("she has %d orders", len(hers))
		}
		rest, err := d.orders.OfContact(t.Context(), o.ContactID, hers[0], 5)
		if must(t, err); len(rest) != 0 {
			t.Errorf("%d orders before the oldest", len(rest))
		}
		paid, err := d.orders.Paid(t.Context(), 0, tickets.Millis(d.At))
		if must(t, err); len(paid) != 1 || paid[*o.PaidAt/900000*900000] != 1 {
			t.Errorf("paid: %v", paid)
		}
	})
}

func TestWhatIsOlderOrEqualChangesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		first, _ := d.put("1", whole(d.At))
		d.At = d.At.Add(time.Minute)
		if o, out := d.put("1", whole(d.At.Add(-time.Minute))); out != orders.Same || o.ChangedAt != first.ChangedAt {
			t.Errorf("again: %s, changed at %d", out, o.ChangedAt)
		}
		older := whole(d.At.Add(-time.Hour))
		older.Status = "paid"
		if o, out := d.put("1", older); out != orders.Older || o.Status != orders.Shipped {
			t.Errorf("older: %s, %s", out, o.Status)
		}
		newer := whole(d.At.Add(time.Hour))
		newer.Status, newer.Lines = "delivered", newer.Lines[:1]
		if o, out := d.put("1", newer); out != orders.Changed || o.Status != orders.Delivered || len(o.Lines) != 1 {
			t.Errorf("newer: %s, %+v", out, o)
		}
		if n := d.Number(`SELECT COUNT(*) FROM orders`); n != 1 {
			t.Errorf("%d orders", n)
		}
	})
}

func TestAPartialWordLeavesTheRest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.put("1", whole(d.At))
		o, out, err := d.orders.Put(t.Context(), "1", &orders.Draft{Status: "delivered"}, orders.PutOptions{Partial: true})
		must(t, err)
		if out != orders.Changed || o.Status != orders.Delivered || *o.Total != 5900 || len(o.Lines) != 2 || o.Lines[1].Name != "茶叶" || o.Refunds[0].ID != "r-1" || o.Shipments == nil {
			t.Errorf("%s: %+v", out, o)
		}
		o, _, err = d.orders.Put(t.Context(), "2", &orders.Draft{PaidAt: new(d.At.Format(time.RFC3339))}, orders.PutOptions{Partial: true})
		if must(t, err); o.Status != orders.Paid || o.Currency != "" && o.Currency != "CNY" {
			t.Errorf("a new order of which only the payment is said: %+v", o)
		}
	})
}

func TestAnOrderGoesToItsContactOnceSheIsKnown(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		alone := whole(d.At)
		alone.Contact = nil
		o, _ := d.put("1", alone)
		if o.ContactID != 0 {
			t.Fatalf("it is %s's", o.ContactID)
		}
		given, out := d.put("1", whole(d.At))
		if out != orders.Changed || given.ContactID == 0 || given.KeyID != o.KeyID {
			t.Errorf("%s: contact %s, key %s, was %s", out, given.ContactID, given.KeyID, o.KeyID)
		}
		owner, err := d.Sealer.Owner(d.DB.Read(t.Context()), given.KeyID)
		if must(t, err); owner != given.ContactID {
			t.Errorf("the key is %s's", owner)
		}
		other := d.contact("u-2")
		moved := whole(d.At)
		moved.Contact = &orders.ContactDraft{ID: other.String()}
		now, _ := d.put("1", moved)
		hers, err := d.Tickets.Contact(t.Context(), other)
		must(t, err)
		if now.ContactID != other || now.KeyID != hers.KeyID || now.Shipments[0].Tracking != "SF123456789" {
			t.Errorf("moved: %+v", now)
		}
		if kept, _ := d.put("1", alone); kept.ContactID != other {
			t.Error("a word without a contact took hers away")
		}
	})
}

func TestMergingMovesOrdersAndErasingForgetsThem(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		visitor, err := d.Tickets.CreateContact(t.Context(), tickets.NewContact{})
		must(t, err)
		draft := whole(d.At)
		draft.Contact = &orders.ContactDraft{ID: visitor.ID.String()}
		d.put("1", draft)
		known := d.contact("u-9")
		must(t, d.DB.Write(t.Context(), func(tx *gorm.DB) error { return d.Tickets.MergeContactTx(tx, visitor.ID, known) }))
		o, err := d.orders.ByNumber(t.Context(), "1")
		if must(t, err); o.ContactID != known {
			t.Errorf("after merging it is %s's", o.ContactID)
		}
		must(t, d.DB.Write(t.Context(), func(tx *gorm.DB) error {
			who, err := d.Tickets.EraseContactTx(tx, d.agent, known, tickets.ErasedOnRequest)
			if err != nil {
				return err
			}
			return orders.Forget(tx, who.Contacts)
		}))
		if _, err := d.orders.ByNumber(t.Context(), "1"); !fault.Is(err, fault.NotFound) {
			t.Errorf("after erasing: %v", err)
		}
		if n := d.Number(`SELECT COUNT(*) FROM orders WHERE contact_id IS NULL AND order_no IS NULL AND order_hash IS NULL AND detail IS NULL AND total = 5900`); n != 1 {
			t.Error("the amount went, or what is hers stayed")
		}
	})
}

func TestAChangeOfStateStandsInTheTicketsOfTheOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		o, _ := d.put("20260001", whole(d.At))
		active, done := d.ticket(o.ContactID, "20260001"), d.ticket(d.contact("u-3"), "20260001")
		_, err := d.Tickets.SetStatus(t.Context(), d.agent, done, tickets.StatusSolved)
		must(t, err)
		next := whole(d.At.Add(time.Hour))
		next.Status = "delivered"
		d.put("20260001", next)
		d.put("20260001", next) // again: nothing new
		events, err := d.Tickets.EventsAfter(t.Context(), 0, 100)
		must(t, err)
		var got []string
		for _, e := range events {
			if e.Type == tickets.EventOrderMoved {
				got = append(got, e.TicketID.String()+" "+e.SubjectID.String()+" "+e.Data)
			}
		}
		if want := active.String() + " " + o.ID.String() + ` {"from":"shipped","to":"delivered"}`; len(got) != 1 || got[0] != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestEachWrongFieldOfAnOrderIsNamed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		bad := orders.Draft{
			Contact: &orders.ContactDraft{ID: "x"}, Status: "sent", Currency: "CNY", Total: new("59.001"), PaidAt: new("2026-13-01"), UpdatedAt: new("99-01-01"),
			Lines:   []orders.LineDraft{{Quantity: 0}, {SKU: "A", Quantity: 1, Price: new("-1")}},
			Refunds: []orders.RefundDraft{{State: "gone"}}, Invoice: &orders.Invoice{URL: "javascript:alert(1)"}, URL: "//x", Meta: []byte(`[1]`),
			StatusText: strings.Repeat("长", 101), Platform: "a\nb",
		}
		_, _, err := d.orders.Put(t.Context(), "1", &bad, orders.PutOptions{})
		want := map[string]string{
			"contact.id": "id", "status": "status", "total": "amount", "paid_at": "time", "updated_at": "time", "lines[0].name": "required", "lines[0].quantity": "quantity",
			"lines[1].price": "amount", "refunds[0].state": "refund_state", "invoice.url": "url", "url": "url", "meta": "object", "status_text": "too_long", "platform": "text",
		}
		if got := fields(err); !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		for number, code := range map[string]string{"": "required", "1.23E+18": "spoilt", strings.Repeat("1", 65): "too_long", "a\x00b": "text"} {
			_, _, err := d.orders.Put(t.Context(), number, &orders.Draft{Status: "paid"}, orders.PutOptions{})
			if got := fields(err)["number"]; got != code {
				t.Errorf("number %q: %q, want %q", number, got, code)
			}
		}
		for _, one := range []struct {
			currency, total string
			want            int64
		}{{"JPY", "500", 500}, {"KWD", "1.234", 1234}, {"USD", "0.5", 50}, {"", "59", 5900}} {
			o, _ := d.put("m"+one.currency, orders.Draft{Status: "paid", Currency: one.currency, Total: new(one.total)})
			if *o.Total != one.want || orders.Decimal(*o.Total, o.Currency) == "" {
				t.Errorf("%s %s is %d", one.total, one.currency, *o.Total)
			}
		}
		if _, _, err := d.orders.Put(t.Context(), "1", &orders.Draft{Status: "paid", Currency: "JPY", Total: new("1.5")}, orders.PutOptions{}); fields(err)["total"] != "amount" {
			t.Errorf("half a yen: %v", err)
		}
		if n := d.Number(`SELECT COUNT(*) FROM orders`); n != 4 {
			t.Errorf("%d orders", n)
		}
	})
}

func TestAmountsAreWrittenAsTheyAreRead(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		n    int64
		code string
		want string
	}{{5900, "CNY", "59.00"}, {5, "CNY", "0.05"}, {0, "CNY", "0.00"}, {-150, "CNY", "-1.50"}, {500, "JPY", "500"}, {1, "KWD", "0.001"}} {
		if got := orders.Decimal(one.n, one.code); got != one.want {
			t.Errorf("%d %s: %s, want %s", one.n, one.code, got, one.want)
		}
	}
}
