package outbox

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

const (
	eventsTable  = "events"
	readersTable = "event_readers"
)

// errMoved says that another node has moved the reader's cursor.
var errMoved = errors.New("outbox: the cursor was moved by another node")

type cursorRow struct {
	Name      string `gorm:"primaryKey"`
	Cursor    int64
	UpdatedAt int64 `gorm:"autoUpdateTime:false"`
}

func (cursorRow) TableName() string { return readersTable }

// load reads the reader's cursor; a new reader gets its row.
func (r *reader[E]) load(ctx context.Context) error {
	var rows []cursorRow
	find := func() error { return r.o.Read(ctx).Where("name = ?", r.Name).Find(&rows).Error }
	if err := find(); err != nil {
		return fmt.Errorf("load cursor: %w", err)
	}
	if len(rows) == 0 {
		if err := r.create(ctx); err != nil {
			return fmt.Errorf("create cursor: %w", err)
		}
		if err := find(); err != nil || len(rows) == 0 {
			return fmt.Errorf("load new cursor: found %d: %w", len(rows), err)
		}
	}
	r.cursor, r.loaded = rows[0].Cursor, true
	return nil
}

func (r *reader[E]) create(ctx context.Context) error {
	return r.o.Write(ctx, func(tx *gorm.DB) error {
		row := cursorRow{Name: r.Name, UpdatedAt: r.o.Now().UnixMilli()}
		if r.FromNow {
			var err error
			if row.Cursor, err = newestNumber(tx); err != nil {
				return err
			}
		}
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error
	})
}

// move takes the cursor on. It comes first in its transaction: the row's lock then keeps a node whose lease has run out
// from doing the same work, and errMoved tells it so.
func (r *reader[E]) move(tx *gorm.DB, from, to int64) error {
	done := tx.Table(readersTable).Where("name = ? AND cursor = ?", r.Name, from).
		Updates(map[string]any{"cursor": to, "updated_at": r.o.Now().UnixMilli()})
	if done.Error != nil {
		return done.Error
	}
	if done.RowsAffected != 1 {
		return errMoved
	}
	return nil
}

// newestNumber gives the largest visible n, or zero.
func newestNumber(db *gorm.DB) (int64, error) {
	var n int64
	err := db.Raw("SELECT coalesce(max(n), 0) FROM " + eventsTable).Scan(&n).Error
	return n, err
}
