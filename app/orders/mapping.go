package orders

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"huiyin/app/sheet"
	"huiyin/tickets/fault"
)

// Mapping says where in another program's JSON the fields of an order lie, and how it writes them.
type Mapping struct {
	// Paths are of each field: data.trade.tid, data.items[].sku. A field of lines and parcels has one [] at most.
	Paths    map[string]string `json:"paths"`
	Statuses map[string]Status `json:"statuses"` // their word: ours
	Cents    bool              `json:"cents"`    // amounts are minor units
	Time     string            `json:"time"`     // one of TimeForms
	Currency string            `json:"currency"`
	Platform string            `json:"platform"`
}

// TimeForms are the forms in which programs write times.
func TimeForms() []string { return []string{"rfc3339", "local", "unix", "unix_ms"} }

// MappedFields are the fields that a mapping may have; the first two are needed.
func MappedFields() []string {
	return []string{
		"number", "status", "updated_at", "total", "placed_at", "paid_at", "shipped_at", "delivered_at", "finished_at", "status_text", "url",
		"lines.sku", "lines.name", "lines.quantity", "lines.price", "shipments.courier", "shipments.tracking", "shipments.status",
		"refunds.id", "refunds.amount", "refunds.reason", "contact.external_id", "contact.name", "contact.phone", "contact.email",
	}
}

const (
	pathMax     = 200
	statusesMax = 100
	bodyMax     = 256 << 10
)

// check refuses a mapping that cannot work. Errors: Invalid.
func (m *Mapping) check() error {
	e := fault.New(fault.Invalid, "error.invalid")
	wrong := func(name, code string) {
		e.Fields = append(e.Fields, fault.Field{Name: name, Code: code, Key: "orders.error." + code, Args: map[string]any{"max": pathMax}})
	}
	for name, path := range m.Paths {
		if _, ok := parsePath(path); path != "" && (!ok || len(path) > pathMax || !slices.Contains(MappedFields(), name)) {
			wrong(name, "path")
		}
	}
	if m.Paths["number"] == "" {
		wrong("number", "required")
	}
	if m.Paths["status"] == "" && m.Paths["paid_at"] == "" {
		wrong("status", "required")
	}
	for _, status := range m.Statuses {
		if !slices.Contains(Statuses(), status) || len(m.Statuses) > statusesMax {
			wrong("statuses", "status")
			break
		}
	}
	if !slices.Contains(TimeForms(), m.Time) {
		wrong("time", "required")
	}
	if _, ok := minorDigits(m.Currency); !ok && m.Currency != "" {
		wrong("currency", "currency")
	}
	if len(e.Fields) > 0 {
		return e
	}
	return nil
}

// step is one part of a path: a name, then indexes; -1 is [].
type step struct {
	name    string
	indexes []int
}

// parsePath reads a path: names between dots, each followed by [] or [3].
func parsePath(path string) (steps []step, ok bool) {
	lists := 0
	for _, part := range strings.Split(path, ".") {
		name, rest, open := strings.Cut(part, "[")
		if open && rest == "" {
			return nil, false
		}
		one := step{name: name}
		for rest != "" {
			inner, after, closed := strings.Cut(rest, "]")
			if !closed {
				return nil, false
			}
			at := -1
			if inner != "" {
				n, err := strconv.Atoi(inner)
				if err != nil || n < 0 {
					return nil, false
				}
				at = n
			} else {
				lists++
			}
			one.indexes = append(one.indexes, at)
			if after != "" && after[0] != '[' {
				return nil, false
			}
			rest = strings.TrimPrefix(after, "[")
		}
		if name == "" && len(one.indexes) == 0 {
			return nil, false
		}
		steps = append(steps, one)
	}
	return steps, lists <= 1
}

