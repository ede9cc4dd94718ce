package orders

import (
	"encoding/json"
	"slices"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Draft is an order as an outer face tells of it, all in text: PUT /api/v1/orders has it as its body. Amounts are decimal
// text, times RFC 3339.
type Draft struct {
	Contact     *ContactDraft   `json:"contact"`
	Status      string          `json:"status"`
	StatusText  string          `json:"status_text"`
	Currency    string          `json:"currency"` // empty: the shop's
	Total       *string         `json:"total"`
	PlacedAt    *string         `json:"placed_at"`
	PaidAt      *string         `json:"paid_at"`
	ShippedAt   *string         `json:"shipped_at"`
	DeliveredAt *string         `json:"delivered_at"`
	FinishedAt  *string         `json:"finished_at"`
	Lines       []LineDraft     `json:"lines"`
	Shipments   []Shipment      `json:"shipments"`
	Refunds     []RefundDraft   `json:"refunds"`
	Invoice     *Invoice        `json:"invoice"`
	Platform    string          `json:"platform"`
	UpdatedAt   *string         `json:"updated_at"` // nil: now
	URL         string          `json:"url"`
	Meta        json.RawMessage `json:"meta"`
}

// ContactDraft names the buyer.
type ContactDraft struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id"`
	Email      string `json:"email"`
	Phone      string `json:"phone"`
	Name       string `json:"name"`
	Locale     string `json:"locale"`
}

// LineDraft is a line as it is told.
type LineDraft struct {
	SKU      string  `json:"sku"`
	Name     string  `json:"name"`
	Quantity int64   `json:"quantity"`
	Price    *string `json:"price"`
}

// RefundDraft is a refund as it is told.
type RefundDraft struct {
	ID     string  `json:"id"`
	Amount *string `json:"amount"`
	Reason string  `json:"reason"`
	State  string  `json:"state"`
	At     *string `json:"at"`
}

// ref is who is meant; it fails on an id that is none.
func (d *ContactDraft) ref() (r tickets.ContactRef, err error) {
	if d == nil {
		return r, nil
	}
	r = tickets.ContactRef{ExternalID: d.ExternalID, Email: d.Email, Phone: d.Phone, Name: d.Name, Locale: d.Locale}
	if d.ID != "" {
		r.ID, err = id.Parse(d.ID)
	}
	return r, err
}

// priced tells whether the draft says any amount.
func (d *Draft) priced() bool {
	return d.Total != nil || slices.ContainsFunc(d.Lines, func(l LineDraft) bool { return l.Price != nil }) ||
		slices.ContainsFunc(d.Refunds, func(r RefundDraft) bool { return r.Amount != nil })
}
