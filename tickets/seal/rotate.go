package seal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
)

const (
	rotateBatch = 100                   // data keys a transaction
	rotatePause = 10 * time.Millisecond // between two transactions, so that chat does not wait
	rotateTries = 20                    // rounds for data keys that appear meanwhile, and for the lock
)

// Rotate makes a new master key and wraps every data key with it; what the data keys seal is not touched. Other
// goroutines and processes go on working meanwhile. Killed at any point, it goes on where it was when called again:
// an unfinished rotation is finished before another one begins.
//
// The order of the steps keeps every data key open at every moment: (1) the new key is durable in the ring file, (2)
// then the database names it, and from that commit on no data key is written under an older one, (3) then data keys are
// rewrapped, (4) and when none is left, the old key is marked as retired. It stays in the ring all the same, because
// the newest FILE.keys of the backup may still be wrapped with it.
//
// progress, if not nil, is called after every step with the data keys done and their number.
func (s *Sealer) Rotate(ctx context.Context, progress func(done, total int)) error {
	target, err := s.beginRotation(ctx)
	if err != nil {
		return fmt.Errorf("begin the rotation: %w", err)
	}
	var total int64
	read := s.db.Read(ctx)
	err = fresh(read).Raw("SELECT count(*) FROM "+keysTable(read)+" WHERE master < ?", target).Scan(&total).Error
	if err != nil {
		return fmt.Errorf("count the data keys: %w", err)
	}
	r := &rotation{s: s, target: target, total: int(total), progress: progress}
	r.report(0)
	for range rotateTries {
		if err := r.rewrapAll(ctx); err != nil {
			return fmt.Errorf("rewrap data keys: %w", err)
		}
		left, err := s.retire(ctx, target)
		if err != nil && !lockTimeout(err) {
			return fmt.Errorf("retire the old master key: %w", err)
		}
		if err == nil && left == 0 {
			s.log.Info("master key rotated", "version", target, "data_keys", r.done)
			return nil
		}
	}
	return errors.New("seal: long transactions keep the old master key in use; run the rotation again")
}

// beginRotation gives the version that data keys are to have: of the rotation that was interrupted, or of a new one.
func (s *Sealer) beginRotation(ctx context.Context) (int64, error) {
	var ring *Ring
	var target int64
	err := s.db.Write(ctx, func(tx *gorm.DB) error {
		if err := lockMasters(tx); err != nil {
			return err
		}
		if err := clearStray(s.path); err != nil {
			return err
		}
		masters, err := listMasters(tx)
		if err != nil {
			return err
		}
		if ring, err = LoadRing(s.path); err != nil {
			return err
		}
		if err := ring.check(s.path, masters); err != nil {
			return err
		}
		newest := masters[len(masters)-1].Version
		if inUse(masters) > 1 {
			target = newest
			return nil
		}
		// A ring that is ahead was written by a rotation that was killed before it came to the database.
		if ring.Newest() <= newest {
			if ring, err = ring.with(s.now()); err != nil {
				return err
			}
			if err := ring.replace(s.path); err != nil {
				return err
			}
		}
		target = ring.Newest()
		return addMaster(tx, ring.key(target), s.now().UnixMilli())
	})
	if err != nil {
		return 0, err
	}
	s.adopt(ring, target)
	return target, nil
}

func inUse(masters []masterRow) int {
	n := 0
	for i := range masters {
		if masters[i].RetiredAt == nil {
			n++
		}
	}
	return n
}

// retire marks the older master keys as retired, unless data keys are left under them; it gives their number. The lock
// waits for the transactions that began to write a data key before the new master key was known.
func (s *Sealer) retire(ctx context.Context, target int64) (left int64, err error) {
	err = s.db.Write(ctx, func(tx *gorm.DB) error {
		if postgres(tx) {
			// Whoever makes a contact waits behind the lock, so it gives up soon.
			if err := fresh(tx).Exec("SET LOCAL lock_timeout = '2s'").Error; err != nil {
				return err
			}
			if err := fresh(tx).Exec("LOCK TABLE " + keysTable(tx) + " IN SHARE MODE").Error; err != nil {
				return err
			}
		}
		err := fresh(tx).Raw("SELECT count(*) FROM "+keysTable(tx)+" WHERE master < ?", target).Scan(&left).Error
		if err != nil || left > 0 {
			return err
		}
		return fresh(tx).Exec("UPDATE master_keys SET retired_at = ? WHERE version < ? AND retired_at IS NULL",
			s.now().UnixMilli(), target).Error
	})
	return left, err
}

// lockTimeout tells PostgreSQL's lock_not_available.
func lockTimeout(err error) bool {
	var pg interface{ SQLState() string }
	return errors.As(err, &pg) && pg.SQLState() == "55P03"
}
