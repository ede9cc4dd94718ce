package web

import (
	"strconv"
	"strings"
	"testing"

	"huiyin/app/orders"
	"huiyin/tickets"
)

// ordered puts an order of a shop's user.
func (d *desk) ordered(number, user, status string) *orders.Order {
	d.t.Helper()
	o, _, err := d.orders.Put(d.t.Context(), number, &orders.Draft{
		Contact: &orders.ContactDraft{ExternalID: user, Name: "王小明"}, Status: status, Total: new("59.00"), URL: "https://shop.example/o/" + number,
		Lines:     []orders.LineDraft{{SKU: "A-1", Name: "陶瓷杯<b>", Quantity: 2, Price: new("29.50")}},
		Shipments: []orders.Shipment{{Courier: "顺丰", Tracking: "SF123456789"}}, Refunds: []orders.RefundDraft{{ID: "1", Amount: new("5"), Reason: "少件", State: "done"}},
	}, orders.PutOptions{})
	must(d.t, err)
	return o
}

func TestTheOrderStandsBesideTheConversation(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("lin", "Lin", tickets.RoleAgent))
	o := d.ordered("2026000123", "u-1", "shipped")
	d.ordered("2026000999", "u-1", "paid")
	other := d.ordered("2026000777", "u-2", "paid")
	talk := func(order string, verified bool) string {
		r, err := d.tickets.Receive(t.Context(), tickets.Inbound{InboxID: d.inbox.ID, ContactID: o.ContactID, SourceID: order, Body: "在哪", Order: order, OrderVerified: verified})
		must(t, err)
		_, err = d.tickets.SetStatus(t.Context(), tickets.Actor{Kind: tickets.ActorSystem}, r.Ticket.ID, tickets.StatusClosed)
		must(t, err)
		return ticketPath(r.Ticket.Number)
	}
	path := talk("2026000123", true)
	page := b.has(path, "2026000123", "¥59.00", "SF123456789", "陶瓷杯&lt;b&gt;", "Shipped", "Refunded", "https://shop.example/o/2026000123", "2026000999")
	if strings.Contains(page, "knows this order as another") || strings.Contains(page, "2026000777") {
		t.Error("her own order is doubted, or another's is shown")
	}
	b.has(talk("2026000777", false), "2026000777", "as another customer’s")
	b.has("/contacts/"+o.ContactID.String(), "Latest orders", "2026000123", "2026000999")
	b.has("/tickets?q=0777", "2026000777", "/contacts/"+other.ContactID.String())
	b.has("/tickets?q=2026000999", "2026000999", "/contacts/"+o.ContactID.String())
}

func TestTheTicketPageShowsAVerifiedOrderAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := d.ordered("2026000123", "u-1", "shipped")
	other := d.ordered("2026000777", "u-2", "paid")
	for _, test := range []struct {
		order    string
		verified bool
		want     bool
	}{{o.Number, true, true}, {o.Number, false, false}, {other.Number, true, false}, {"none", true, false}} {
		r, err := d.tickets.Receive(t.Context(), tickets.Inbound{
			InboxID: d.inbox.ID, ContactID: o.ContactID, SourceID: test.order + strconv.FormatBool(test.verified), Body: "在哪", Order: test.order, OrderVerified: test.verified,
		})
		must(t, err)
		_, err = d.tickets.SetStatus(t.Context(), tickets.Actor{Kind: tickets.ActorSystem}, r.Ticket.ID, tickets.StatusClosed)
		must(t, err)
		token, err := d.tickets.NewLink(t.Context(), r.Ticket.ID)
		must(t, err)
		if got := strings.Contains(d.browser().get("/t/"+token).body, "SF123456789"); got != test.want {
			t.Errorf("%s, verified %v: shown %v", test.order, test.verified, got)
		}
	}
}
