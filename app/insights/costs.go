package insights

import (
	"cmp"
	"context"
	"slices"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Money is what was given back in one currency, in its minor unit.
type Money struct {
	Currency string
	Amount   int64
	Orders   int
}

// costs gives what was given back for the orders of each group's complaints. Sums of currencies stay apart. They are not known by
// channel, language, team or product: then there are none.
func (s *Service) costs(ctx context.Context, f Filter, resolve map[id.ID]id.ID) (map[id.ID][]Money, error) {
	if f.narrowed() {
		return nil, nil
	}
	rows, err := s.Store.Read(ctx).Raw(`SELECT c.group_id, c.currency, SUM(c.amount), SUM(c.orders) FROM insight_costs c WHERE c.day >= ? AND c.day < ? GROUP BY 1, 2`,
		tickets.Millis(f.From), tickets.Millis(f.To)).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	out := map[id.ID][]Money{}
	for rows.Next() {
		var group id.ID
		var m Money
		if err := rows.Scan((*int64)(&group), &m.Currency, &m.Amount, &m.Orders); err != nil {
			return nil, err
		}
		if into, merged := resolve[group]; merged {
			group = into
		}
		out[group] = plusMoney(out[group], m)
	}
	return out, rows.Err()
}

// plusMoney adds a sum to those of the same currency; the largest stands first.
func plusMoney(list []Money, m Money) []Money {
	i := slices.IndexFunc(list, func(o Money) bool { return o.Currency == m.Currency })
	if i < 0 {
		list = append(list, m)
	} else {
		list[i].Amount += m.Amount
		list[i].Orders += m.Orders
	}
	slices.SortFunc(list, func(a, b Money) int {
		return cmp.Or(cmp.Compare(b.Amount, a.Amount), cmp.Compare(a.Currency, b.Currency))
	})
	return list
}

func (row *Row) cost(currency string) int64 {
	for _, m := range row.Costs {
		if m.Currency == currency {
			return m.Amount
		}
	}
	return 0
}
