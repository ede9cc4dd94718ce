package seal

import (
	"fmt"
	"strings"

	"gorm.io/gorm"
)

// masterRow is a row of master_keys. The database keeps what names a master key, never the key.
type masterRow struct {
	Version     int64
	Fingerprint []byte
	CreatedAt   int64
	RetiredAt   *int64 // since when no data key is wrapped with it
}

func (m *masterRow) print() Fingerprint {
	f, _ := fingerprintOf(m.Fingerprint) //nolint:errcheck // a damaged one equals no key's: the ring is refused
	return f
}

func listMasters(tx *gorm.DB) ([]masterRow, error) {
	var rows []masterRow
	err := fresh(tx).Raw("SELECT version, fingerprint, created_at, retired_at FROM master_keys ORDER BY version").Scan(&rows).Error
	return rows, err
}

func addMaster(tx *gorm.DB, k *masterKey, now int64) error {
	return fresh(tx).Exec("INSERT INTO master_keys (version, fingerprint, created_at) VALUES (?, ?, ?)",
		k.version, k.print[:], now).Error
}

// lockMasters lets one process at a time make or rotate master keys: the database is what all processes share. On
// SQLite the write transaction is that lock.
func lockMasters(tx *gorm.DB) error {
	if !postgres(tx) {
		return nil
	}
	return fresh(tx).Exec("LOCK TABLE master_keys IN EXCLUSIVE MODE").Error
}

// check holds the ring against the master keys of the database: those in use must be there, and none may be another
// key under the same version.
func (r *Ring) check(path string, masters []masterRow) error {
	for i := range masters {
		m := &masters[i]
		p, held := r.Fingerprint(m.Version)
		switch {
		case held && p != m.print():
			return &RingError{Path: path, Kind: ErrRingWrong, Detail: fmt.Sprintf(
				"its master key %d has the fingerprint %s, but the database is sealed with %s; %s", m.Version, p, wanted(masters), advice)}
		case !held && m.RetiredAt == nil:
			return &RingError{Path: path, Kind: ErrRingWrong, Detail: fmt.Sprintf(
				"it lacks master key %d; the database is sealed with %s; %s", m.Version, wanted(masters), advice)}
		}
	}
	return nil
}

const advice = "put the ring that holds it there, or name its file with --keyring"

func missing(path string, masters []masterRow) error {
	return &RingError{Path: path, Kind: ErrRingMissing, Detail: fmt.Sprintf(
		"there is no such file; the database is sealed with %s; %s", wanted(masters), advice)}
}

// wanted names the master keys in use: «master key 2 (1a2b-…)».
func wanted(masters []masterRow) string {
	var names []string
	for i := range masters {
		if masters[i].RetiredAt == nil {
			names = append(names, fmt.Sprintf("master key %d (%s)", masters[i].Version, masters[i].print()))
		}
	}
	return strings.Join(names, " and ")
}
