// Package id makes the desk's row ids: sortable 64-bit numbers made before the insert.
//
// An id is milliseconds since 2026-01-01 UTC « 22 | node « 12 | counter. The node (10 bits) is leased in the
// database, so that two processes never make the same id. Ids leave the program as strings, because JavaScript
// cannot hold 64-bit integers.
package id

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"
)

// ID is the id of a row. Zero means "none".
type ID int64

const (
	nodeBits    = 10
	counterBits = 12
	// MaxNode is the largest node number a Maker takes.
	MaxNode = 1<<nodeBits - 1
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// ErrSyntax is returned by Parse for a text that is not a positive decimal number.
var ErrSyntax = errors.New("id: not a decimal id")

// Parse reads the decimal form of an id, as JSON and addresses carry it.
func Parse(s string) (ID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return 0, ErrSyntax
	}
	return ID(n), nil
}

// String is the decimal form.
func (i ID) String() string { return strconv.FormatInt(int64(i), 10) }

// MarshalJSON writes the id as a string; zero becomes null.
func (i ID) MarshalJSON() ([]byte, error) {
	if i == 0 {
		return []byte("null"), nil
	}
	return fmt.Appendf(nil, "%q", i.String()), nil
}

// UnmarshalJSON reads a string or null; a JSON number is refused, because it may already have lost digits.
func (i *ID) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*i = 0
		return nil
	}
	s, err := strconv.Unquote(string(b))
	if err != nil {
		return ErrSyntax
	}
	*i, err = Parse(s)
	return err
}

// Maker makes ids. It is safe for concurrent use.
type Maker struct {
	mu   sync.Mutex
	node int64
	now  func() time.Time
	last int64 // milliseconds « counterBits | counter: never goes back, even when the clock does
}

// NewMaker makes ids for one node (0 … MaxNode).
func NewMaker(node int, now func() time.Time) *Maker {
	if node < 0 || node > MaxNode {
		panic("id: node out of range")
	}
	return &Maker{node: int64(node), now: now}
}

// Next is larger than every id that this Maker made before. When the 4,096 ids of a millisecond are used up, or the
// clock was set back, it borrows from the milliseconds that follow.
func (m *Maker) Next() ID {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := max(m.now().UnixMilli()-epoch, 0) << counterBits
	if t <= m.last {
		t = m.last + 1
	}
	m.last = t
	ms, counter := t>>counterBits, t&(1<<counterBits-1)
	return ID(ms<<(nodeBits+counterBits) | m.node<<counterBits | counter)
}

// At is smaller than every id that was made at this time or later.
func At(t time.Time) ID { return ID(max(t.UnixMilli()-epoch, 0) << (nodeBits + counterBits)) }

// Past makes every id to come larger than newest, which an earlier process may have made while the clock was ahead of
// today's.
func (m *Maker) Past(newest ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ms := int64(newest) >> (nodeBits + counterBits)
	m.last = max(m.last, ms<<counterBits|(1<<counterBits-1))
}
