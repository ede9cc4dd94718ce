package orders

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// Limits of an order.
const (
	NumberMax   = 64 // characters, as all text below
	LinesMax    = 200
	partsMax    = 50 // shipments, refunds
	wordMax     = 100
	titleMax    = 300
	reasonMax   = 500
	urlMax      = 2000
	metaMax     = 8 << 10 // bytes
	quantityMax = 1_000_000
)

// earliest and latest are bounds of the times that an order may have: a year of two digits, or ms taken for seconds, is no date.
var (
	earliest = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// checked is a draft that holds: an order without ids, and who bought it.
type checked struct {
	Order
	ref     tickets.ContactRef
	partial bool // what is not said stays as it was
}

// checker collects what is wrong.
type checker struct {
	fields []fault.Field
	digits int
}

func (c *checker) wrong(name, code string, args map[string]any) {
	c.fields = append(c.fields, fault.Field{Name: name, Code: code, Key: "orders.error." + code, Args: args})
}

// text gives a line of text in its normal form.
func (c *checker) text(name, value string, most int) string {
	value = strings.TrimSpace(norm.NFC.String(value))
	switch {
	case !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl):
		c.wrong(name, "text", nil)
	case utf8.RuneCountInString(value) > most:
		c.wrong(name, "too_long", map[string]any{"max": most})
	}
	return value
}

func (c *checker) address(name, value string) string {
	value = strings.TrimSpace(value)
	if value == "" {
		return ""
	}
	u, err := url.Parse(value)
	switch {
	case len(value) > urlMax:
		c.wrong(name, "too_long", map[string]any{"max": urlMax})
	case err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil:
		c.wrong(name, "url", nil)
	}
	return value
}

func (c *checker) amount(name string, value *string) *int64 {
	if value == nil {
		return nil
	}
	n, ok := minor(*value, c.digits)
	if !ok {
		c.wrong(name, "amount", map[string]any{"digits": c.digits})
	}
	return &n
}

func (c *checker) time(name string, value *string) *int64 {
	if value == nil {
		return nil
	}
	at, err := time.Parse(time.RFC3339, *value)
	if err != nil || at.Before(earliest) || at.After(latest) {
		c.wrong(name, "time", nil)
	}
	return new(tickets.Millis(at))
}

// check makes an order of a draft. now is when it is taken as of if it does not say. Errors: Invalid, with its fields.
func check(number string, d *Draft, shop string, partial bool, now int64) (*checked, error) {
	c := &checker{}
	out := &checked{partial: partial}
	o := &out.Order
	o.Number = c.number(number)
	var err error
	if out.ref, err = d.Contact.ref(); err != nil {
		c.wrong("contact.id", "id", nil)
	}
	if o.Currency = strings.TrimSpace(d.Currency); o.Currency == "" && (!partial || d.priced()) {
		o.Currency = shop
	}
	known := o.Currency == ""
	if !known {
		c.digits, known = minorDigits(o.Currency)
	}
	if !known {
		c.wrong("currency", "currency", nil)
	}
	o.Status = Status(d.Status)
	switch {
	case d.Status == "" && partial:
	case d.Status == "":
		c.wrong("status", "required", nil)
	case !slices.Contains(Statuses(), o.Status):
		c.wrong("status", "status", nil)
	}
	o.StatusText, o.Platform = c.text("status_text", d.StatusText, wordMax), c.text("platform", d.Platform, wordMax)
	o.URL = c.address("url", d.URL)
	o.Total = c.amount("total", d.Total)
	o.PlacedAt, o.PaidAt = c.time("placed_at", d.PlacedAt), c.time("paid_at", d.PaidAt)
	o.ShippedAt, o.DeliveredAt, o.FinishedAt = c.time("shipped_at", d.ShippedAt), c.time("delivered_at", d.DeliveredAt), c.time("finished_at", d.FinishedAt)
	o.UpdatedAt = now
	if at := c.time("updated_at", d.UpdatedAt); at != nil {
		o.UpdatedAt = *at
	}
	c.lines(o, d.Lines)
	c.shipments(o, d.Shipments)
	c.refunds(o, d.Refunds)
	if i := d.Invoice; i != nil {
		o.Invoice = &Invoice{c.text("invoice.state", i.State, wordMax), c.text("invoice.title", i.Title, titleMax), c.address("invoice.url", i.URL)}
	}
	o.Meta = c.meta(d.Meta)
	if len(c.fields) > 0 {
		e := fault.New(fault.Invalid, "orders.error.invalid")
		e.Fields = c.fields
		return nil, e
	}
	return out, nil
}

