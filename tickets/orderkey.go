package tickets

// OrderKey is the keyed hash of an order number under which tickets are found, so that others keep theirs under the same;
// nil for none. Spaces, letter case and width do not count.
func (s *Service) OrderKey(order string) []byte {
	if normal := normalOrder(order); normal != "" {
		return s.seal.Hash(hashOrder, normal)
	}
	return nil
}
