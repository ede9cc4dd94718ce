package seal

import (
	"crypto/cipher"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// What a data key is for. There is one desk key and one index key.
const (
	purposeContact = "contact"
	purposeDesk    = "desk"
	purposeIndex   = "index"
)

// dataKey is a row of data_keys.
type dataKey struct {
	ID      id.ID
	Purpose string
	Master  int64
	Wrapped []byte
}

// keysTable is the name of data_keys: on PostgreSQL it lies in a schema of its own, so that a dump can leave it out.
func keysTable(tx *gorm.DB) string {
	if postgres(tx) {
		return "huiyin_keys.data_keys"
	}
	return "data_keys"
}

func postgres(tx *gorm.DB) bool { return tx.Name() == "postgres" }

// fresh is tx without the conditions that a caller may have hung on it.
func fresh(tx *gorm.DB) *gorm.DB { return tx.Session(&gorm.Session{NewDB: true}) }

// NewContactKey makes a data key that belongs to the contact (zero: to nobody yet) and gives its id. It costs one
// INSERT.
func (s *Sealer) NewContactKey(tx *gorm.DB, contact id.ID) (id.ID, error) {
	return s.newKey(tx, purposeContact, contact)
}

// NewContactKeys makes a data key for each of the contacts and gives their ids. It costs one INSERT.
func (s *Sealer) NewContactKeys(tx *gorm.DB, contacts []id.ID) ([]id.ID, error) {
	return s.newKeys(tx, purposeContact, contacts)
}

func (s *Sealer) newKey(tx *gorm.DB, purpose string, contact id.ID) (id.ID, error) {
	keys, err := s.newKeys(tx, purpose, []id.ID{contact})
	if err != nil {
		return 0, err
	}
	return keys[0], nil
}

// newKeys writes a data key for each owner under the newest master key. The INSERT itself looks whether the database knows
// a newer one than this process does, so that after a rotation nothing more is ever wrapped with an old one.
func (s *Sealer) newKeys(tx *gorm.DB, purpose string, owners []id.ID) ([]id.ID, error) {
	keys, plains := make([]id.ID, len(owners)), make([][]byte, len(owners))
	for i := range owners {
		keys[i], plains[i] = s.newID(), randomKey()
	}
	insert := insertKeys(tx, len(owners))
	for range 3 {
		master := s.current.Load()
		args, at := make([]any, 0, 6*len(owners)+1), s.now().UnixMilli()
		for i, owner := range owners {
			wrapped, err := s.ring.Load().wrap(master, keys[i], purpose, plains[i])
			if err != nil {
				return nil, err
			}
			args = append(args, int64(keys[i]), purpose, nullable(owner), master, wrapped, at)
		}
		done := fresh(tx).Exec(insert, append(args, master)...)
		if done.Error != nil {
			return nil, fmt.Errorf("add data keys: %w", done.Error)
		}
		if done.RowsAffected == int64(len(owners)) {
			return keys, s.keep(keys, plains)
		}
		if err := s.catchUp(tx); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("seal: the master key changed three times in a moment")
}

// insertKeys is the INSERT of n data keys: all, or none when there is a newer master key. PostgreSQL takes the types of all
// rows from the first.
func insertKeys(tx *gorm.DB, n int) string {
	first := "(?, ?, ?, ?, ?, ?)"
	if postgres(tx) {
		first = "(?::bigint, ?::text, ?::bigint, ?::bigint, ?::bytea, ?::bigint)"
	}
	return "INSERT INTO " + keysTable(tx) + " (id, purpose, contact_id, master, wrapped, created_at) SELECT * FROM (VALUES " + first +
		strings.Repeat(", (?, ?, ?, ?, ?, ?)", n-1) + ") AS k WHERE NOT EXISTS (SELECT 1 FROM master_keys WHERE version > ?)"
}

func nullable(owner id.ID) *int64 {
	if owner == 0 {
		return nil
	}
	n := int64(owner)
	return &n
}

// keep puts new data keys into the cache.
func (s *Sealer) keep(keys []id.ID, plains [][]byte) error {
	for i, key := range keys {
		aead, err := newAEAD(plains[i])
		if err != nil {
			return err
		}
		s.cache.put(key, aead)
	}
	return nil
}

// catchUp takes the newest master key of the database, which another process made.
func (s *Sealer) catchUp(tx *gorm.DB) error {
	masters, err := listMasters(tx)
	if err != nil {
		return err
	}
	if len(masters) == 0 {
		return ErrKeysMissing
	}
	newest := masters[len(masters)-1].Version
	ring, err := s.ringWith(newest)
	if err != nil {
		return err
	}
	if err := ring.check(s.path, masters); err != nil {
		return err
	}
	s.adopt(ring, newest)
	return nil
}

// GiveKeys makes all data keys of one contact another's: they are found to be the same person.
func (s *Sealer) GiveKeys(tx *gorm.DB, from, to id.ID) error {
	if from == 0 || to == 0 {
		return errors.New("seal: keys are given from one contact to another")
	}
	return fresh(tx).Exec("UPDATE "+keysTable(tx)+" SET contact_id = ? WHERE contact_id = ? AND purpose = ?",
		int64(to), int64(from), purposeContact).Error
}

// GiveKey makes a data key of nobody a contact's. One that is somebody's already stays hers.
func (s *Sealer) GiveKey(tx *gorm.DB, key, contact id.ID) error {
	return fresh(tx).Exec("UPDATE "+keysTable(tx)+" SET contact_id = ? WHERE id = ? AND contact_id IS NULL AND purpose = ?",
		int64(contact), int64(key), purposeContact).Error
}

// DropKeys forgets single data keys of contacts or of nobody, as DropContactKeys does all of one.
func (s *Sealer) DropKeys(tx *gorm.DB, keys []id.ID) error {
	if len(keys) == 0 {
		return nil
	}
	if err := fresh(tx).Exec("DELETE FROM "+keysTable(tx)+" WHERE id IN ? AND purpose = ?", keys, purposeContact).Error; err != nil {
		return fmt.Errorf("drop data keys: %w", err)
	}
	s.cache.drop(keys)
	return nil
}

// Owner gives whose a data key is: a contact, or zero for the desk's, for nobody's and for one that is gone.
func (s *Sealer) Owner(tx *gorm.DB, key id.ID) (owner id.ID, err error) {
	err = fresh(tx).Raw("SELECT COALESCE(MAX(contact_id), 0) FROM "+keysTable(tx)+" WHERE id = ?", int64(key)).Scan(&owner).Error
	return owner, err
}

// DropContactKeys forgets all data keys of a contact: what was sealed with them can never be read again, once tx is
// committed. Other processes may still read it from their caches for at most a minute.
func (s *Sealer) DropContactKeys(tx *gorm.DB, contact id.ID) error {
	if contact == 0 {
		return errors.New("seal: no contact to erase")
	}
	var keys []id.ID
	err := fresh(tx).Raw("DELETE FROM "+keysTable(tx)+" WHERE contact_id = ? AND purpose = ? RETURNING id",
		int64(contact), purposeContact).Scan(&keys).Error
	if err != nil {
		return fmt.Errorf("drop the data keys: %w", err)
	}
	s.cache.drop(keys)
	return nil
}

// aead gives the cipher of a data key, from the cache or through tx.
func (s *Sealer) aead(tx *gorm.DB, key id.ID) (cipher.AEAD, error) {
	if aead := s.cache.get(key); aead != nil {
		return aead, nil
	}
	rows, err := loadKeys(tx, []id.ID{key})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("data key %d: %w", key, ErrErased)
	}
	return s.cacheKey(tx, rows[0])
}
