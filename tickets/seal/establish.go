package seal

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// establish gives a database its first master key and the desk's own data keys, in one transaction: a database has
// all of them or none. The ring is durable before the transaction is: killed in between, the next start takes the
// ring that is there.
func (s *Sealer) establish(ctx context.Context) error {
	var masters []masterRow
	err := s.db.Write(ctx, func(tx *gorm.DB) error {
		if err := lockMasters(tx); err != nil {
			return err
		}
		var err error
		if masters, err = listMasters(tx); err != nil || len(masters) > 0 {
			return err // another process was first
		}
		var keys int64
		if err := fresh(tx).Raw("SELECT count(*) FROM " + keysTable(tx)).Scan(&keys).Error; err != nil {
			return err
		}
		if keys > 0 {
			return errors.New("seal: the database has data keys but no master key; it was not restored as a whole")
		}
		return s.first(tx)
	})
	if err != nil {
		return fmt.Errorf("make the first keys: %w", err)
	}
	if len(masters) > 0 {
		return s.take(masters)
	}
	if s.made {
		s.log.Warn("key ring made: keep a copy of it apart from the database and its backups", "file", s.path)
	}
	return nil
}

// first makes or reads the ring and writes the first rows.
func (s *Sealer) first(tx *gorm.DB) error {
	ring, err := LoadRing(s.path)
	if errors.Is(err, ErrRingMissing) {
		ring, err = CreateRing(s.path, s.now())
		s.made = s.made || err == nil
	}
	if err != nil {
		return err
	}
	newest := ring.key(ring.Newest())
	if err := addMaster(tx, newest, s.now().UnixMilli()); err != nil {
		return err
	}
	s.adopt(ring, newest.version)
	for _, purpose := range []string{purposeDesk, purposeIndex} {
		if _, err := s.newKey(tx, purpose, 0); err != nil {
			return err
		}
	}
	return nil
}

// openOwn reads the desk key's id and the index key.
func (s *Sealer) openOwn(tx *gorm.DB) error {
	var rows []dataKey
	err := fresh(tx).Raw("SELECT id, purpose, master, wrapped FROM "+keysTable(tx)+" WHERE purpose IN (?, ?)",
		purposeDesk, purposeIndex).Scan(&rows).Error
	if err != nil {
		return err
	}
	var index id.ID
	for i := range rows {
		plain, err := s.unwrap(tx, rows[i])
		if err != nil {
			return err
		}
		switch rows[i].Purpose {
		case purposeDesk:
			s.desk = rows[i].ID
		case purposeIndex:
			index = rows[i].ID
			s.macs.New = func() any { return newMAC(plain) }
		}
	}
	if s.desk == 0 || index == 0 {
		return ErrKeysMissing
	}
	return nil
}
