package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
)

// HashSize is the length of a keyed hash in bytes.
const HashSize = 16

// mac is HMAC-SHA256 under the index key with its input and output, pooled.
type mac struct {
	h   hash.Hash
	in  []byte
	sum []byte
}

func newMAC(key []byte) *mac { return &mac{h: hmac.New(sha256.New, key)} }

// Hash is the keyed hash under which a value is found although it is sealed: the first 16 bytes of HMAC-SHA256 of kind,
// a zero byte and value. The caller brings the value into its normal form first. Equal values of different kinds have
// different hashes; kind is a constant without a zero byte. The key outlives rotations.
func (s *Sealer) Hash(kind, value string) []byte {
	m := s.macs.Get().(*mac)
	defer s.macs.Put(m)
	m.in = append(append(append(m.in[:0], kind...), 0), value...)
	m.h.Reset()
	m.h.Write(m.in)
	m.sum = m.h.Sum(m.sum[:0])
	clear(m.in)
	return append(make([]byte, 0, HashSize), m.sum[:HashSize]...)
}
