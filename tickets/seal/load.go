package seal

import (
	"crypto/cipher"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// Preload reads the data keys that are not in the cache, all at once: a page that lists fifty tickets opens values of
// as many contacts. Zero, unknown and erased keys are passed over; Open says later what became of them.
func (s *Sealer) Preload(tx *gorm.DB, keys []id.ID) error {
	var want []id.ID
	seen := make(map[id.ID]bool, len(keys))
	for _, key := range keys {
		if key != 0 && !seen[key] && s.cache.get(key) == nil {
			want = append(want, key)
		}
		seen[key] = true
	}
	for len(want) > 0 {
		n := min(len(want), loadMany)
		rows, err := loadKeys(tx, want[:n])
		if err != nil {
			return err
		}
		for i := range rows {
			if _, err := s.cacheKey(tx, rows[i]); err != nil {
				return err
			}
		}
		want = want[n:]
	}
	return nil
}

const (
	loadFew  = 8  // ids in one statement
	loadMany = 64 // ids in one statement, at most
)

// loadKeys reads up to loadMany rows. It asks with one, loadFew or loadMany ids, so that the database prepares three
// statements and not one for each length.
func loadKeys(tx *gorm.DB, keys []id.ID) ([]dataKey, error) {
	size := 1
	switch {
	case len(keys) > loadFew:
		size = loadMany
	case len(keys) > 1:
		size = loadFew
	}
	ids := make([]int64, size)
	for i := range ids {
		ids[i] = int64(keys[min(i, len(keys)-1)])
	}
	var rows []dataKey
	err := fresh(tx).Raw("SELECT id, purpose, master, wrapped FROM "+keysTable(tx)+" WHERE id IN ?", ids).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read data keys: %w", err)
	}
	return rows, nil
}

// cacheKey opens a row and keeps the key. The index key never becomes a cipher.
func (s *Sealer) cacheKey(tx *gorm.DB, row dataKey) (cipher.AEAD, error) {
	if row.Purpose == purposeIndex {
		return nil, ErrDamaged
	}
	plain, err := s.unwrap(tx, row)
	if err != nil {
		return nil, err
	}
	aead, err := newAEAD(plain)
	if err != nil {
		return nil, err
	}
	s.cache.put(row.ID, aead)
	return aead, nil
}

// unwrap opens a data key. When the ring cannot, the row may have been rewrapped since it was read, so it is read
// once more.
func (s *Sealer) unwrap(tx *gorm.DB, row dataKey) ([]byte, error) {
	ring, err := s.ringWith(row.Master)
	if errors.Is(err, ErrRingWrong) {
		rows, again := loadKeys(tx, []id.ID{row.ID})
		switch {
		case again != nil:
			return nil, again
		case len(rows) == 0:
			return nil, fmt.Errorf("data key %d: %w", row.ID, ErrErased)
		case rows[0].Master == row.Master:
			return nil, err
		}
		row = rows[0]
		ring, err = s.ringWith(row.Master)
	}
	if err != nil {
		return nil, err
	}
	return ring.unwrap(row.Master, row.ID, row.Purpose, row.Wrapped)
}

// Missing tells which of these data keys the database does not have: their people were erased.
func (s *Sealer) Missing(tx *gorm.DB, keys []id.ID) ([]id.ID, error) {
	var missing []id.ID
	for len(keys) > 0 {
		n := min(len(keys), loadMany)
		rows, err := loadKeys(tx, keys[:n])
		if err != nil {
			return nil, err
		}
		has := make(map[id.ID]bool, len(rows))
		for i := range rows {
			has[rows[i].ID] = true
		}
		for _, key := range keys[:n] {
			if !has[key] {
				missing = append(missing, key)
			}
		}
		keys = keys[n:]
	}
	return missing, nil
}
