package seal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// A sealed value: version 1 | id of its data key, 8 bytes big-endian | nonce 12 | ciphertext | tag 16. The additional
// data is its place, "table.column:row" in ASCII.
const (
	valueVersion = 1
	valueHead    = 1 + 8
	// Overhead is how many bytes a sealed value is longer than the plain one.
	Overhead = valueHead + 12 + 16
)

var errNoPlace = errors.New("seal: a value needs a key and a row")

// scratch holds short-lived bytes of one call; pooled, because chat seals thousands of values a second.
type scratch struct{ b []byte }

const scratchLimit = 64 << 10 // larger ones are left to the garbage collector

var scratches = sync.Pool{New: func() any { return &scratch{b: make([]byte, 0, 512)} }}

func (s *scratch) free() {
	if cap(s.b) <= scratchLimit {
		clear(s.b) // no plain text waits in memory for the next value
		s.b = s.b[:0]
		scratches.Put(s)
	}
}

// place appends "table.column:row".
func place(b []byte, table, column string, row id.ID) []byte {
	b = append(b, table...)
	b = append(b, '.')
	b = append(b, column...)
	b = append(b, ':')
	return strconv.AppendInt(b, int64(row), 10)
}

// Seal seals a value for its place with the data key. tx, a transaction or a reader, is asked only for a key that is
// not in the cache. It answers ErrErased when the key is gone.
func (s *Sealer) Seal(tx *gorm.DB, key id.ID, table, column string, row id.ID, plain []byte) ([]byte, error) {
	if key == 0 || row == 0 {
		return nil, errNoPlace
	}
	aead, err := s.aead(tx, key)
	if err != nil {
		return nil, err
	}
	sc := scratches.Get().(*scratch)
	defer sc.free()
	sc.b = place(sc.b, table, column, row)
	out := make([]byte, valueHead, Overhead+len(plain))
	out[0] = valueVersion
	binary.BigEndian.PutUint64(out[1:], uint64(key))
	return aead.Seal(out, nil, plain, sc.b), nil
}

// Open opens a value that Seal made for the same place. It answers ErrErased when the value's key is gone and
// ErrDamaged when the value is not what Seal made for this place.
func (s *Sealer) Open(tx *gorm.DB, table, column string, row id.ID, sealed []byte) ([]byte, error) {
	sc := scratches.Get().(*scratch)
	defer sc.free()
	return s.open(tx, nil, sc, table, column, row, sealed)
}

func (s *Sealer) open(tx *gorm.DB, dst []byte, sc *scratch, table, column string, row id.ID, sealed []byte) ([]byte, error) {
	key, ok := KeyOf(sealed)
	if !ok {
		return nil, fmt.Errorf("%s.%s:%d: %w", table, column, row, ErrDamaged)
	}
	aead, err := s.aead(tx, key)
	if err != nil {
		return nil, fmt.Errorf("%s.%s:%d: %w", table, column, row, err)
	}
	start := len(sc.b)
	sc.b = place(sc.b, table, column, row)
	plain, err := aead.Open(dst, nil, sealed[valueHead:], sc.b[start:])
	if err != nil {
		return nil, fmt.Errorf("%s.%s:%d: %w", table, column, row, ErrDamaged)
	}
	return plain, nil
}

// SealText seals a text; the empty text becomes nil, SQL's NULL.
func (s *Sealer) SealText(tx *gorm.DB, key id.ID, table, column string, row id.ID, plain string) ([]byte, error) {
	if plain == "" {
		return nil, nil
	}
	sc := scratches.Get().(*scratch)
	defer sc.free()
	sc.b = append(sc.b, plain...)
	return s.Seal(tx, key, table, column, row, sc.b)
}

// OpenText opens what SealText made; nil is the empty text.
func (s *Sealer) OpenText(tx *gorm.DB, table, column string, row id.ID, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	sc, text := scratches.Get().(*scratch), scratches.Get().(*scratch)
	defer sc.free()
	defer text.free()
	plain, err := s.open(tx, text.b, sc, table, column, row, sealed)
	if err != nil {
		return "", err
	}
	text.b = plain
	return string(plain), nil
}

// KeyOf tells which data key a sealed value is sealed with, for Preload.
func KeyOf(sealed []byte) (id.ID, bool) {
	if len(sealed) < Overhead || sealed[0] != valueVersion {
		return 0, false
	}
	key := id.ID(binary.BigEndian.Uint64(sealed[1:valueHead]))
	return key, key > 0
}
