package web

import (
	"context"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/app/orders"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	// cardLines is how many lines of an order a card shows.
	cardLines = 8
	// cardOrders is how many of her latest orders stand beside a conversation.
	cardOrders = 3
)

// orderView is an order's card.
type orderView struct {
	*Words
	Number, State, Class, StatusText string
	Total, Platform, URL, Warning    string
	Times                            []labelled
	Shipments                        []orders.Shipment
	Refunds                          []refundView
	Invoice                          *orders.Invoice
	Lines                            []orderLine
	More                             int // lines that are not shown
	Contact                          id.ID
}

type labelled struct{ Label, Text string }

type orderLine struct {
	Name, Price string
	Quantity    int64
}

type refundView struct{ Amount, State, Class, Reason string }

// orderClass is the look of an order's state.
func orderClass(status orders.Status) string {
	switch status {
	case orders.Unpaid:
		return "warn"
	case orders.Paid, orders.Shipped:
		return "accent"
	case orders.Delivered, orders.Finished:
		return "good"
	case orders.Cancelled, orders.Closed:
	}
	return ""
}

func viewOfOrder(w *Words, o *orders.Order) *orderView {
	v := &orderView{
		Words: w, Number: o.Number, State: w.T("orders.status." + string(o.Status)), Class: orderClass(o.Status), StatusText: o.StatusText,
		Total: orders.Money(o.Total, o.Currency), Platform: o.Platform, URL: o.URL, Shipments: o.Shipments, Invoice: o.Invoice, Contact: o.ContactID,
	}
	for _, one := range []struct {
		key string
		at  *int64
	}{
		{"orders.placed", o.PlacedAt}, {"orders.paid", o.PaidAt}, {"orders.shipped", o.ShippedAt}, {"orders.delivered", o.DeliveredAt}, {"orders.finished", o.FinishedAt},
	} {
		if one.at != nil {
			v.Times = append(v.Times, labelled{w.T(one.key), w.Moment(*one.at)})
		}
	}
	for i, l := range o.Lines {
		if i == cardLines {
			v.More = len(o.Lines) - cardLines
			break
		}
		name := l.Name
		if name == "" {
			name = l.SKU
		}
		v.Lines = append(v.Lines, orderLine{Name: name, Price: orders.Money(l.Price, o.Currency), Quantity: l.Quantity})
	}
	for i := range o.Refunds {
		r := &o.Refunds[i]
		one := refundView{Amount: orders.Money(r.Amount, o.Currency), State: w.T("orders.refund." + string(r.State)), Reason: r.Reason}
		if r.State == orders.RefundRequested {
			one.Class = "warn"
		}
		v.Refunds = append(v.Refunds, one)
	}
	if i := v.Invoice; i != nil && strings.TrimSpace(i.Title) == "" {
		v.Invoice = &orders.Invoice{State: i.State, Title: w.T("orders.invoice"), URL: i.URL}
	}
	return v
}

func viewsOfOrders(w *Words, list []*orders.Order) []*orderView {
	out := make([]*orderView, len(list))
	for i, o := range list {
		out[i] = viewOfOrder(w, o)
	}
	return out
}

// fillOrders adds the ticket's order, as far as the shop has told of it, and her latest others.
func (s *Server) fillOrders(c echo.Context, v *threadView, _ people) error {
	ctx := c.Request().Context()
	if v.Order != "" {
		o, err := s.Orders.ByNumber(ctx, v.Order)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err == nil {
			v.OrderCard = viewOfOrder(v.Words, o)
			switch {
			case o.ContactID != 0 && o.ContactID != v.ContactID:
				v.OrderCard.Warning = v.T("orders.another")
			case o.ContactID == 0 && !v.OrderVerified:
				v.OrderCard.Warning = v.T("orders.claimed")
			}
		}
	}
	hers, err := s.Orders.OfContact(ctx, v.ContactID, nil, cardOrders+1)
	if err != nil {
		return err
	}
	for _, o := range hers {
		if len(v.Orders) < cardOrders && (v.Order == "" || tickets.NormalOrder(o.Number) != tickets.NormalOrder(v.Order)) {
			v.Orders = append(v.Orders, viewOfOrder(v.Words, o))
		}
	}
	return nil
}

// findOrders gives the orders that a search means, with or without a ticket.
func (s *Server) findOrders(c echo.Context, query string) ([]*orderView, error) {
	found, err := s.Orders.Find(c.Request().Context(), query)
	return viewsOfOrders(s.words(c), found), err
}

// ContactHref leads to who bought it; empty: nobody is known.
func (v *orderView) ContactHref() string {
	if v.Contact == 0 {
		return ""
	}
	return "/contacts/" + v.Contact.String()
}

// shopperOrder is the ticket's order as its shopper may see it on the ticket's page: it was verified, it is not known as somebody
// else's, and the page is hers and not a participant's.
func (s *Server) shopperOrder(ctx context.Context, w *Words, t *tickets.Ticket, who *tickets.Contact) (*orderView, error) {
	if t.Order == "" || !t.OrderVerified || who.ID != t.ContactID {
		return nil, nil
	}
	o, err := s.Orders.ByNumber(ctx, t.Order)
	if fault.Is(err, fault.NotFound) || (err == nil && o.ContactID != 0 && o.ContactID != t.ContactID) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return viewOfOrder(w, o), nil
}
