package insights

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

const (
	// costDays back costs are counted anew each night: refunds come late.
	costDays = 120
	costRows = 1000 // read at once
)

// costKey is a row of insight_costs.
type costKey struct {
	group    id.ID
	day      int64
	currency string
}

// Refund is what was given back for an order, in minor units.
type Refund struct {
	Currency string
	Amount   int64
}

// Cost counts what was given back for the orders behind the complaints of the last days: of each order once in a group, on the day
// on which it was first complained of there.
func (s *Service) Cost(ctx context.Context) error {
	if s.Refunds == nil {
		return nil
	}
	zone, err := s.zone(ctx)
	if err != nil {
		return err
	}
	from := daysUpTo(s.Now(), zone, costDays)[0]
	first, err := s.firstDays(ctx, from)
	if err != nil {
		return err
	}
	sums, err := s.sumCosts(ctx, first)
	if err != nil {
		return err
	}
	return s.writeCosts(ctx, from, sums)
}

// orderIn is an order in a group.
type orderIn struct {
	group id.ID
	order string
}

// firstDays finds for each order in each group the first day.
func (s *Service) firstDays(ctx context.Context, from int64) (map[orderIn]int64, error) {
	out := map[orderIn]int64{}
	for last := (voicePlace{at: from, id: 0}); ; {
		rows, err := s.Store.Read(ctx).Raw(`SELECT v.id, v.at, v.day, v.group_id, v.order_hash FROM insight_voices v
 WHERE (v.at, v.id) > (?, ?) AND v.order_hash IS NOT NULL AND v.complaint AND v.group_id <> 0 ORDER BY v.at, v.id LIMIT ?`, last.at, last.id, costRows).Rows()
		if err != nil {
			return nil, err
		}
		n := 0
		for rows.Next() {
			var day int64
			var group id.ID
			var order []byte
			if err := rows.Scan(&last.id, &last.at, &day, (*int64)(&group), &order); err != nil {
				rows.Close() //nolint:errcheck // the first failure counts
				return nil, err
			}
			n++
			key := orderIn{group, string(order)}
			if was, known := out[key]; !known || day < was {
				out[key] = day
			}
		}
		if err := rows.Err(); err != nil || n < costRows {
			return out, err
		}
	}
}

// spent is a sum.
type spent struct {
	amount int64
	orders int
}

func (s *Service) sumCosts(ctx context.Context, first map[orderIn]int64) (map[costKey]spent, error) {
	orders := map[string]bool{}
	for key := range first {
		orders[key.order] = true
	}
	sums := map[costKey]spent{}
	list := slices.Sorted(maps.Keys(orders))
	refunds := map[string]Refund{}
	for part := range slices.Chunk(list, costRows) {
		hashes := make([][]byte, len(part))
		for i := range part {
			hashes[i] = []byte(part[i])
		}
		some, err := s.Refunds(ctx, hashes)
		if err != nil {
			return nil, err
		}
		maps.Copy(refunds, some)
	}
	for key, day := range first {
		if r, back := refunds[key.order]; back && r.Amount > 0 {
			at := costKey{key.group, day, r.Currency}
			sums[at] = spent{sums[at].amount + r.Amount, sums[at].orders + 1}
		}
	}
	return sums, nil
}

// writeCosts replaces the rows from a day on, a few groups at a time.
func (s *Service) writeCosts(ctx context.Context, from int64, sums map[costKey]spent) error {
	var known []id.ID
	if err := s.Store.Read(ctx).Raw(`SELECT DISTINCT c.group_id FROM insight_costs c WHERE c.day >= ?`, from).Scan(&known).Error; err != nil {
		return err
	}
	byGroup := map[id.ID][]costKey{}
	for key := range sums {
		byGroup[key.group] = append(byGroup[key.group], key)
	}
	groups := unique(append(known, slices.Collect(maps.Keys(byGroup))...))
	for _, group := range groups {
		keys := byGroup[group]
		slices.SortFunc(keys, func(a, b costKey) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.currency, b.currency)) })
		began := time.Now()
		err := s.Store.Write(ctx, func(tx *gorm.DB) error {
			if err := tx.Exec(`DELETE FROM insight_costs WHERE group_id = ? AND day >= ?`, int64(group), from).Error; err != nil {
				return err
			}
			for _, key := range keys {
				if err := tx.Exec(`INSERT INTO insight_costs (group_id, day, currency, amount, orders) VALUES (?, ?, ?, ?, ?)`,
					int64(key.group), key.day, key.currency, sums[key].amount, sums[key].orders).Error; err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := tickets.Pause(ctx, time.Since(began)); err != nil {
			return err
		}
	}
	return nil
}
