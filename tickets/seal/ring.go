package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"huiyin/tickets/id"
)

const (
	keySize     = 32 // bytes of every key, master or data: AES-256
	wrapVersion = 1  // first byte of a wrapped data key

	// What HKDF-SHA256 makes of a master key: neither use can tell anything of the other.
	infoWrap        = "huiyin master key: wrap data keys"
	infoFingerprint = "huiyin master key: fingerprint"
)

// Ring holds the master keys. It never changes once made: a rotation makes another one.
type Ring struct {
	keys []masterKey // by version, ascending; never empty
}

type masterKey struct {
	version int64
	created time.Time // UTC, to the second
	secret  []byte
	print   Fingerprint
	aead    cipher.AEAD
}

func newMasterKey(version int64, created time.Time, secret []byte) (masterKey, error) {
	wrap, err := hkdf.Key(sha256.New, secret, nil, infoWrap, keySize)
	if err != nil {
		return masterKey{}, err
	}
	aead, err := newAEAD(wrap)
	if err != nil {
		return masterKey{}, err
	}
	p, err := hkdf.Key(sha256.New, secret, nil, infoFingerprint, fingerprintSize)
	if err != nil {
		return masterKey{}, err
	}
	return masterKey{
		version: version, created: created.UTC().Truncate(time.Second),
		secret: secret, print: Fingerprint(p), aead: aead,
	}, nil
}

// with gives a ring that holds one more, new master key.
func (r *Ring) with(now time.Time) (*Ring, error) {
	next := int64(1)
	if r != nil {
		next = r.Newest() + 1
	}
	key, err := newMasterKey(next, now, randomKey())
	if err != nil {
		return nil, err
	}
	out := &Ring{}
	if r != nil {
		out.keys = append(out.keys, r.keys...)
	}
	out.keys = append(out.keys, key)
	return out, nil
}

// Newest is the highest version in the ring.
func (r *Ring) Newest() int64 { return r.keys[len(r.keys)-1].version }

// Fingerprint gives the fingerprint of a version, if the ring holds it.
func (r *Ring) Fingerprint(version int64) (Fingerprint, bool) {
	if k := r.key(version); k != nil {
		return k.print, true
	}
	return Fingerprint{}, false
}

func (r *Ring) key(version int64) *masterKey {
	for i := range r.keys {
		if r.keys[i].version == version {
			return &r.keys[i]
		}
	}
	return nil
}

// wrap seals a data key with a master key: version 1 | nonce 12 | key 32 | tag 16, bound to the data key's id and
// purpose, so that two rows of data_keys cannot change places.
func (r *Ring) wrap(version int64, key id.ID, purpose string, plain []byte) ([]byte, error) {
	master := r.key(version)
	if master == nil {
		return nil, fmt.Errorf("seal: no master key %d in the ring", version)
	}
	out := make([]byte, 1, 1+master.aead.Overhead()+len(plain))
	out[0] = wrapVersion
	return master.aead.Seal(out, nil, plain, wrapPlace(key, purpose)), nil
}

// unwrap opens what wrap made; the caller has looked that the ring holds the version.
func (r *Ring) unwrap(version int64, key id.ID, purpose string, wrapped []byte) ([]byte, error) {
	master := r.key(version)
	if master == nil || len(wrapped) == 0 || wrapped[0] != wrapVersion {
		return nil, ErrDamaged
	}
	plain, err := master.aead.Open(nil, nil, wrapped[1:], wrapPlace(key, purpose))
	if err != nil || len(plain) != keySize {
		return nil, fmt.Errorf("data key %d: %w", key, ErrDamaged)
	}
	return plain, nil
}

func wrapPlace(key id.ID, purpose string) []byte {
	return binary.BigEndian.AppendUint64([]byte("data_keys.wrapped:"+purpose+":"), uint64(key))
}

// newAEAD is AES-256-GCM that draws a random nonce for each value and puts it in front.
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func randomKey() []byte {
	key := make([]byte, keySize)
	rand.Read(key) //nolint:errcheck // crypto/rand.Read never fails: it ends the program instead
	return key
}
