package orders

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"huiyin/app/intake"
	"huiyin/app/sheet"
	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// Limits of a file.
const (
	// FileMax is how many bytes it may have: so much is held in memory while it is sent, and never laid down unsealed.
	FileMax = intake.FileMax
	// OrdersMax is how many orders it may hold, and rowsMax how many lines.
	OrdersMax = 100_000
	rowsMax   = 300_000
)

var fileLimits = sheet.Limits{Bytes: FileMax, Rows: rowsMax, Unpacked: intake.Unpacked}

// Plan says how a file is read. It holds numbers and words of the program only.
type Plan struct {
	Preset  string        `json:"preset"`
	Columns map[Field]int `json:"columns"`
	Rows    int           `json:"rows"`
	AsOf    int64         `json:"as_of"` // of which moment its states are
}

// Reject is a line that was not taken.
type Reject = intake.Reject[Field]

// group is the lines of one order.
type group struct {
	number string
	rows   []sheet.Row
}

// grouped brings the lines of each order together, in the order in which orders appear. A line without a number goes on with
// the order above it, as exports with merged cells have it.
func grouped(rows []sheet.Row, p *Plan) (list []group) {
	at := map[string]int{}
	last := -1
	for _, r := range rows {
		number := sheet.Bare(cellOf(r, p, FieldNumber))
		key := tickets.NormalOrder(number)
		n, known := at[key]
		switch {
		case key == "" && last >= 0 && (cellOf(r, p, FieldName) != "" || cellOf(r, p, FieldSKU) != ""):
			n = last
		case key == "":
			list = append(list, group{rows: []sheet.Row{r}}) // refused when it is read
			continue
		case !known:
			n = len(list)
			at[key] = n
			list = append(list, group{number: number})
		}
		last = n
		list[n].rows = append(list[n].rows, r)
	}
	return list
}

func cellOf(r sheet.Row, p *Plan, f Field) string { return sheet.Cell(r, p.Columns, f) }

// allRounded tells whether a spreadsheet has rounded the numbers of a file: nearly all of the long ones end in zeros.
func allRounded(list []group) bool {
	long, zeros := 0, 0
	for i := range list {
		if n := list[i].number; len(n) >= 18 && strings.Trim(n, "0123456789") == "" {
			long++
			if rounded(n) {
				zeros++
			}
		}
	}
	return zeros >= 1 && zeros*5 >= long*4
}

// reading turns the lines of orders into drafts.
type reading struct {
	plan    *Plan
	preset  Preset
	shop    string // currency
	zone    *time.Location
	rounded bool
}

// order reads one order; rejects tell of each wrong cell, and then there is none.
func (r *reading) order(g group) (*checked, []Reject) {
	d := &Draft{UpdatedAt: new(time.UnixMilli(r.plan.AsOf).UTC().Format(time.RFC3339Nano))}
	if r.preset.Name != Own {
		d.Platform = r.preset.Name
	}
	c := &cells{reading: r, draft: d, currency: r.shop}
	for _, row := range g.rows {
		c.row = row
		c.read()
	}
	c.finish()
	first := g.rows[0]
	switch {
	case g.number == "":
		c.reject(first, FieldNumber, "required")
	case spoilt(g.number), r.rounded && rounded(g.number):
		c.reject(first, FieldNumber, "spoilt")
	}
	if len(c.rejects) > 0 {
		slices.SortStableFunc(c.rejects, func(a, b Reject) int { return cmp.Or(a.Line-b.Line, a.Col-b.Col) }) // as one reads the file
		return nil, c.rejects
	}
	out, err := check(g.number, d, r.shop, true, r.plan.AsOf)
	if err != nil {
		field, code := FieldNumber, "invalid"
		if e := fault.As(err); e != nil && len(e.Fields) > 0 {
			field, code = fieldNamed(e.Fields[0].Name), e.Fields[0].Code
		}
		c.reject(first, field, code)
		return nil, c.rejects
	}
	return out, nil
}

// fieldNamed gives the column of a draft's field: lines[3].price is price.
func fieldNamed(name string) Field {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	if slices.Contains(Fields(), Field(name)) {
		return Field(name)
	}
	return FieldNumber
}

// cells reads the lines of one order.
type cells struct {
	*reading
	row      sheet.Row
	draft    *Draft
	currency string
	sum      int64
	summed   bool
	rejects  []Reject
	parcels  map[string]bool
}

func (c *cells) reject(row sheet.Row, f Field, code string) {
	col := 0
	if at, ok := c.plan.Columns[f]; ok {
		col = at + 1
	}
	c.rejects = append(c.rejects, Reject{Line: row.Line, Col: col, Field: f, Code: code})
}

