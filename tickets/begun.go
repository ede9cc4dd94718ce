package tickets

import (
	"context"
	"time"
)

const begunQuery = selectRow + `t.created_at >= ? AND t.created_at < ? AND t.status <> 'spam' ORDER BY t.created_at DESC, t.id DESC LIMIT ?`

// Begun gives the tickets that were begun from one time until another, spam left out, the newest first.
func (s *Service) Begun(ctx context.Context, from, to time.Time, most int) ([]TicketRow, error) {
	c := on(s.store.Read(ctx))
	rows, err := c.sealedRows(begunQuery, Millis(from), Millis(to), most)
	if err != nil {
		return nil, err
	}
	return s.openRows(c, rows)
}
