package web

import (
	"slices"
	"strings"
	"testing"

	"huiyin/app/egress"
	"huiyin/app/i18n"
)

func TestEveryFailureOutsideHasItsWords(t *testing.T) {
	t.Parallel()
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	words := []string{"tls.name", "tls.authority", "tls.expired"}
	for _, kind := range egress.Kinds {
		words = append(words, string(kind))
	}
	for _, locale := range i18n.Locales() {
		var seen []string
		for _, word := range words {
			text := texts.Text(locale, "egress."+word, nil)
			if text == "" || strings.Contains(text, "egress.") || slices.Contains(seen, text) {
				t.Errorf("%s, %s: %q", locale, word, text)
			}
			seen = append(seen, text)
		}
	}
	if (&Words{}).noAnswer("isv.BUSINESS_LIMIT_CONTROL") != "" {
		t.Error("a gateway's own word is taken for a failure on the way")
	}
}
