package api

import (
	"net/http"
	"net/url"

	stdjson "encoding/json"

	"huiyin/app/idempotency"
	"huiyin/app/orders"
	"huiyin/tickets"
)

// orderOut is an order as the API gives it; lines, refunds and parcels look as they are told (orders.Draft).
type orderOut struct {
	ID          string               `json:"id"`
	ExternalID  string               `json:"external_id"`
	Contact     *who                 `json:"contact"`
	Status      orders.Status        `json:"status"`
	StatusText  string               `json:"status_text"`
	Currency    string               `json:"currency"`
	Total       *string              `json:"total"`
	PlacedAt    *string              `json:"placed_at"`
	PaidAt      *string              `json:"paid_at"`
	ShippedAt   *string              `json:"shipped_at"`
	DeliveredAt *string              `json:"delivered_at"`
	FinishedAt  *string              `json:"finished_at"`
	Lines       []orders.LineDraft   `json:"lines"`
	Shipments   []orders.Shipment    `json:"shipments"`
	Refunds     []orders.RefundDraft `json:"refunds"`
	Invoice     *orders.Invoice      `json:"invoice"`
	Platform    string               `json:"platform"`
	URL         string               `json:"url"`
	Meta        stdjson.RawMessage   `json:"meta"`
	UpdatedAt   string               `json:"updated_at"`
	CreatedAt   string               `json:"created_at"`
}

func amountOf(n *int64, currency string) *string {
	if n == nil {
		return nil
	}
	return new(orders.Decimal(*n, currency))
}

// orderOf shapes an order; p is its contact or nil.
func orderOf(o *orders.Order, p *tickets.Contact) orderOut {
	out := orderOut{
		ID: o.ID.String(), ExternalID: o.Number, Status: o.Status, StatusText: o.StatusText, Currency: o.Currency, Total: amountOf(o.Total, o.Currency),
		PlacedAt: stampOf(o.PlacedAt), PaidAt: stampOf(o.PaidAt), ShippedAt: stampOf(o.ShippedAt), DeliveredAt: stampOf(o.DeliveredAt), FinishedAt: stampOf(o.FinishedAt),
		Lines: []orders.LineDraft{}, Shipments: []orders.Shipment{}, Refunds: []orders.RefundDraft{}, Invoice: o.Invoice, Platform: o.Platform, URL: o.URL,
		Meta: o.Meta, UpdatedAt: stamp(o.UpdatedAt), CreatedAt: stamp(o.CreatedAt),
	}
	if p != nil {
		out.Contact = &who{ID: idText(&p.ID), Name: p.Name}
	}
	for _, l := range o.Lines {
		out.Lines = append(out.Lines, orders.LineDraft{SKU: l.SKU, Name: l.Name, Quantity: l.Quantity, Price: amountOf(l.Price, o.Currency)})
	}
	out.Shipments = append(out.Shipments, o.Shipments...)
	for i := range o.Refunds {
		r := &o.Refunds[i]
		out.Refunds = append(out.Refunds, orders.RefundDraft{ID: r.ID, Amount: amountOf(r.Amount, o.Currency), Reason: r.Reason, State: string(r.State), At: stampOf(r.At)})
	}
	if out.Meta == nil {
		out.Meta = stdjson.RawMessage("{}")
	}
	return out
}

// putOrder takes in an order, new (201) or not. What is older than what is kept, or equal, changes nothing and gets 200.
func (a *API) putOrder(c *Call) error {
	if err := c.known(); err != nil {
		return err
	}
	var in orders.Draft
	if err := c.Read(&in); err != nil {
		return err
	}
	number := c.orderNumber()
	checked, err := a.Orders.Check(c.Request().Context(), number, &in, orders.PutOptions{})
	if err != nil {
		return externalID(err)
	}
	return c.Once(func(tx idempotency.Tx) (done, error) {
		outcome, err := a.Orders.PutTx(tx, checked)
		if err != nil {
			return done{}, err
		}
		out, p, err := a.orderOf(tx, number)
		status := http.StatusOK
		if outcome == orders.Added {
			status = http.StatusCreated
		}
		return done{status, out, p}, err
	})
}

// orderNumber is the number of the address. Where an address has escaped slashes, echo gives its parts as they came.
func (c *Call) orderNumber() string {
	number := c.Param("order")
	if c.Request().URL.RawPath == "" {
		return number
	}
	if plain, err := url.PathUnescape(number); err == nil {
		return plain
	}
	return number
}

// externalID names the number as this face calls it.
func externalID(err error) error {
	return renamed(err, func(name string) string {
		if name == "number" {
			return "external_id"
		}
		return name
	})
}

func (a *API) orderOf(tx idempotency.Tx, number string) (orderOut, *tickets.Contact, error) {
	o, err := a.Orders.ByNumberTx(tx, number)
	if err != nil {
		return orderOut{}, nil, err
	}
	if o.ContactID == 0 {
		return orderOf(o, nil), nil, nil
	}
	p, err := a.Tickets.ContactTx(tx, o.ContactID)
	return orderOf(o, p), p, err
}

func (a *API) order(c *Call) error {
	if err := c.known(); err != nil {
		return err
	}
	ctx := c.Request().Context()
	o, err := a.Orders.ByNumber(ctx, c.orderNumber())
	if err != nil {
		return err
	}
	var p *tickets.Contact
	if o.ContactID != 0 {
		if p, err = a.Tickets.Contact(ctx, o.ContactID); err != nil {
			return err
		}
	}
	return c.Send(http.StatusOK, orderOf(o, p))
}