// find gives what lies at a path: one value, or with [] one per element, nil where an element has none.
func find(doc any, path string) []any {
	steps, _ := parsePath(path)
	found := []any{doc}
	for _, s := range steps {
		if s.name != "" {
			for i := range found {
				object, _ := found[i].(map[string]any)
				found[i] = object[s.name]
			}
		}
		for _, at := range s.indexes {
			var next []any
			for _, v := range found {
				list, _ := v.([]any)
				switch {
				case at < 0:
					next = append(next, list...)
				case at < len(list):
					next = append(next, list[at])
				default:
					next = append(next, nil)
				}
			}
			found = next
		}
	}
	return found
}

// Mapped is what a body says of an order.
type Mapped struct {
	Number string
	Draft  Draft
	// Missing are the fields whose path found nothing.
	Missing []string
}

// read makes a draft of a body. asOf is when it was sent, for a shop that does not say when the order changed. Errors: Invalid;
// its fields are named by their path.
func (m *Mapping) read(body []byte, currency string, zone *time.Location, asOf time.Time) (*Mapped, error) {
	var doc any
	in := json.NewDecoder(bytes.NewReader(body))
	in.UseNumber()
	if err := in.Decode(&doc); err != nil || len(body) > bodyMax {
		return nil, fault.InvalidField("body", "syntax", "orders.error.json", nil)
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return nil, fault.InvalidField("body", "syntax", "orders.error.json", nil)
	}
	if m.Currency != "" {
		currency = m.Currency
	}
	r := &mapping{Mapping: m, doc: doc, currency: currency, zone: zone, out: &Mapped{}}
	r.all(asOf)
	if len(r.fields) > 0 {
		e := fault.New(fault.Invalid, "orders.error.mapped")
		e.Fields = r.fields
		return nil, e
	}
	return r.out, nil
}

// mapping reads one body.
type mapping struct {
	*Mapping
	doc      any
	currency string
	zone     *time.Location
	out      *Mapped
	fields   []fault.Field
}

func (r *mapping) wrong(name, code string) {
	path := r.Paths[name]
	r.fields = append(r.fields, fault.Field{Name: path, Code: code, Key: "orders.error." + code, Args: map[string]any{"path": path, "max": quantityMax}})
}

// texts gives the values of a field as text, "" for none; nil when the mapping has no such field or nothing was found.
func (r *mapping) texts(name string) []string {
	path := r.Paths[name]
	if path == "" {
		return nil
	}
	var out []string
	some := false
	for _, v := range find(r.doc, path) {
		text := ""
		switch v := v.(type) {
		case string:
			text = strings.TrimSpace(v)
		case json.Number:
			text = v.String()
		case nil:
		default:
			r.wrong(name, "value")
		}
		some = some || text != ""
		out = append(out, text)
	}
	if !some {
		r.out.Missing = append(r.out.Missing, name)
		return nil
	}
	return out
}

func (r *mapping) text(name string) string {
	if all := r.texts(name); len(all) > 0 {
		return all[0]
	}
	return ""
}

func (r *mapping) amount(name, text string) *string {
	if text == "" {
		return nil
	}
	digits, _ := minorDigits(r.currency)
	if !r.Cents {
		amount, ok := amountCell(text, digits)
		if !ok {
			r.wrong(name, "amount_cell")
		}
		return &amount
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		r.wrong(name, "cents")
	}
	return new(Decimal(n, r.currency))
}

func (r *mapping) moment(name string) *string {
	text := r.text(name)
	if sheet.Nothing(text) || text == "0" {
		return nil
	}
	at, ok := time.Time{}, false
	switch r.Time {
	case "unix", "unix_ms":
		n, err := strconv.ParseInt(text, 10, 64)
		if at = time.Unix(n, 0); r.Time == "unix_ms" {
			at = time.UnixMilli(n)
		}
		ok = err == nil && at.After(earliest) && at.Before(latest)
	case "local":
		at, ok = timeCell(text, r.zone)
	default:
		var err error
		at, err = time.Parse(time.RFC3339, text)
		ok = err == nil
	}
	if !ok {
		r.wrong(name, "time_"+r.Time)
	}
	return new(at.UTC().Format(time.RFC3339Nano))
}

