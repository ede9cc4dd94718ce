package lexicon

import (
	_ "embed" // the lists
	"sync"
)

//go:embed concepts.txt
var conceptsText string

// Shops is the lexicon that comes with Huiyin.
var Shops = sync.OnceValues(func() (*Lexicon, error) { return Parse(conceptsText) })
