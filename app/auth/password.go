package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed" // the list of common passwords
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// What a password must be. Length is what counts (NIST SP 800-63B); the rest keeps out what everybody tries first.
const (
	PasswordMin = 10  // code points
	PasswordMax = 256 // code points
)

// Parameters of argon2id, as OWASP's password storage cheat sheet has them: 2 passes over 19 MiB, one lane.
const (
	argonPasses  = 2
	argonMemory  = 19 * 1024 // KiB
	argonLanes   = 1
	argonKey     = 32 // bytes
	argonSalt    = 16 // bytes
	argonAtOnce  = 2  // hashes computed at once, 19 MiB each
	argonMemMax  = 64 * 1024
	argonPassMax = 10
)

// nobodysPassword is what the password of an unknown e-mail is compared with, so that it takes as long as a known one.
// Nobody knows a password for it: the hash is random bytes.
const nobodysPassword = "$argon2id$v=19$m=19456,t=2,p=1$b3Jwc2F0c2lmZXJnYW1lbg$5v1rT0m3Qx8yKq0o2b6mJt4hXz9cWfUuLs7nDpEaGkI"

//go:embed common.txt
var commonFile string

var common = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(commonFile) {
		set[word] = true
	}
	return set
})

// CheckPassword says whether a password may be used by the agent with this e-mail. The error is Invalid, field password.
func CheckPassword(password, email string) error {
	password = normal(password)
	n, lower := utf8.RuneCountInString(password), strings.ToLower(password)
	email, _ = tickets.NormalEmail(email) // what is no address is refused elsewhere
	switch {
	case n < PasswordMin:
		return fault.InvalidField("password", "too_short", "auth.error.password_short", map[string]any{"min": PasswordMin})
	case n > PasswordMax:
		return fault.InvalidField("password", "too_long", "auth.error.password_long", map[string]any{"max": PasswordMax})
	case common()[lower], fewLetters(lower), lower == email, isName(lower, email):
		return fault.InvalidField("password", "common", "auth.error.password_common", nil)
	}
	return nil
}

// isName tells a password that is the name before the @ with nothing but digits and points around it.
func isName(password, email string) bool {
	name, _, ok := strings.Cut(email, "@")
	before, after, found := strings.Cut(password, name)
	return ok && found && strings.Trim(before+after, "0123456789!.") == ""
}

// fewLetters tells a password of one or two different characters: aaaaaaaaaa, 1212121212.
func fewLetters(s string) bool {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen) <= 2
}

// normal is the form that is hashed: the same characters typed on another system must give the same bytes.
func normal(password string) string { return norm.NFKC.String(password) }

// hasher computes argon2id, a few at once.
type hasher struct{ slots chan struct{} }

func newHasher() hasher { return hasher{slots: make(chan struct{}, argonAtOnce)} }

func (h hasher) key(ctx context.Context, password string, salt []byte, passes, memory uint32, lanes uint8, size uint32) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(normal(password)), salt, passes, memory, lanes, size), nil
}

// hash gives the PHC string of a password.
func (h hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	key, err := h.key(ctx, password, salt, argonPasses, argonMemory, argonLanes, argonKey)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonPasses, argonLanes,
		b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

var errPHC = errors.New("auth: the stored password is no argon2id PHC string")

// verify tells whether a password is the one of a PHC string, whatever parameters it was made with.
func (h hasher) verify(ctx context.Context, phc, password string) (bool, error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return false, errPHC
	}
	var memory, passes uint32
	var lanes uint8
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); n != 3 || err != nil {
		return false, errPHC
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	want, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || keyErr != nil || len(want) < 16 || len(want) > 64 ||
		memory == 0 || memory > argonMemMax || passes == 0 || passes > argonPassMax || lanes == 0 {
		return false, errPHC
	}
	got, err := h.key(ctx, password, salt, passes, memory, lanes, uint32(len(want)))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}
