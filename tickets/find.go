package tickets

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Sizes of a search.
const (
	findUsual    = 20
	findMax      = 50
	findContacts = 50  // contacts whose tickets are looked at
	queryMax     = 200 // bytes
	orderTailMax = 6   // last characters of an order number that people say
)

// Find gives the tickets that an agent means by a few characters: a ticket number (#10482), an order number or its last
// four to six characters, a full phone number or e-mail address, words of a name. The surest come first. Everything but
// the ticket number is found by its keyed hash, so parts of words find nothing. Unverified e-mails, phones and orders
// are found too: it is for agents only.
func (s *Service) Find(ctx context.Context, query string, limit int) ([]TicketRow, error) {
	limit = clamp(limit, findUsual, findMax)
	query = strings.TrimSpace(norm.NFKC.String(query))
	if query == "" || len(query) > queryMax || !utf8.ValidString(query) {
		return []TicketRow{}, nil
	}
	f := finding{s: s, c: on(s.store.Read(ctx)), limit: limit, seen: map[id.ID]bool{}}
	if number, ok := strings.CutPrefix(query, "#"); ok {
		if err := f.number(number); err != nil {
			return nil, err
		}
		return s.openRows(f.c, f.rows)
	}
	for _, by := range []func(string) error{f.number, f.order, f.orderTail, f.address, f.name} {
		if len(f.rows) >= limit {
			break
		}
		if err := by(query); err != nil {
			return nil, err
		}
	}
	return s.openRows(f.c, f.rows)
}

// finding collects the rows of one search.
type finding struct {
	s     *Service
	c     conn
	limit int
	rows  []sealedRow
	seen  map[id.ID]bool
}

func (f *finding) add(where string, args ...any) error {
	rows, err := f.c.sealedRows(selectRow+where+` ORDER BY t.id DESC LIMIT ?`, append(args, f.limit)...)
	for _, r := range rows {
		f.keep(r)
	}
	return err
}

func (f *finding) keep(r sealedRow) {
	if len(f.rows) < f.limit && !f.seen[r.ID] {
		f.seen[r.ID] = true
		f.rows = append(f.rows, r)
	}
}

func (f *finding) number(query string) error {
	number, err := strconv.ParseInt(query, 10, 64)
	if err != nil || number <= 0 {
		return nil
	}
	return f.add(`t.number = ?`, number)
}

func (f *finding) order(query string) error {
	return f.add(`t.order_hash = ?`, f.s.seal.Hash(hashOrder, normalOrder(query)))
}

// orderTail looks at the orders that end in the same four characters, and of five or six opens them to compare.
func (f *finding) orderTail(query string) error {
	tail := normalOrder(query)
	if n := utf8.RuneCountInString(tail); n < orderTail || n > orderTailMax {
		return nil
	}
	rows, err := f.c.sealedRows(selectRow+`t.order_last = ? ORDER BY t.id DESC LIMIT ?`,
		f.s.seal.Hash(hashOrderLast, lastRunes(tail, orderTail)), PageMax)
	if err != nil {
		return err
	}
	for _, r := range rows {
		order, err := f.s.open(f.c, "tickets", "order_no", r.ID, r.OrderSealed)
		if err != nil {
			return err
		}
		if strings.HasSuffix(normalOrder(order), tail) {
			f.keep(r)
		}
	}
	return nil
}

// address looks for a full e-mail address or phone number.
func (f *finding) address(query string) error {
	for _, kind := range []IdentityKind{IdentityEmail, IdentityPhone} {
		n, err := f.s.normalIdentity(f.c, NewIdentity{Kind: kind, Value: query})
		if fault.Is(err, fault.Invalid) {
			continue // not an address of this kind
		}
		if err != nil {
			return err
		}
		contacts, err := f.c.ids(`SELECT i.contact_id FROM contact_identities i WHERE i.hash = ? ORDER BY i.verified DESC, i.id DESC LIMIT ?`,
			f.s.identityHash(n), findContacts)
		if err != nil {
			return err
		}
		if err := f.of(contacts); err != nil {
			return err
		}
	}
	return nil
}

func (f *finding) name(query string) error {
	contacts, err := f.s.contactsNamed(f.c, nameTokens(query), findContacts)
	if err != nil {
		return err
	}
	return f.of(contacts)
}

func (f *finding) of(contacts []id.ID) error {
	if len(contacts) == 0 {
		return nil
	}
	in, args := list(contacts)
	return f.add(`t.contact_id IN `+in, args...)
}
