package seal

import (
	"encoding/hex"
	"errors"
	"strings"
)

// Fingerprint names a master key without telling anything of it. The database keeps one per master key, a backup
// carries them along, and people compare their text form.
type Fingerprint [fingerprintSize]byte

const (
	fingerprintSize  = 8
	fingerprintGroup = 4 // hex digits between two dashes
)

var errFingerprint = errors.New("seal: a fingerprint looks like 1a2b-3c4d-5e6f-7081")

// ParseFingerprint reads the text form.
func ParseFingerprint(s string) (Fingerprint, error) {
	b, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	if err != nil {
		return Fingerprint{}, errFingerprint
	}
	return fingerprintOf(b)
}

// fingerprintOf reads the form that the database keeps.
func fingerprintOf(b []byte) (Fingerprint, error) {
	var f Fingerprint
	if len(b) != len(f) {
		return f, errFingerprint
	}
	copy(f[:], b)
	return f, nil
}

// String is the text form: 1a2b-3c4d-5e6f-7081.
func (f Fingerprint) String() string { return grouped(f[:], fingerprintGroup) }

// grouped writes bytes as lower-case hex in groups, which people can read out and type from paper.
func grouped(b []byte, size int) string {
	digits := hex.EncodeToString(b)
	var out strings.Builder
	for i := 0; i < len(digits); i += size {
		if i > 0 {
			out.WriteByte('-')
		}
		out.WriteString(digits[i:min(i+size, len(digits))])
	}
	return out.String()
}
