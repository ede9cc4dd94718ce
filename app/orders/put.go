package orders

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Outcome is what became of an order that was put.
type Outcome string

// The outcomes.
const (
	Added   Outcome = "added"
	Changed Outcome = "changed"
	Same    Outcome = "same"  // nothing new was said
	Older   Outcome = "older" // what is kept is newer
)

// PutOptions say how a draft is meant.
type PutOptions struct {
	// Partial: what the draft does not say stays as it was. Else the draft is the whole order, but for its contact.
	Partial bool
}

// Put takes in an order, new or not, and gives it as it is kept then. Errors: Invalid with fields, Conflict (its contact
// was erased).
func (s *Service) Put(ctx context.Context, number string, d *Draft, o PutOptions) (*Order, Outcome, error) {
	c, err := s.Check(ctx, number, d, o)
	if err != nil {
		return nil, "", err
	}
	var out Outcome
	err = again(func() error {
		return s.Store.Write(ctx, func(tx *gorm.DB) (err error) {
			out, err = s.PutTx(tx, c)
			return err
		})
	})
	if err != nil {
		return nil, "", err
	}
	got, err := s.ByNumber(ctx, number)
	return got, out, err
}

// Checked is a draft that holds.
type Checked struct{ *checked }

// Check looks at a draft before any transaction. Errors: Invalid with fields.
func (s *Service) Check(ctx context.Context, number string, d *Draft, o PutOptions) (Checked, error) {
	shop, err := s.currency(ctx)
	if err != nil {
		return Checked{}, err
	}
	c, err := check(number, d, shop, o.Partial, tickets.Millis(s.Now()))
	return Checked{c}, err
}

// PutTx is Put inside a transaction of the caller. A Conflict may be a contact whom somebody else has just made known: it is
// worth trying again once.
func (s *Service) PutTx(tx *gorm.DB, c Checked) (Outcome, error) {
	b := s.begin(tx)
	if err := b.put([]*checked{c.checked}); err != nil {
		return "", err
	}
	return b.outcomes[0], nil
}

// again tries a write that failed because somebody made the same contact known at the same moment.
func again(write func() error) error {
	err := write()
	for try := 0; try < 2 && fault.Is(err, fault.Conflict); try++ {
		err = write()
	}
	return err
}

// putting is one transaction that writes orders.
type putting struct {
	s        *Service
	tx       *gorm.DB
	at       int64
	outcomes []Outcome

	fresh   []*Order // to be inserted
	rewrite []*Order // whose lines and refunds are written anew
	moves   []tickets.OrderMove
	// delivered are those that have just come into that state.
	delivered []*Order
	products  map[string]string
	paid      map[int64]int // orders paid in a quarter of an hour: more or fewer
}

func (s *Service) begin(tx *gorm.DB) *putting {
	return &putting{s: s, tx: tx, at: tickets.Millis(s.Now()), products: map[string]string{}, paid: map[int64]int{}}
}

// put writes orders; no two of them have one number.
func (p *putting) put(list []*checked) error {
	if len(list) == 0 {
		return nil
	}
	owners, err := p.owners(list)
	if err != nil {
		return err
	}
	hashes := make([][]byte, len(list))
	for i, c := range list {
		hashes[i] = p.s.Tickets.OrderKey(c.Number)
	}
	known, err := p.kept(hashes)
	if err != nil {
		return err
	}
	for i, c := range list {
		outcome, err := p.one(c, hashes[i], known[string(hashes[i])], owners[i])
		if err != nil {
			return err
		}
		p.outcomes = append(p.outcomes, outcome)
	}
	if err := p.write(); err != nil {
		return err
	}
	if err := p.s.Tickets.OrdersMovedTx(p.tx, p.moves); err != nil || p.s.Delivered == nil {
		return err
	}
	for _, o := range p.delivered {
		if err := p.s.Delivered(p.tx, o.ContactID, o.Number); err != nil {
			return err
		}
	}
	return nil
}

// owner is the contact of an order; the zero value is nobody.
type owner struct{ contact, key id.ID }

// owners finds the contacts, each only once however many orders she has here. They are locked first, as everywhere.
func (p *putting) owners(list []*checked) ([]owner, error) {
	places, refs := map[tickets.ContactRef]int{}, []tickets.ContactRef(nil)
	for _, c := range list {
		if !named(c.ref) {
			continue
		}
		if _, ok := places[c.ref]; !ok {
			places[c.ref] = len(refs)
			refs = append(refs, c.ref)
		}
	}
	contacts, err := p.s.Tickets.ContactsForTx(p.tx, refs)
	if err != nil {
		return nil, err
	}
	out := make([]owner, len(list))
	for i, c := range list {
		if place, ok := places[c.ref]; ok {
			out[i] = owner{contacts[place].ID, contacts[place].KeyID}
		}
	}
	return out, nil
}

// named tells whether a reference names anybody: a name alone does not.
func named(r tickets.ContactRef) bool {
	return r.ID != 0 || r.ExternalID != "" || r.Email != "" || r.Phone != ""
}

