package insights

import (
	"context"

	"gorm.io/gorm"
)

// writers is the number of PostgreSQL's lock that those hold who change groups, voices and rolls, until their transaction
// ends: what a subject counts depends on all its rows, and each of these transactions is short. SQLite has one writer anyway.
const writers = 0x696e7369

// write runs fn in a transaction that nobody else's changes of groups and voices cross.
func (s *Service) write(ctx context.Context, fn func(tx *gorm.DB) error) error {
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		if err := alone(tx); err != nil {
			return err
		}
		return fn(tx)
	})
}

// alone waits until no other transaction changes groups and voices. It comes before every look at them.
func alone(tx *gorm.DB) error {
	if tx.Name() != "postgres" {
		return nil
	}
	return tx.Exec(`SELECT pg_advisory_xact_lock(?)`, writers).Error
}
