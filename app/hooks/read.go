package hooks

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// subscriber is what Read needs of a hook; its address stays sealed.
type subscriber struct {
	id     id.ID
	events []string
	since  int64
}

// Read makes a delivery of each event for each hook that wants it, in the transaction that moves the reader's cursor: none is
// missing and none is double, whatever dies.
func (s *Service) Read(_ context.Context, tx *gorm.DB, events []tickets.Event) error {
	subs, err := subscribers(tx)
	if err != nil || len(subs) == 0 {
		return err
	}
	now := tickets.Millis(s.Now())
	var rows [][]any
	for _, sub := range subs {
		before := len(rows)
		for i := range events {
			for _, name := range namesOf(&events[i]) {
				if events[i].At >= sub.since && slices.Contains(sub.events, name) {
					rows = append(rows, []any{int64(s.IDs.Next()), int64(sub.id), events[i].N, name, stateWaiting, now, now, now, now})
				}
			}
		}
		if len(rows) > before {
			if err := s.Queue(tx, Drain{Hook: sub.id}); err != nil {
				return err
			}
		}
	}
	const one = `(?, ?, ?, ?, ?, 0, 0, '', ?, ?, ?, ?)`
	for part := range slices.Chunk(rows, stepRows) {
		err := tx.Exec(`INSERT INTO webhook_deliveries (id, hook_id, n, event, state, attempts, status, reason, queued_at, next_at, created_at, updated_at) VALUES `+
			one+strings.Repeat(", "+one, len(part)-1)+` ON CONFLICT DO NOTHING`, slices.Concat(part...)...).Error
		if err != nil {
			return err
		}
	}
	return nil
}

func namesOf(e *tickets.Event) (out []string) {
	for _, k := range kinds {
		if k.of(e) {
			out = append(out, k.name)
		}
	}
	return out
}

func subscribers(tx *gorm.DB) ([]subscriber, error) {
	rows, err := tx.Raw(`SELECT id, events, created_at FROM webhooks WHERE state = ?`, StateOn).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []subscriber
	for rows.Next() {
		var one subscriber
		var events string
		if err := rows.Scan((*int64)(&one.id), &events, &one.since); err != nil {
			return nil, err
		}
		one.events = strings.Fields(events)
		out = append(out, one)
	}
	return out, rows.Err()
}