func (r *mapping) all(asOf time.Time) {
	d := &r.out.Draft
	if r.out.Number = r.text("number"); r.out.Number == "" {
		r.wrong("number", "path_empty")
	}
	d.Currency, d.Platform = r.Mapping.Currency, r.Platform
	if word := r.text("status"); word != "" {
		status, known := r.Statuses[word]
		if !known {
			status, known = statusOf(word)
		}
		if !known {
			r.wrong("status", "status_word")
		}
		d.Status, d.StatusText = string(status), word
	} else if r.Paths["status"] != "" {
		r.wrong("status", "path_empty")
	}
	if text := r.text("status_text"); text != "" {
		d.StatusText = text
	}
	d.URL, d.Total = r.text("url"), r.amount("total", r.text("total"))
	d.PlacedAt, d.PaidAt, d.ShippedAt = r.moment("placed_at"), r.moment("paid_at"), r.moment("shipped_at")
	d.DeliveredAt, d.FinishedAt = r.moment("delivered_at"), r.moment("finished_at")
	if d.UpdatedAt = r.moment("updated_at"); d.UpdatedAt == nil {
		d.UpdatedAt = new(asOf.UTC().Format(time.RFC3339Nano))
	}
	r.lists(d)
	who := ContactDraft{ExternalID: r.text("contact.external_id"), Name: r.text("contact.name"), Phone: phoneCell(r.text("contact.phone")), Email: r.text("contact.email")}
	if who.ExternalID != "" || who.Phone != "" || who.Email != "" {
		d.Contact = &who
	}
}

// lists reads goods, parcels and refunds: the n-th values of their fields belong together.
func (r *mapping) lists(d *Draft) {
	columns := func(names ...string) (all [][]string, n int) {
		for _, name := range names {
			list := r.texts(name)
			all, n = append(all, list), max(n, len(list))
		}
		return all, n
	}
	at := func(list []string, i int) string {
		if i < len(list) {
			return list[i]
		}
		return ""
	}
	lines, n := columns("lines.sku", "lines.name", "lines.quantity", "lines.price")
	for i := range min(n, LinesMax+1) {
		l := LineDraft{SKU: at(lines[0], i), Name: at(lines[1], i), Quantity: 1, Price: r.amount("lines.price", at(lines[3], i))}
		if text := at(lines[2], i); text != "" {
			var ok bool
			if l.Quantity, ok = quantityCell(text); !ok {
				r.wrong("lines.quantity", "quantity")
			}
		}
		if l.SKU != "" || l.Name != "" {
			d.Lines = append(d.Lines, l)
		}
	}
	parcels, n := columns("shipments.courier", "shipments.tracking", "shipments.status")
	for i := range min(n, partsMax+1) {
		if p := (Shipment{at(parcels[0], i), at(parcels[1], i), at(parcels[2], i)}); p.Tracking != "" || p.Courier != "" {
			d.Shipments = append(d.Shipments, p)
		}
	}
	refunds, n := columns("refunds.id", "refunds.amount", "refunds.reason")
	for i := range min(n, partsMax+1) {
		if id, amount := at(refunds[0], i), r.amount("refunds.amount", at(refunds[1], i)); id != "" || (amount != nil && strings.Trim(*amount, "0.") != "") {
			d.Refunds = append(d.Refunds, RefundDraft{ID: id, Amount: amount, Reason: at(refunds[2], i), State: string(RefundDone)})
		}
	}
}

// byPath names the fields of a draft by the paths that they came from.
func (m *Mapping) byPath(err error) error {
	e := fault.As(err)
	if e == nil {
		return err
	}
	out := *e
	out.Fields = slices.Clone(e.Fields)
	for i := range out.Fields {
		name := out.Fields[i].Name
		if list, rest, ok := strings.Cut(name, "["); ok { // lines[3].price
			_, rest, _ = strings.Cut(rest, "].")
			name = list + "." + rest
		}
		if path := m.Paths[name]; path != "" {
			out.Fields[i].Name = path
		}
	}
	return &out
}
