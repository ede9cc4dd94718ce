package orders

import (
	"encoding/json"
	"slices"
	"strings"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// columns of an order, in the order of scanned and values.
const columns = `id, key_id, contact_id, order_no, order_hash, order_last, status, platform, currency, total, placed_at, paid_at, shipped_at,
 delivered_at, finished_at, detail, digest, updated_at, ordered_at, created_at, changed_at`

// sealed forms and seals what is sealed of an order.
func (p *putting) sealed(o *Order) (number, detail []byte, err error) {
	d := o.Detail
	d.Names, d.RefundTexts = nil, nil
	for _, l := range o.Lines {
		d.Names = append(d.Names, l.Name)
	}
	for _, r := range o.Refunds {
		d.RefundTexts = append(d.RefundTexts, r.RefundText)
	}
	plain, err := json.Marshal(d)
	if err != nil {
		return nil, nil, err
	}
	if number, err = p.s.Sealer.SealText(p.tx, o.KeyID, "orders", "order_no", o.ID, o.Number); err == nil {
		detail, err = p.s.Sealer.Seal(p.tx, o.KeyID, "orders", "detail", o.ID, plain)
	}
	return number, detail, err
}

func (p *putting) values(o *Order) ([]any, error) {
	number, detail, err := p.sealed(o)
	var contact *int64
	if o.ContactID != 0 {
		contact = new(int64(o.ContactID))
	}
	return []any{
		int64(o.ID), int64(o.KeyID), contact, number, o.hash, p.s.Tickets.OrderTailKey(o.Number), string(o.Status), o.Platform, o.Currency, o.Total,
		o.PlacedAt, o.PaidAt, o.ShippedAt, o.DeliveredAt, o.FinishedAt, detail, o.digest, o.UpdatedAt, o.OrderedAt, o.CreatedAt, o.ChangedAt,
	}, err
}

// change rewrites an order that is there.
func (p *putting) change(o *Order) error {
	values, err := p.values(o)
	if err != nil {
		return err
	}
	set := strings.ReplaceAll(strings.TrimPrefix(columns, "id, "), ",", " = ?,") + " = ?"
	if err := p.tx.Exec(`UPDATE orders SET `+set+` WHERE id = ?`, append(values[1:], values[0])...).Error; err != nil {
		return err
	}
	for _, table := range []string{"order_lines", "order_refunds"} {
		if err := p.tx.Exec(`DELETE FROM `+table+` WHERE order_id = ?`, int64(o.ID)).Error; err != nil {
			return err
		}
	}
	p.rewrite = append(p.rewrite, o)
	p.named(o)
	return nil
}

// errRaced: another transaction has made the same order known since this one looked. It is worth trying again.
var errRaced = fault.Wrap(fault.Conflict, "orders.error.busy", gorm.ErrDuplicatedKey)

// write writes what the decisions have collected, a statement per table.
func (p *putting) write() error {
	var rows [][]any
	for _, o := range p.fresh {
		values, err := p.values(o)
		if err != nil {
			return err
		}
		rows = append(rows, values)
	}
	added, err := p.insert(`INSERT INTO orders (`+columns+`)`, ` ON CONFLICT DO NOTHING`, rows)
	if err != nil {
		return err
	}
	if added < int64(len(p.fresh)) {
		return errRaced
	}
	var lines, refunds [][]any
	for _, o := range slices.Concat(p.fresh, p.rewrite) {
		for n, l := range o.Lines {
			lines = append(lines, []any{int64(o.ID), n, l.SKU, l.Quantity, l.Price})
		}
		for n, r := range o.Refunds {
			refunds = append(refunds, []any{int64(o.ID), n, r.Amount, string(r.State), r.At})
		}
	}
	if _, err := p.insert(`INSERT INTO order_lines (order_id, n, sku, quantity, price)`, "", lines); err != nil {
		return err
	}
	if _, err := p.insert(`INSERT INTO order_refunds (order_id, n, amount, state, at)`, "", refunds); err != nil {
		return err
	}
	if err := p.writePaid(); err != nil {
		return err
	}
	if err := p.writeArms(); err != nil {
		return err
	}
	return p.writeProducts()
}

// insertRows is how many rows a statement inserts at most; PostgreSQL takes 65,535 values and SQLite 32,766.
const insertRows = 100

func (p *putting) insert(head, tail string, rows [][]any) (added int64, err error) {
	for some := range slices.Chunk(rows, insertRows) {
		one := "(?" + strings.Repeat(",?", len(some[0])-1) + ")"
		done := p.tx.Exec(head+` VALUES `+one+strings.Repeat(","+one, len(some)-1)+tail, slices.Concat(some...)...)
		if done.Error != nil {
			return added, done.Error
		}
		added += done.RowsAffected
	}
	return added, nil
}

// writeProducts notes what goods are called, those of which something new was said.
func (p *putting) writeProducts() error {
	if len(p.products) == 0 {
		return nil
	}
	skus := make([]string, 0, len(p.products))
	for sku := range p.products {
		skus = append(skus, sku)
	}
	slices.Sort(skus)
	known, err := p.knownProducts(skus)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, sku := range skus {
		name := p.products[sku]
		hash := p.s.Sealer.Hash(hashProduct, name)
		was, ok := known[sku]
		if ok && string(was.hash) == string(hash) {
			continue
		}
		row := was.id
		if !ok {
			row = p.s.IDs.Next()
		}
		sealed, err := p.s.Sealer.SealText(p.tx, p.s.Sealer.DeskKey(), "products", "name", row, name)
		if err != nil {
			return err
		}
		rows = append(rows, []any{int64(row), sku, sealed, hash, p.at})
	}
	// Who was first with a new SKU has named it: its row has another id, for which this name is not sealed.
	_, err = p.insert(`INSERT INTO products (id, sku, name, name_hash, updated_at)`,
		` ON CONFLICT (sku) DO UPDATE SET name = excluded.name, name_hash = excluded.name_hash, updated_at = excluded.updated_at WHERE products.id = excluded.id`, rows)
	return err
}

type knownProduct struct {
	id   id.ID
	hash []byte
}

func (p *putting) knownProducts(skus []string) (map[string]knownProduct, error) {
	rows, err := p.tx.Raw(`SELECT id, sku, name_hash FROM products WHERE sku IN ?`, skus).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	out := map[string]knownProduct{}
	for rows.Next() {
		var k knownProduct
		var sku string
		if err := rows.Scan((*int64)(&k.id), &sku, &k.hash); err != nil {
			return nil, err
		}
		out[sku] = k
	}
	return out, rows.Err()
}

// kept gives the orders that are there already by the hash of their number, locked in the order of their ids.
func (p *putting) kept(hashes [][]byte) (map[string]*Order, error) {
	query := `SELECT ` + columns + ` FROM orders WHERE order_hash IN ? ORDER BY id`
	if p.tx.Name() == "postgres" {
		query += ` FOR UPDATE`
	}
	list, err := p.s.read(p.tx, query, hashes)
	out := map[string]*Order{}
	for _, o := range list {
		out[string(o.hash)] = o
	}
	return out, err
}
