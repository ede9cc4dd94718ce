package orders

import (
	"context"

	"gorm.io/gorm"

	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// Forget takes from the orders of erased people what says that they were theirs. States, amounts and goods stay: they are
// counted.
func Forget(tx *gorm.DB, contacts []id.ID) error {
	if len(contacts) == 0 {
		return nil
	}
	const hers = `(SELECT o.id FROM orders o WHERE o.contact_id IN ?)`
	return tx.Exec(`UPDATE orders SET `+forgotten+` WHERE id IN `+hers, contacts).Error
}

// ForgetNobodys takes from orders that nobody is known of what would say whose they were, with the keys that only they have. It
// tells how many these were; one that has become somebody's is left.
func ForgetNobodys(tx *gorm.DB, sealer *seal.Sealer, list []id.ID) (int, error) {
	query := `SELECT id, key_id FROM orders WHERE id IN ? AND contact_id IS NULL AND order_no IS NOT NULL ORDER BY id`
	if tx.Name() == "postgres" { // its buyer may become known at this moment
		query += ` FOR UPDATE`
	}
	var found []struct{ ID, KeyID id.ID }
	if err := tx.Raw(query, list).Scan(&found).Error; err != nil || len(found) == 0 {
		return 0, err
	}
	var rows, keys []id.ID
	for _, o := range found {
		rows, keys = append(rows, o.ID), append(keys, o.KeyID)
	}
	if err := tx.Exec(`UPDATE orders SET `+forgotten+` WHERE id IN ?`, rows).Error; err != nil {
		return 0, err
	}
	return len(rows), sealer.DropKeys(tx, keys)
}

// forgotten is what an order holds no longer once nobody may know whose it was.
const forgotten = `key_id = 0, contact_id = NULL, order_no = NULL, order_hash = NULL, order_last = NULL, detail = NULL, digest = NULL`

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