// cell is a field of the line; false: it says nothing.
func (c *cells) cell(f Field) (string, bool) {
	text := sheet.Bare(cellOf(c.row, c.plan, f))
	return text, !sheet.Nothing(text)
}

func (c *cells) read() {
	d := c.draft
	if text, ok := c.cell(FieldCurrency); ok {
		d.Currency, c.currency = text, text
	}
	if text, ok := c.cell(FieldStatus); ok && d.Status == "" {
		if s, known := statusOf(text); known {
			d.Status, d.StatusText = string(s), text
		} else {
			c.reject(c.row, FieldStatus, "status_word")
		}
	}
	for _, one := range []struct {
		f  Field
		at **string
	}{{FieldPlaced, &d.PlacedAt}, {FieldPaid, &d.PaidAt}, {FieldShipped, &d.ShippedAt}, {FieldDelivered, &d.DeliveredAt}, {FieldFinished, &d.FinishedAt}} {
		if text, ok := c.cell(one.f); ok && *one.at == nil {
			at, good := timeCell(text, c.zone)
			if !good {
				c.reject(c.row, one.f, "time_cell")
			}
			*one.at = new(at.UTC().Format(time.RFC3339))
		}
	}
	c.total()
	c.goods()
	c.parcel()
	c.buyer()
}

// amount reads a cell as decimal text.
func (c *cells) amount(f Field) *string {
	text, ok := c.cell(f)
	if !ok {
		return nil
	}
	digits, _ := minorDigits(c.currency)
	amount, good := amountCell(text, digits)
	if !good {
		c.reject(c.row, f, "amount_cell")
	}
	return &amount
}

func (c *cells) total() {
	if c.draft.Total != nil && !c.preset.sums {
		return
	}
	amount := c.amount(FieldTotal)
	if amount == nil {
		return
	}
	if c.preset.sums {
		digits, _ := minorDigits(c.currency)
		n, _ := minor(*amount, digits)
		c.sum += n
		c.summed = true
		return
	}
	c.draft.Total = amount
}

func (c *cells) goods() {
	name, named := c.cell(FieldName)
	sku, coded := c.cell(FieldSKU)
	if !named && !coded {
		return
	}
	line := LineDraft{Quantity: 1, Price: c.amount(FieldPrice)}
	if named {
		line.Name = name
	}
	if coded {
		line.SKU = sku
	}
	if text, ok := c.cell(FieldQuantity); ok {
		n, good := quantityCell(text)
		if !good {
			c.reject(c.row, FieldQuantity, "quantity")
		}
		line.Quantity = n
	}
	c.draft.Lines = append(c.draft.Lines, line)
}

func (c *cells) parcel() {
	tracking, ok := c.cell(FieldTracking)
	courier, _ := c.cell(FieldCourier)
	if ok && !c.parcels[tracking] {
		if c.parcels == nil {
			c.parcels = map[string]bool{}
		}
		c.parcels[tracking] = true
		c.draft.Shipments = append(c.draft.Shipments, Shipment{Courier: courier, Tracking: tracking})
	}
	if amount := c.amount(FieldRefund); amount != nil && strings.Trim(*amount, "0.") != "" {
		c.draft.Refunds = append(c.draft.Refunds, RefundDraft{Amount: amount, State: string(RefundDone)})
	}
}

// buyer names the contact by what identifies her; a name alone does not. A platform's names of its users are kept apart
// from the shop's own.
func (c *cells) buyer() {
	if c.draft.Contact != nil {
		return
	}
	who := &ContactDraft{}
	if text, ok := c.cell(FieldBuyer); ok && !strings.Contains(text, "*") {
		if who.ExternalID = text; c.preset.Name != Own {
			who.ExternalID = c.preset.Name + ":" + text
		}
	}
	if text, ok := c.cell(FieldPhone); ok {
		who.Phone = phoneCell(text)
	}
	if text, ok := c.cell(FieldEmail); ok && strings.Contains(text, "@") && !strings.Contains(text, "*") {
		who.Email = text
	}
	if who.ExternalID == "" && who.Phone == "" && who.Email == "" {
		return
	}
	if text, ok := c.cell(FieldBuyerName); ok && !strings.Contains(text, "*") {
		who.Name = text
	}
	c.draft.Contact = who
}

func (c *cells) finish() {
	if c.summed {
		c.draft.Total = new(Decimal(c.sum, c.currency))
	}
}
