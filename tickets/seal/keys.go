package seal

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// MasterKey is what people may know of a master key.
type MasterKey struct {
	Version     int64
	Fingerprint Fingerprint
	CreatedAt   int64  // Unix milliseconds
	RetiredAt   *int64 // since when no data key is wrapped with it; nil: in use
	DataKeys    int64  // how many data keys are wrapped with it
	InRing      bool   // the ring file holds it
}

// Keys lists the master keys by version. More than one without RetiredAt means that a rotation is under way or was
// interrupted.
func (s *Sealer) Keys(ctx context.Context) ([]MasterKey, error) {
	tx := s.db.Read(ctx)
	masters, err := listMasters(tx)
	if err != nil {
		return nil, fmt.Errorf("read the master keys: %w", err)
	}
	ring, err := LoadRing(s.path)
	if err != nil {
		return nil, err
	}
	var counts []struct{ Master, N int64 }
	err = fresh(tx).Raw("SELECT master, count(*) AS n FROM " + keysTable(tx) + " GROUP BY master").Scan(&counts).Error
	if err != nil {
		return nil, fmt.Errorf("count the data keys: %w", err)
	}
	out := make([]MasterKey, len(masters))
	for i := range masters {
		m := &masters[i]
		p, held := ring.Fingerprint(m.Version)
		out[i] = MasterKey{
			Version: m.Version, Fingerprint: m.print(), CreatedAt: m.CreatedAt, RetiredAt: m.RetiredAt,
			InRing: held && p == m.print(),
		}
		for _, c := range counts {
			if c.Master == m.Version {
				out[i].DataKeys = c.N
			}
		}
	}
	return out, nil
}

// Check tells whether the ring at path holds the master keys in use, as a backup listed them. Its error says which
// are wanted.
func (r *Ring) Check(path string, keys []MasterKey) error {
	masters := make([]masterRow, len(keys))
	for i := range keys {
		k := &keys[i]
		masters[i] = masterRow{Version: k.Version, Fingerprint: k.Fingerprint[:], CreatedAt: k.CreatedAt, RetiredAt: k.RetiredAt}
	}
	return r.check(path, masters)
}

// InUse lists the master keys that data keys may be wrapped with, without a ring at hand; InRing and DataKeys stay
// empty. A database that has never had one gives none.
func InUse(tx *gorm.DB) ([]MasterKey, error) {
	masters, err := listMasters(tx)
	if err != nil {
		return nil, fmt.Errorf("read the master keys: %w", err)
	}
	var out []MasterKey
	for i := range masters {
		if m := &masters[i]; m.RetiredAt == nil {
			out = append(out, MasterKey{Version: m.Version, Fingerprint: m.print(), CreatedAt: m.CreatedAt})
		}
	}
	return out, nil
}

// RingWanted is the error for a ring that is not there: it names the master keys that it must hold.
func RingWanted(path string, keys []MasterKey) error {
	masters := make([]masterRow, len(keys))
	for i := range keys {
		masters[i] = masterRow{Version: keys[i].Version, Fingerprint: keys[i].Fingerprint[:]}
	}
	return missing(path, masters)
}
