package orders

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

const (
	findMax  = 20
	tailMost = 200 // orders that end alike are looked at
)

func unknown() error { return fault.New(fault.NotFound, "orders.error.unknown") }

// ByNumber gives the order of a number. Errors: NotFound.
func (s *Service) ByNumber(ctx context.Context, number string) (*Order, error) {
	return s.ByNumberTx(s.Store.Read(ctx), number)
}

// ByNumberTx is ByNumber within a transaction.
func (s *Service) ByNumberTx(tx *gorm.DB, number string) (*Order, error) {
	key := s.Tickets.OrderKey(number)
	if key == nil {
		return nil, unknown()
	}
	list, err := s.read(tx, `SELECT `+columns+` FROM orders WHERE order_hash = ?`, key)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, unknown()
	}
	return list[0], nil
}

// Buyer is whose an order is, and the data key of hers that it is sealed with.
type Buyer struct{ Contact, Key id.ID }

// BuyersTx gives whose the orders are that are found by these hashes (tickets.OrderKey), of those that are somebody's.
func (s *Service) BuyersTx(tx *gorm.DB, keys [][]byte) (map[string]Buyer, error) {
	rows, err := tx.Raw(`SELECT order_hash, contact_id, key_id FROM orders WHERE order_hash IN ? AND contact_id IS NOT NULL AND key_id IS NOT NULL`, keys).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	out := map[string]Buyer{}
	for rows.Next() {
		var hash []byte
		var contact, key int64
		if err := rows.Scan(&hash, &contact, &key); err != nil {
			return nil, err
		}
		out[string(hash)] = Buyer{id.ID(contact), id.ID(key)}
	}
	return out, rows.Err()
}

// OfContact gives a contact's orders, the newest first, before one that was given already (nil: from the newest).
func (s *Service) OfContact(ctx context.Context, contact id.ID, before *Order, limit int) ([]*Order, error) {
	if before == nil {
		return s.read(s.Store.Read(ctx), `SELECT `+columns+` FROM orders WHERE contact_id = ? ORDER BY ordered_at DESC, id DESC LIMIT ?`, int64(contact), limit)
	}
	return s.read(s.Store.Read(ctx), `SELECT `+columns+` FROM orders WHERE contact_id = ? AND (ordered_at, id) < (?, ?) ORDER BY ordered_at DESC, id DESC LIMIT ?`,
		int64(contact), before.OrderedAt, int64(before.ID), limit)
}

// Find gives the orders that an agent means by a number or by its last four to six characters, the newest first.
func (s *Service) Find(ctx context.Context, query string) ([]*Order, error) {
	tx := s.Store.Read(ctx)
	normal := tickets.NormalOrder(query)
	n := utf8.RuneCountInString(normal)
	if n == 0 || n > NumberMax {
		return nil, nil
	}
	out, err := s.read(tx, `SELECT `+columns+` FROM orders WHERE order_hash = ?`, s.Tickets.OrderKey(normal))
	if err != nil || len(out) > 0 || n < tickets.OrderTailMin || n > tickets.OrderTailMax {
		return out, err
	}
	list, err := s.read(tx, `SELECT `+columns+` FROM orders WHERE order_last = ? ORDER BY id DESC LIMIT ?`, s.Tickets.OrderTailKey(normal), tailMost)
	for _, o := range list {
		if strings.HasSuffix(tickets.NormalOrder(o.Number), normal) && len(out) < findMax {
			out = append(out, o)
		}
	}
	return out, err
}

// sealedOrder is a row as it lies there.
type sealedOrder struct {
	*Order
	number, detail []byte
}

// read runs a query of columns and opens what it finds. An order whose key is gone, because somebody is being erased, is
// left out.
func (s *Service) read(tx *gorm.DB, query string, args ...any) ([]*Order, error) {
	rows, err := s.rows(tx, query, args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var out []*Order
	byID := map[id.ID]*Order{}
	for _, r := range rows {
		err := s.open(tx, r)
		if errors.Is(err, seal.ErrErased) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out, byID[r.ID] = append(out, r.Order), r.Order
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, errors.Join(s.lines(tx, byID), s.refunds(tx, byID))
}

func (s *Service) rows(tx *gorm.DB, query string, args ...any) ([]sealedOrder, error) {
	rows, err := tx.Raw(query, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var out []sealedOrder
	for rows.Next() {
		r := sealedOrder{Order: &Order{}}
		o := r.Order
		var contact *int64
		var last []byte
		if err := rows.Scan((*int64)(&o.ID), (*int64)(&o.KeyID), &contact, &r.number, &o.hash, &last, (*string)(&o.Status), &o.Platform, &o.Currency, &o.Total,
			&o.PlacedAt, &o.PaidAt, &o.ShippedAt, &o.DeliveredAt, &o.FinishedAt, &r.detail, &o.digest, &o.UpdatedAt, &o.OrderedAt, &o.CreatedAt, &o.ChangedAt); err != nil {
			return nil, err
		}
		if contact != nil {
			o.ContactID = id.ID(*contact)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

func (s *Service) open(tx *gorm.DB, r sealedOrder) (err error) {
	if r.Number, err = s.Sealer.OpenText(tx, "orders", "order_no", r.ID, r.number); err != nil || len(r.detail) == 0 {
		return err
	}
	plain, err := s.Sealer.Open(tx, "orders", "detail", r.ID, r.detail)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, &r.Order.Detail)
}

// lines adds the lines of orders; their names are in the sealed detail, which holds nothing else of them afterwards.
func (s *Service) lines(tx *gorm.DB, byID map[id.ID]*Order) error {
	rows, err := tx.Raw(`SELECT order_id, sku, quantity, price FROM order_lines WHERE order_id IN ? ORDER BY order_id, n`, idsOf(byID)).Rows()
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var of id.ID
		var l Line
		if err := rows.Scan((*int64)(&of), &l.SKU, &l.Quantity, &l.Price); err != nil {
			return err
		}
		o := byID[of]
		if n := len(o.Lines); n < len(o.Names) {
			l.Name = o.Names[n]
		}
		o.Lines = append(o.Lines, l)
	}
	for _, o := range byID {
		o.Names = nil
	}
	return rows.Err()
}

func (s *Service) refunds(tx *gorm.DB, byID map[id.ID]*Order) error {
	rows, err := tx.Raw(`SELECT order_id, amount, state, at FROM order_refunds WHERE order_id IN ? ORDER BY order_id, n`, idsOf(byID)).Rows()
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var of id.ID
		var r Refund
		if err := rows.Scan((*int64)(&of), &r.Amount, (*string)(&r.State), &r.At); err != nil {
			return err
		}
		o := byID[of]
		if n := len(o.Refunds); n < len(o.RefundTexts) {
			r.RefundText = o.RefundTexts[n]
		}
		o.Refunds = append(o.Refunds, r)
	}
	for _, o := range byID {
		o.RefundTexts = nil
	}
	return rows.Err()
}

func idsOf(byID map[id.ID]*Order) []int64 {
	out := make([]int64, 0, len(byID))
	for one := range byID {
		out = append(out, int64(one))
	}
	slices.Sort(out)
	return out
}
