package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// LeaseLongest is the longest time that a lease is taken for at once. One that seems to hold for longer was taken before
// the clock was set back, and has lapsed: its holder, if it lives, has it again with its next renewal or learns of the other.
const LeaseLongest = 10 * time.Minute

// Lease takes or renews the lease of a name for one holder, for ttl but at most LeaseLongest. fence grows whenever the lease changes hands or has lapsed:
// what is written outside the database carries it, so that a holder who fell asleep is told from her successor. On
// PostgreSQL the database's clock decides, so nodes need not agree on the time.
func (d *DB) Lease(ctx context.Context, name, holder string, ttl time.Duration) (held bool, fence int64, err error) {
	err = d.Write(ctx, func(tx *gorm.DB) error {
		fence = 0
		now, args := d.clock()
		q := `INSERT INTO leases (name, holder, until, fence) VALUES (?, ?, ` + now + ` + ?, 1)
			ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,
				fence = leases.fence + CASE WHEN leases.holder = excluded.holder AND leases.until > ` + now + ` THEN 0 ELSE 1 END
			WHERE leases.holder = excluded.holder OR leases.until <= ` + now + ` OR leases.until > ` + now + ` + ?
			RETURNING fence`
		values := append([]any{name, holder}, args...)
		values = append(values, min(ttl, LeaseLongest).Milliseconds())
		values = append(append(append(values, args...), args...), args...)
		values = append(values, LeaseLongest.Milliseconds())
		return tx.Raw(q, values...).Scan(&fence).Error
	})
	if err != nil {
		return false, 0, fmt.Errorf("lease %s: %w", name, err)
	}
	return fence > 0, fence, nil
}

// Release gives a lease back before its time. The row stays, so that the fence keeps growing.
func (d *DB) Release(ctx context.Context, name, holder string) error {
	err := d.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec("UPDATE leases SET until = 0 WHERE name = ? AND holder = ?", name, holder).Error
	})
	if err != nil {
		return fmt.Errorf("release %s: %w", name, err)
	}
	return nil
}

// clock is an SQL expression for the time in Unix milliseconds, and its values.
func (d *DB) clock() (expr string, values []any) {
	if d.dialect == Postgres {
		return "(extract(epoch FROM clock_timestamp()) * 1000)::bigint", nil
	}
	return "?", []any{time.Now().UnixMilli()} // one process has one clock
}