// one decides what becomes of an order.
func (p *putting) one(c *checked, hash []byte, was *Order, o owner) (Outcome, error) {
	if was != nil && c.UpdatedAt < was.UpdatedAt {
		return Older, nil
	}
	now := c.Order
	now.hash, now.ChangedAt = hash, p.at
	if was == nil {
		now.complete()
		return Added, p.add(&now, o)
	}
	now.ID, now.KeyID, now.ContactID, now.CreatedAt, now.OrderedAt = was.ID, was.KeyID, was.ContactID, was.CreatedAt, was.OrderedAt
	if c.partial {
		now.keep(was)
	}
	if now.PlacedAt != nil {
		now.OrderedAt = *now.PlacedAt
	}
	if err := p.give(&now, o); err != nil {
		return "", err
	}
	now.digest = p.digest(&now)
	if bytes.Equal(now.digest, was.digest) && now.ContactID == was.ContactID && now.KeyID == was.KeyID {
		if now.UpdatedAt == was.UpdatedAt {
			return Same, nil
		}
		return Same, p.tx.Exec(`UPDATE orders SET updated_at = ? WHERE id = ?`, now.UpdatedAt, int64(now.ID)).Error
	}
	if now.Status != was.Status {
		p.moves = append(p.moves, tickets.OrderMove{Order: now.ID, Key: hash, From: string(was.Status), To: string(now.Status)})
		if now.Status == Delivered && now.ContactID != 0 {
			p.delivered = append(p.delivered, &now)
		}
	}
	p.pays(was.PaidAt, -1)
	p.pays(now.PaidAt, 1)
	return Changed, p.change(&now)
}

// add makes a new order.
func (p *putting) add(o *Order, who owner) (err error) {
	o.ID, o.CreatedAt, o.OrderedAt = p.s.IDs.Next(), p.at, p.at
	if o.PlacedAt != nil {
		o.OrderedAt = *o.PlacedAt
	}
	o.ContactID, o.KeyID = who.contact, who.key
	if o.KeyID == 0 {
		if o.KeyID, err = p.s.Sealer.NewContactKey(p.tx, 0); err != nil {
			return err
		}
	}
	o.digest = p.digest(o)
	p.fresh = append(p.fresh, o)
	p.pays(o.PaidAt, 1)
	p.named(o)
	// A ticket that claims the number may be older than what the desk knows of the order.
	p.moves = append(p.moves, tickets.OrderMove{Order: o.ID, Key: o.hash, To: string(o.Status)})
	return nil
}

// give makes an order its contact's: a key of nobody becomes hers, of another person's order it is sealed anew with hers.
func (p *putting) give(o *Order, who owner) error {
	switch {
	case who.contact == 0 || who.contact == o.ContactID:
		return nil
	case o.ContactID == 0:
		if err := p.s.Sealer.GiveKey(p.tx, o.KeyID, who.contact); err != nil {
			return err
		}
	default:
		o.KeyID = who.key
	}
	o.ContactID = who.contact
	return nil
}

// named remembers what the goods are called.
func (p *putting) named(o *Order) {
	for _, l := range o.Lines {
		if l.SKU != "" && l.Name != "" {
			p.products[l.SKU] = l.Name
		}
	}
}

// complete says of a new order where it stands, if nobody did: its times tell.
func (o *Order) complete() {
	if o.Status != "" {
		return
	}
	switch {
	case o.FinishedAt != nil:
		o.Status = Finished
	case o.DeliveredAt != nil:
		o.Status = Delivered
	case o.ShippedAt != nil || slices.ContainsFunc(o.Shipments, func(s Shipment) bool { return s.Tracking != "" }):
		o.Status = Shipped
	case o.PaidAt != nil:
		o.Status = Paid
	default:
		o.Status = Unpaid
	}
}

// keep takes over what was not said.
func (o *Order) keep(was *Order) {
	text := func(now *string, was string) {
		if *now == "" {
			*now = was
		}
	}
	at := func(now **int64, was *int64) {
		if *now == nil {
			*now = was
		}
	}
	text((*string)(&o.Status), string(was.Status))
	text(&o.StatusText, was.StatusText)
	text(&o.Platform, was.Platform)
	text(&o.URL, was.URL)
	text(&o.Currency, was.Currency)
	for _, one := range []struct {
		now **int64
		was *int64
	}{
		{&o.Total, was.Total}, {&o.PlacedAt, was.PlacedAt}, {&o.PaidAt, was.PaidAt}, {&o.ShippedAt, was.ShippedAt}, {&o.DeliveredAt, was.DeliveredAt},
		{&o.FinishedAt, was.FinishedAt},
	} {
		at(one.now, one.was)
	}
	if o.Lines == nil {
		o.Lines = was.Lines
	}
	if o.Shipments == nil {
		o.Shipments = was.Shipments
	}
	if o.Refunds == nil {
		o.Refunds = was.Refunds
	}
	if o.Invoice == nil {
		o.Invoice = was.Invoice
	}
	if o.Meta == nil {
		o.Meta = was.Meta
	}
}

// digest is a keyed hash of all that was said of an order, so that a repetition is known without opening anything.
func (p *putting) digest(o *Order) []byte {
	b, err := json.Marshal(struct {
		Status             Status
		Platform, Currency string
		Total              *int64
		Times              [5]*int64
		Lines              []Line
		Refunds            []Refund
		Detail             Detail
	}{o.Status, o.Platform, o.Currency, o.Total, [5]*int64{o.PlacedAt, o.PaidAt, o.ShippedAt, o.DeliveredAt, o.FinishedAt}, o.Lines, o.Refunds, o.Detail})
	if err != nil {
		panic(err) // of our own types
	}
	return p.s.Sealer.Hash(hashDigest, string(b))
}
