package seal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// Store is the database as seal needs it; app/db gives it, as it gives tickets.Store.
type Store struct {
	// Write runs fn in the one door for writes. fn may run more than once. On PostgreSQL its transactions are
	// READ COMMITTED.
	Write func(ctx context.Context, fn func(tx *gorm.DB) error) error
	// Read gives the readers' side.
	Read func(ctx context.Context) *gorm.DB
}

// Options are what Open needs.
type Options struct {
	DB       Store
	RingPath string
	Now      func() time.Time
	NewID    func() id.ID
	Log      *slog.Logger // nil: silent
}

// Sealer seals and opens values. It is safe for concurrent use; it owns no goroutine.
type Sealer struct {
	db    Store
	path  string
	now   func() time.Time
	newID func() id.ID
	log   *slog.Logger
	made  bool

	ring    atomic.Pointer[Ring]
	current atomic.Int64 // the master key that new data keys are wrapped with
	reading sync.Mutex   // one goroutine reads the ring file again

	desk  id.ID
	cache *cache
	macs  sync.Pool // *mac, of the index key
}

// Open reads the key ring and the desk's own data keys. On a database that has never seen a master key it makes them,
// and the ring unless there is one. In every other case a ring that is missing, wrong, damaged or open to others is a
// *RingError, whose text says which file is wanted.
func Open(ctx context.Context, o Options) (*Sealer, error) {
	s := &Sealer{db: o.DB, path: o.RingPath, now: o.Now, newID: o.NewID, log: o.Log, cache: newCache(cacheKeys, o.Now)}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	masters, err := listMasters(s.db.Read(ctx))
	if err != nil {
		return nil, fmt.Errorf("read the master keys: %w", err)
	}
	if len(masters) == 0 {
		err = s.establish(ctx)
	} else {
		err = s.take(masters)
	}
	if err != nil {
		return nil, err
	}
	return s, s.openOwn(s.db.Read(ctx))
}

// RingPath is the file of the key ring.
func (s *Sealer) RingPath() string { return s.path }

// MadeRing tells that Open made the ring just now: the operator is to be told to keep a copy.
func (s *Sealer) MadeRing() bool { return s.made }

// DeskKey is the key of what belongs to no person: settings, names of agents and teams, vocabulary.
func (s *Sealer) DeskKey() id.ID { return s.desk }

// take reads the ring file and holds it against the master keys of the database.
func (s *Sealer) take(masters []masterRow) error {
	ring, err := LoadRing(s.path)
	if err == nil {
		err = ring.check(s.path, masters)
	}
	if errors.Is(err, ErrRingMissing) {
		err = missing(s.path, masters)
	}
	if err != nil {
		return err
	}
	s.adopt(ring, masters[len(masters)-1].Version)
	return nil
}

// adopt makes the ring and the master key for new data keys known to all goroutines. Neither ever goes back.
func (s *Sealer) adopt(ring *Ring, current int64) {
	s.reading.Lock()
	defer s.reading.Unlock()
	if known := s.ring.Load(); known == nil || ring.Newest() >= known.Newest() {
		s.ring.Store(ring)
	}
	s.current.Store(max(current, s.current.Load()))
}

// ringWith gives a ring that holds the master key, reading the file again when the one in memory does not: another
// process may have rotated.
func (s *Sealer) ringWith(version int64) (*Ring, error) {
	if ring := s.ring.Load(); ring.key(version) != nil {
		return ring, nil
	}
	s.reading.Lock()
	defer s.reading.Unlock()
	known := s.ring.Load()
	if known.key(version) != nil {
		return known, nil
	}
	ring, err := LoadRing(s.path)
	if err != nil {
		return nil, err
	}
	for _, k := range known.keys {
		if p, ok := ring.Fingerprint(k.version); !ok || p != k.print {
			return nil, &RingError{Path: s.path, Kind: ErrRingWrong, Detail: fmt.Sprintf(
				"it no longer holds master key %d (%s), which it held when this process started; put it back", k.version, k.print)}
		}
	}
	if ring.key(version) == nil {
		return nil, &RingError{Path: s.path, Kind: ErrRingWrong, Detail: fmt.Sprintf(
			"it lacks master key %d, which the database uses; put the newest ring of this desk there", version)}
	}
	s.ring.Store(ring)
	s.log.Info("key ring read again", "file", s.path, "newest", ring.Newest())
	return ring, nil
}
