package insights

import (
	"context"
	"slices"

	"huiyin/tickets/id"
)

const ordersAtOnce = 100

// GroupsOfOrders counts, by the group in which it is shown, the complaints that came with some orders, which are named by
// the keyed hashes of their numbers.
func (s *Service) GroupsOfOrders(ctx context.Context, hashes [][]byte) (map[id.ID]int, error) {
	resolve, err := s.Resolve(ctx)
	if err != nil {
		return nil, err
	}
	counts := map[id.ID]int{}
	for part := range slices.Chunk(hashes, ordersAtOnce) {
		rows, err := s.Store.Read(ctx).Raw(`SELECT v.group_id, COUNT(DISTINCT v.subject_id) FROM insight_voices v
 WHERE v.order_hash IN ? AND v.complaint AND v.group_id <> 0 GROUP BY v.group_id`, part).Rows()
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var group id.ID
			var n int
			if err := rows.Scan((*int64)(&group), &n); err != nil {
				return nil, firstOf(err, rows.Close())
			}
			if into, merged := resolve[group]; merged {
				group = into
			}
			counts[group] += n
		}
		if err := firstOf(rows.Err(), rows.Close()); err != nil {
			return nil, err
		}
	}
	return counts, nil
}
