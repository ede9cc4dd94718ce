package tickets

// OrderTailMin is how many last characters of an order number it is found by at least, OrderTailMax at most.
const (
	OrderTailMin = orderTail
	OrderTailMax = orderTailMax
)

// NormalOrder is the form in which two order numbers are compared: without spaces, letter case and width.
func NormalOrder(order string) string { return normalOrder(order) }

// OrderTailKey is the keyed hash of an order number's last characters, which people say; nil for none. What is found by it
// has to be opened and compared: many orders end alike.
func (s *Service) OrderTailKey(order string) []byte {
	if normal := normalOrder(order); normal != "" {
		return s.seal.Hash(hashOrderLast, lastRunes(normal, orderTail))
	}
	return nil
}
