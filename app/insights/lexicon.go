package insights

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
)

// ownLines are what the shop has added to the lexicon.
func (s *Service) ownLines(ctx context.Context) (string, error) {
	w, err := s.Wording(ctx)
	return w.Lines, err
}

// digest tells a lexicon from another.
func (s *Service) digest(ctx context.Context) (string, error) {
	own, err := s.ownLines(ctx)
	if err != nil {
		return "", err
	}
	l, err := s.lexicon(ctx)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, c := range l.Concepts {
		h.Write([]byte(c.Name + "\n"))
	}
	h.Write([]byte(own))
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}
