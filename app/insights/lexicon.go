package insights

import (
	"context"

	"huiyin/app/insights/grouping/lexicon"
)

// lexicon is what the shop's concepts are found with.
func (s *Service) lexicon(context.Context) (*lexicon.Lexicon, error) {
	return lexicon.Shops()
}