func (c *checker) number(number string) string {
	number = strings.TrimSpace(number)
	switch {
	case tickets.NormalOrder(number) == "":
		c.wrong("number", "required", nil)
	case !utf8.ValidString(number) || strings.ContainsFunc(number, unicode.IsControl):
		c.wrong("number", "text", nil)
	case utf8.RuneCountInString(number) > NumberMax:
		c.wrong("number", "too_long", map[string]any{"max": NumberMax})
	case spoilt(number):
		c.wrong("number", "spoilt", nil)
	}
	return number
}

func (c *checker) lines(o *Order, lines []LineDraft) {
	if len(lines) > LinesMax {
		c.wrong("lines", "too_many", map[string]any{"max": LinesMax})
		return
	}
	for i, l := range lines {
		at := fmt.Sprintf("lines[%d].", i)
		if l.SKU == "" && l.Name == "" {
			c.wrong(at+"name", "required", nil)
		}
		if l.Quantity < 1 || l.Quantity > quantityMax {
			c.wrong(at+"quantity", "quantity", map[string]any{"max": quantityMax})
		}
		o.Lines = append(o.Lines, Line{
			SKU: c.text(at+"sku", l.SKU, wordMax), Name: c.text(at+"name", l.Name, titleMax), Quantity: l.Quantity, Price: c.amount(at+"price", l.Price),
		})
	}
}

func (c *checker) shipments(o *Order, list []Shipment) {
	if len(list) > partsMax {
		c.wrong("shipments", "too_many", map[string]any{"max": partsMax})
		return
	}
	for i, s := range list {
		at := fmt.Sprintf("shipments[%d].", i)
		o.Shipments = append(o.Shipments, Shipment{c.text(at+"courier", s.Courier, wordMax), c.text(at+"tracking", s.Tracking, wordMax), c.text(at+"status", s.Status, titleMax)})
	}
}

func (c *checker) refunds(o *Order, list []RefundDraft) {
	if len(list) > partsMax {
		c.wrong("refunds", "too_many", map[string]any{"max": partsMax})
		return
	}
	for i, r := range list {
		at := fmt.Sprintf("refunds[%d].", i)
		state := RefundState(r.State)
		if !slices.Contains(RefundStates(), state) {
			c.wrong(at+"state", "refund_state", nil)
		}
		text := RefundText{ID: c.text(at+"id", r.ID, wordMax), Reason: c.text(at+"reason", r.Reason, reasonMax)}
		o.Refunds = append(o.Refunds, Refund{RefundText: text, Amount: c.amount(at+"amount", r.Amount), State: state, At: c.time(at+"at", r.At)})
	}
}

// meta gives the shop's own words in one form; they are an object.
func (c *checker) meta(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	var b bytes.Buffer
	switch {
	case len(raw) > metaMax:
		c.wrong("meta", "too_large", map[string]any{"max": metaMax >> 10})
	case json.Compact(&b, raw) != nil || b.Bytes()[0] != '{':
		c.wrong("meta", "object", nil)
	}
	if b.String() == "{}" {
		return nil
	}
	return b.Bytes()
}

// spoilt tells a number that a spreadsheet has made a number of, and so has lost digits: 1.23E+18.
func spoilt(number string) bool {
	mantissa, exponent, found := strings.Cut(strings.ToUpper(number), "E+")
	if !found || mantissa == "" || exponent == "" {
		return false
	}
	digits := func(s string) bool { return strings.Trim(s, "0123456789") == "" }
	whole, part, _ := strings.Cut(mantissa, ".")
	return digits(whole) && digits(part) && digits(exponent)
}
