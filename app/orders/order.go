package orders

import (
	"encoding/json"

	"huiyin/tickets/id"
)

// Status is where an order stands.
type Status string

// The states of an order.
const (
	Unpaid    Status = "unpaid"
	Paid      Status = "paid"
	Shipped   Status = "shipped"
	Delivered Status = "delivered"
	Finished  Status = "finished"
	Cancelled Status = "cancelled"
	Closed    Status = "closed" // by the shop or a refund, for good
)

// Statuses are all states, in the order in which an order goes through them.
func Statuses() []Status {
	return []Status{Unpaid, Paid, Shipped, Delivered, Finished, Cancelled, Closed}
}

// RefundState is where a refund stands.
type RefundState string

// The states of a refund.
const (
	RefundRequested RefundState = "requested"
	RefundApproved  RefundState = "approved"
	RefundDone      RefundState = "done"
	RefundRejected  RefundState = "rejected"
)

// RefundStates are all states of a refund.
func RefundStates() []RefundState {
	return []RefundState{RefundRequested, RefundApproved, RefundDone, RefundRejected}
}

// Order is an order as the desk keeps it. Amounts are minor units of Currency, times Unix ms.
type Order struct {
	ID        id.ID
	KeyID     id.ID
	ContactID id.ID // zero: nobody is known
	Number    string
	Status    Status
	Platform  string
	Currency  string // ISO 4217
	Total     *int64
	PlacedAt, PaidAt, ShippedAt, DeliveredAt,
	FinishedAt *int64
	UpdatedAt int64 // the shop's, of this state
	OrderedAt int64 // when it was placed, or first heard of
	CreatedAt int64 // at the desk, as is ChangedAt
	ChangedAt int64
	Lines     []Line
	Refunds   []Refund
	Detail

	hash, digest []byte
}

// Detail is what is sealed of an order beside its number.
type Detail struct {
	StatusText  string          `json:"status_text,omitzero"`
	Shipments   []Shipment      `json:"shipments,omitempty"`
	RefundTexts []RefundText    `json:"refunds,omitempty"`
	Invoice     *Invoice        `json:"invoice,omitempty"`
	URL         string          `json:"url,omitzero"`
	Meta        json.RawMessage `json:"meta,omitempty"`
	Names       []string        `json:"names,omitempty"` // of the lines
}

// Line is one sort of goods in an order.
type Line struct {
	SKU      string
	Name     string
	Quantity int64
	Price    *int64 // of one
}

// Shipment is a parcel.
type Shipment struct {
	Courier  string `json:"courier"`
	Tracking string `json:"tracking"`
	Status   string `json:"status"`
}

// Refund is money that goes back, or was asked back.
type Refund struct {
	RefundText
	Amount *int64
	State  RefundState
	At     *int64
}

// RefundText is what is sealed of a refund.
type RefundText struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// Invoice is the bill of an order.
type Invoice struct {
	State string `json:"state"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

// Product is what a SKU is called.
type Product struct {
	SKU, Name string
}
