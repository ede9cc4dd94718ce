package main

import (
	"context"
	"strconv"
	"time"

	"huiyin/app/demo"
	"huiyin/app/orders"
	"huiyin/app/web"
)

// push tells the desk of an order that somebody has made in the sample shop, as a shop's server does by PUT /api/v1/orders.
func (s *showing) push(ctx context.Context, o web.DemoPurchase) error {
	select {
	case <-s.opened:
	case <-ctx.Done():
		return ctx.Err()
	}
	_, _, err := s.orders.Put(ctx, o.Number, purchaseDraft(&o), orders.PutOptions{})
	return err
}

// purchaseDraft is the order in the words of the API.
func purchaseDraft(o *web.DemoPurchase) *orders.Draft {
	d := &orders.Draft{
		Contact: &orders.ContactDraft{ExternalID: o.Customer, Email: o.Email, Phone: o.Phone, Name: o.Name, Locale: o.Locale},
		Status:  o.State, Currency: "CNY", Total: money(o.Price * o.Quantity), Platform: "demo",
		PlacedAt: moment(o.Placed), PaidAt: moment(o.Paid), ShippedAt: moment(o.Shipped), DeliveredAt: moment(o.Delivered), UpdatedAt: moment(o.Updated),
		Lines: []orders.LineDraft{{SKU: o.SKU, Name: o.Item, Quantity: int64(o.Quantity), Price: money(o.Price)}},
	}
	if o.Tracking != "" {
		d.Shipments = []orders.Shipment{{Courier: demo.Courier(o.Locale), Tracking: o.Tracking, Status: o.State}}
	}
	return d
}

// money is an amount of fen as decimal text.
func money(fen int) *string {
	return new(strconv.Itoa(fen/100) + "." + strconv.Itoa(fen%100/10) + strconv.Itoa(fen%10))
}

// moment is a time as the API has it; nil: it has not come.
func moment(at time.Time) *string {
	if at.IsZero() {
		return nil
	}
	return new(at.UTC().Format(time.RFC3339Nano))
}
