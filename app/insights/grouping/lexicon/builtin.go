package lexicon

import (
	_ "embed" // the lists
	"sync"
)

//go:embed concepts.txt
var conceptsText string

//go:embed names.txt
var namesText string

// Shops is the lexicon that comes with Huiyin.
var Shops = sync.OnceValues(func() (*Lexicon, error) { return With("") })

// ShopsText is the text of Shops, to look at.
func ShopsText() string { return conceptsText }

// With is Shops with a shop's own lines after it, in the same form.
func With(own string) (*Lexicon, error) {
	l, err := Parse(conceptsText + "\n" + own)
	if err != nil {
		return nil, err
	}
	return l, l.name(namesText)
}
