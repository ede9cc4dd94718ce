package probe

import (
	"regexp"
	"strings"
	"unicode"
)

const saidMost = 200 // runes

// addressLike is an e-mail address in a server's answer, and tokenLike what may be a token: long and without a space.
var (
	addressLike = regexp.MustCompile(`[^\s<>()\[\]"',;:]+@[^\s<>()\[\]"',;:]+`)
	tokenLike   = regexp.MustCompile(`[A-Za-z0-9_\-+/=.]{40,}`)
)

// Scrub makes what a server said fit to be shown: one line, no addresses, nothing secret.
func Scrub(text string, secrets ...string) string {
	text = strings.ToValidUTF8(text, "")
	for _, secret := range secrets {
		if len(secret) > 3 {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	text = tokenLike.ReplaceAllString(addressLike.ReplaceAllString(text, "…"), "…")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if runes := []rune(text); len(runes) > saidMost {
		text = string(runes[:saidMost]) + "…"
	}
	return text
}
