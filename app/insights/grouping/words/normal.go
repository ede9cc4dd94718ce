package words

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Placeholders stand for what differs from text to text and tells nothing of the complaint. They are no words.
const (
	placeURL   = "\ue001"
	placeMail  = "\ue002"
	placeOrder = "\ue003"
)

var (
	urls   = regexp.MustCompile(`(?:https?://|www\.)[^\s，。；！？、）】]+`)
	mails  = regexp.MustCompile(`[a-z0-9._%+\-]+@[a-z0-9\-]+(?:\.[a-z0-9\-]+)+`)
	orders = regexp.MustCompile(`[a-z]{0,4}[\-_#]?[0-9](?:[0-9a-z\-]{4,}[0-9])`)
	number = regexp.MustCompile(`[0-9]+(?:[.,:][0-9]+)*`)
)

// Normal gives the form in which texts are compared: NFKC, lower case, addresses and order numbers as placeholders, every
// other number as 0, single spaces.
func Normal(text string) string {
	text = strings.ToLower(norm.NFKC.String(strings.ToValidUTF8(text, "\ufffd")))
	if strings.Contains(text, "://") || strings.Contains(text, "www.") {
		text = urls.ReplaceAllString(text, placeURL)
	}
	if strings.ContainsRune(text, '@') {
		text = mails.ReplaceAllString(text, placeMail)
	}
	if strings.ContainsAny(text, "0123456789") {
		text = orders.ReplaceAllString(text, placeOrder)
		text = number.ReplaceAllString(text, "0")
	}
	return strings.Join(strings.Fields(text), " ")
}

// Key gives what is left of a normal form without punctuation, spaces, symbols and placeholders. Texts with the same key
// say the same and are counted together. It is empty when nothing is said.
func Key(normal string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, normal)
}
