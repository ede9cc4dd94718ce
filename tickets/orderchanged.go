package tickets

import (
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// OrderMove is an order that has come into another state. The words are the program's.
type OrderMove struct {
	Order    id.ID
	Key      []byte // see OrderKey
	From, To string
}

// OrdersMovedTx notes in the timelines of all active tickets about these orders that they have moved, with the rest of tx.
// It does not matter whether the number was verified: an agent reads it, nobody else does.
func (s *Service) OrdersMovedTx(tx *gorm.DB, moves []OrderMove) error {
	if len(moves) == 0 {
		return nil
	}
	c := on(tx)
	byKey, keys := map[string]OrderMove{}, make([][]byte, 0, len(moves))
	for _, m := range moves {
		byKey[string(m.Key)] = m
		keys = append(keys, m.Key)
	}
	in, args := list(keys)
	rows, err := c.tickets(c.lock(selectTicket+` WHERE t.order_hash IN `+in+` AND t.status IN ('new','open','pending') ORDER BY t.id`, "t"), args...)
	if err != nil {
		return err
	}
	at := Millis(s.now())
	var deltas []delta
	for i := range rows {
		t := &rows[i]
		if err := s.openTicket(c, t); err != nil {
			return err
		}
		m := byKey[string(t.OrderHash)]
		e := s.begin(c, t, system, at)
		e.event(EventOrderMoved, m.Order, fromTo(m.From, m.To))
		d, err := e.saveAll()
		if err != nil {
			return err
		}
		deltas = slices.Concat(deltas, d)
	}
	return c.count(deltas)
}
