package web

import (
	"slices"
	"strings"

	"huiyin/app/egress"
)

// noAnswer says in words why an address outside gave no answer; word is that of an egress.Error. Empty: it is none.
func (w *Words) noAnswer(word string) string {
	kind, detail, _ := strings.Cut(word, ".")
	if !slices.Contains(egress.Kinds, egress.Kind(kind)) {
		return ""
	}
	if detail != "" {
		kind += "." + detail
	}
	return w.T("egress." + kind)
}
