package orders

import (
	"context"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// Forget takes from the orders of erased people what says that they were theirs. States, amounts and goods stay: they are
// counted.
func Forget(tx *gorm.DB, contacts []id.ID) error {
	if len(contacts) == 0 {
		return nil
	}
	const hers = `(SELECT o.id FROM orders o WHERE o.contact_id IN ?)`
	return tx.Exec(`UPDATE orders SET key_id = 0, contact_id = NULL, order_no = NULL, order_hash = NULL, order_last = NULL, detail = NULL, digest = NULL
 WHERE id IN `+hers, contacts).Error
}

// Merged makes the orders of one contact another's, who has her keys too.
func Merged(tx *gorm.DB, from, to id.ID) error {
	return tx.Exec(`UPDATE orders SET contact_id = ? WHERE contact_id = ?`, int64(to), int64(from)).Error
}

// Each gives all orders of a contact, the newest first.
func (s *Service) Each(ctx context.Context, contact id.ID, fn func(o *Order) error) error {
	for before := (*Order)(nil); ; {
		list, err := s.OfContact(ctx, contact, before, rowsAtOnce)
		if err != nil {
			return err
		}
		for _, o := range list {
			if err := fn(o); err != nil {
				return err
			}
			before = o
		}
		if len(list) < rowsAtOnce {
			return nil
		}
	}
}
