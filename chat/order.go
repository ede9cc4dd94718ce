package chat

import (
	"context"

	"huiyin/tickets/id"
)

// OrderCard is an order as its shopper may see it. Amounts are text with their currency, made for her.
type OrderCard struct {
	Number     string          `json:"number"`
	Status     string          `json:"status"` // a word of the program
	StatusText string          `json:"status_text"`
	Total      string          `json:"total"`
	Lines      []OrderLine     `json:"lines"`
	Shipments  []OrderShipment `json:"shipments"`
	URL        string          `json:"url"`
}

// OrderLine is one sort of goods.
type OrderLine struct {
	Name     string `json:"name"`
	Quantity int64  `json:"quantity"`
}

// OrderShipment is a parcel.
type OrderShipment struct {
	Courier  string `json:"courier"`
	Tracking string `json:"tracking"`
	Status   string `json:"status"`
}

// OrderLook gives an order with the contact whose it is, zero for nobody's; nil: the desk does not know it.
type OrderLook func(ctx context.Context, number string) (card *OrderCard, contact id.ID, err error)

// orderCard is the order that the page names, if she may see it: it is the one that the shop has signed, or one of hers and the
// shop has signed who she is. Of any other nothing is said, not even that it is there.
func (d *Desk) orderCard(ctx context.Context, got *opened) (*OrderCard, error) {
	said := &got.session.Context
	if d.orders == nil || said.Order == "" || (!said.OrderVerified && !got.session.Signed) {
		return nil, nil
	}
	card, contact, err := d.orders(ctx, said.Order)
	if err != nil || card == nil || (!said.OrderVerified && contact != got.contact.ID) {
		return nil, err
	}
	return card, nil
}
