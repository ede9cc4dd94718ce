package attempts

import (
	"context"
	"slices"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Failing is where an attempt that did not come about ended, and why.
type Failing struct{ Step, Reason string }

// behindAtOnce is how many orders or people one query asks for.
const behindAtOnce = 200

// Behind counts what did not come about of orders, by their hashes (tickets.OrderKey), and of people, from a time up to another.
func (s *Service) Behind(ctx context.Context, orders [][]byte, contacts []id.ID, from, to time.Time) (map[Failing]int, error) {
	out := map[Failing]int{}
	for part := range slices.Chunk(orders, behindAtOnce) {
		if err := s.behind(ctx, out, `order_hash IN ?`, part, from, to); err != nil {
			return nil, err
		}
	}
	for part := range slices.Chunk(contacts, behindAtOnce) {
		list := make([]int64, len(part))
		for i, one := range part {
			list[i] = int64(one)
		}
		if err := s.behind(ctx, out, `contact_id IN ?`, list, from, to); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) behind(ctx context.Context, into map[Failing]int, where string, list any, from, to time.Time) error {
	rows, err := s.Store.Read(ctx).Raw(`SELECT step, reason, COUNT(*) FROM order_attempts WHERE `+where+` AND at >= ? AND at < ? AND outcome <> 'ok' GROUP BY step, reason`,
		list, tickets.Millis(from), tickets.Millis(to)).Rows()
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var one Failing
		var n int
		if err := rows.Scan(&one.Step, &one.Reason, &n); err != nil {
			return err
		}
		into[one] += n
	}
	return rows.Err()
}
