package tickets

import (
	"errors"
	"strings"

	"golang.org/x/text/unicode/norm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// Kinds of keyed hashes. Each kind has hashes of its own, so that equal values of two kinds do not show.
const (
	hashDedupe    = "message.dedupe"
	hashOrder     = "order"
	hashOrderLast = "order.last"
	hashName      = "contact.name"
	hashLast4     = "phone.last"
	hashAgent     = "agent.email"
	hashTag       = "tag"
	hashMacro     = "macro"
	hashIdentity  = "identity." // followed by the identity's kind
)

// sealed seals one text; an empty one is stored as NULL. Errors: Conflict when the person was erased meanwhile.
func (s *Service) sealed(c conn, key id.ID, table, column string, row id.ID, text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	if key == 0 {
		return nil, fault.New(fault.Conflict, "error.contact.erased")
	}
	b, err := s.seal.SealText(c.tx, key, table, column, row, text)
	if errors.Is(err, seal.ErrErased) {
		return nil, fault.Wrap(fault.Conflict, "error.contact.erased", err)
	}
	return b, err
}

// open opens one sealed text; the text of an erased person is empty.
func (s *Service) open(c conn, table, column string, row id.ID, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	text, err := s.seal.OpenText(c.tx, table, column, row, sealed)
	if errors.Is(err, seal.ErrErased) {
		return "", nil
	}
	return text, err
}

// normalOrder is the form of an order number that is hashed: NFKC, upper case, no white space.
func normalOrder(order string) string {
	return strings.ToUpper(strings.Join(strings.Fields(norm.NFKC.String(order)), ""))
}

const orderTail = 4 // characters of an order number that have a hash of their own

// lastRunes gives the last n code points; all of a shorter text.
func lastRunes(s string, n int) string {
	r := []rune(s)
	return string(r[max(0, len(r)-n):])
}

// setOrder changes the ticket's order number with its hashes.
func (s *Service) setOrder(c conn, t *Ticket, order string, verified bool) (err error) {
	if t.OrderSealed, err = s.sealed(c, t.KeyID, "tickets", "order_no", t.ID, order); err != nil {
		return err
	}
	t.Order, t.OrderVerified, t.OrderHash, t.OrderLast = order, verified, nil, nil
	if normal := normalOrder(order); normal != "" {
		t.OrderHash = s.seal.Hash(hashOrder, normal)
		t.OrderLast = s.seal.Hash(hashOrderLast, lastRunes(normal, orderTail))
	}
	return nil
}
