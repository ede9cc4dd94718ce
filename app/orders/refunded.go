package orders

import (
	"context"
	"slices"
)

// Refunded is what was given back for an order.
type Refunded struct {
	Currency string
	Amount   int64 // in minor units
}

// RefundedOf tells what was given back for orders, by their hashes (tickets.OrderKey); those without a refund are left out. A refund that
// was only asked for, or was rejected, is none.
func (s *Service) RefundedOf(ctx context.Context, hashes [][]byte) (map[string]Refunded, error) {
	out := map[string]Refunded{}
	for part := range slices.Chunk(hashes, 500) {
		rows, err := s.Store.Read(ctx).Raw(`SELECT o.order_hash, o.currency, SUM(r.amount) FROM orders o JOIN order_refunds r ON r.order_id = o.id
 WHERE o.order_hash IN ? AND r.state IN ('approved', 'done') AND r.amount IS NOT NULL GROUP BY o.order_hash, o.currency`, part).Rows()
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var hash []byte
			var one Refunded
			if err := rows.Scan(&hash, &one.Currency, &one.Amount); err != nil {
				rows.Close() //nolint:errcheck // the first failure counts
				return nil, err
			}
			out[string(hash)] = one
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
