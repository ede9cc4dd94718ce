package seal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The file is text, so that it can be printed, put in a safe and typed in again:
//
//	# comments
//	huiyin-keyring 1
//	key VERSION CREATED FINGERPRINT KEY
//	sum CHECKSUM
//
// VERSION ascends from line to line, CREATED is RFC 3339, KEY is 32 bytes in hex in groups of eight. CHECKSUM, over the
// key lines, comes last: a file that was cut anywhere does not pass.
const (
	ringHeader = "huiyin-keyring 1"
	ringGroup  = 8
	sumSize    = 8 // bytes of SHA-256

	ringPreface = "# Huiyin's key ring. It opens everything that the desk keeps; without it nobody can, ever.\n" +
		"# Keep a copy of it apart from the database and its backups. Show it to nobody.\n"
)

// Text is the content of the ring's file, with the keys: for the file itself and for the page to print.
func (r *Ring) Text() string {
	var b strings.Builder
	b.WriteString(ringPreface + ringHeader + "\n")
	for _, k := range r.keys {
		b.WriteString(k.line() + "\n")
	}
	b.WriteString("sum " + ringSum(r.keys) + "\n")
	return b.String()
}

func (k *masterKey) line() string {
	return fmt.Sprintf("key %d %s %s %s", k.version, k.created.Format(time.RFC3339), k.print, grouped(k.secret, ringGroup))
}

func ringSum(keys []masterKey) string {
	h := sha256.New()
	for i := range keys {
		h.Write([]byte(keys[i].line() + "\n"))
	}
	return grouped(h.Sum(nil)[:sumSize], fingerprintGroup)
}

// parseRing reads the text form. Its errors name the line and never quote it.
func parseRing(text string) (*Ring, error) {
	r := &Ring{}
	header, sum := false, ""
	for n, line := range strings.Split(text, "\n") {
		fields := strings.Fields(line)
		var err error
		switch {
		case len(fields) == 0 || strings.HasPrefix(fields[0], "#"):
			continue
		case sum != "":
			err = errors.New("nothing may follow the sum")
		case !header:
			if strings.Join(fields, " ") != ringHeader {
				err = errors.New("is not «" + ringHeader + "»")
			}
			header = true
		case fields[0] == "key":
			err = r.addLine(fields[1:])
		case fields[0] == "sum" && len(fields) == 2:
			sum = fields[1]
		default:
			err = errors.New("is not understood")
		}
		if err != nil {
			return nil, fmt.Errorf("line %d %w", n+1, err)
		}
	}
	switch {
	case sum == "" || len(r.keys) == 0:
		return nil, errors.New("the end is missing")
	case !strings.EqualFold(sum, ringSum(r.keys)):
		return nil, errors.New("the sum does not agree with the keys")
	}
	return r, nil
}

func (r *Ring) addLine(fields []string) error {
	if len(fields) != 4 {
		return errors.New("is cut")
	}
	version, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil || version < 1 || (len(r.keys) > 0 && version <= r.Newest()) {
		return errors.New("has a wrong version")
	}
	created, err := time.Parse(time.RFC3339, fields[1])
	if err != nil {
		return errors.New("has a wrong date")
	}
	secret, err := hex.DecodeString(strings.ReplaceAll(fields[3], "-", ""))
	if err != nil || len(secret) != keySize {
		return errors.New("has a wrong key")
	}
	key, err := newMasterKey(version, created, secret)
	if err != nil {
		return err
	}
	if !strings.EqualFold(fields[2], key.print.String()) {
		return errors.New("has a key that does not agree with its fingerprint")
	}
	r.keys = append(r.keys, key)
	return nil
}
