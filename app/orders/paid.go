package orders

import (
	"context"
	"maps"
	"slices"
	"time"
)

// paidQuarter is how paid orders are counted together, in ms: no time zone cuts through a quarter of an hour.
const paidQuarter = 15 * 60 * 1000

func quarterOf(ms int64) int64 { return ms - ms%paidQuarter }

// pays notes that an order was paid at a time; n is -1 where this was said before and holds no longer.
func (p *putting) pays(at *int64, n int) {
	if at != nil {
		p.paid[quarterOf(*at)] += n
	}
}

// writePaid changes the counts of paid orders, always in the same order: two imports never wait for each other.
func (p *putting) writePaid() error {
	var rows [][]any
	for _, quarter := range slices.Sorted(maps.Keys(p.paid)) {
		if n := p.paid[quarter]; n != 0 {
			rows = append(rows, []any{quarter, n})
		}
	}
	_, err := p.insert(`INSERT INTO order_paid_rolls (quarter, n)`, ` ON CONFLICT (quarter) DO UPDATE SET n = order_paid_rolls.n + excluded.n`, rows)
	return err
}

// Paid tells how many orders were paid in each quarter of an hour (its beginning in Unix ms, UTC) that begins from a time up to
// another.
func (s *Service) Paid(ctx context.Context, from, to int64) (map[int64]int64, error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT quarter, n FROM order_paid_rolls WHERE quarter >= ? AND quarter < ? AND n > 0`, from, to).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	out := map[int64]int64{}
	for rows.Next() {
		var quarter, n int64
		if err := rows.Scan(&quarter, &n); err != nil {
			return nil, err
		}
		out[quarter] = n
	}
	return out, rows.Err()
}

// PaidByQuarter is Paid with times.
func (s *Service) PaidByQuarter(ctx context.Context, from, to time.Time) (map[int64]int64, error) {
	return s.Paid(ctx, quarterOf(from.UnixMilli()), to.UnixMilli())
}
