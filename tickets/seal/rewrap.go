package seal

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// rotation is one run of Rotate.
type rotation struct {
	s           *Sealer
	target      int64
	done, total int
	progress    func(done, total int)
}

func (r *rotation) report(more int) {
	r.done += more
	r.total = max(r.total, r.done)
	if r.progress != nil {
		r.progress(r.done, r.total)
	}
}

// rewrapAll goes once over the data keys under older master keys.
func (r *rotation) rewrapAll(ctx context.Context) error {
	var olds []int64
	tx := r.s.db.Read(ctx)
	err := fresh(tx).Raw("SELECT DISTINCT master FROM "+keysTable(tx)+" WHERE master < ?", r.target).Scan(&olds).Error
	if err != nil {
		return err
	}
	for _, old := range olds {
		if err := r.rewrapOld(ctx, old); err != nil {
			return err
		}
	}
	return nil
}

// rewrapOld goes once over the data keys under one master key, a batch at a time.
func (r *rotation) rewrapOld(ctx context.Context, old int64) error {
	var after id.ID
	for {
		rows, err := r.next(ctx, old, after)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := r.rewrap(ctx, rows); err != nil {
			return err
		}
		after = rows[len(rows)-1].ID
		r.report(len(rows))
		if err := pause(ctx, rotatePause); err != nil {
			return err
		}
	}
}

func (r *rotation) next(ctx context.Context, old int64, after id.ID) ([]dataKey, error) {
	var rows []dataKey
	tx := r.s.db.Read(ctx)
	err := fresh(tx).Raw("SELECT id, purpose, master, wrapped FROM "+keysTable(tx)+
		" WHERE master = ? AND id > ? ORDER BY id LIMIT ?", old, int64(after), rotateBatch).Scan(&rows).Error
	return rows, err
}

// rewrap writes rows under the target. A row that was erased meanwhile stays erased, and one that another rotation has
// rewrapped is left alone.
func (r *rotation) rewrap(ctx context.Context, rows []dataKey) error {
	ring := r.s.ring.Load()
	wrapped := make([][]byte, len(rows))
	for i, row := range rows {
		plain, err := r.s.unwrap(r.s.db.Read(ctx), row)
		if errors.Is(err, ErrErased) {
			continue
		}
		if err != nil {
			return err
		}
		if wrapped[i], err = ring.wrap(r.target, row.ID, row.Purpose, plain); err != nil {
			return err
		}
	}
	return r.s.db.Write(ctx, func(tx *gorm.DB) error {
		update := "UPDATE " + keysTable(tx) + " SET master = ?, wrapped = ? WHERE id = ? AND master = ?"
		for i, row := range rows {
			if wrapped[i] == nil {
				continue
			}
			if err := fresh(tx).Exec(update, r.target, wrapped[i], int64(row.ID), row.Master).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
