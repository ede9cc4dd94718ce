package tickets

import (
	"context"

	"huiyin/tickets/id"
)

// ShopKey is the keyed hash of the shop's own id of a user, under which others may keep what they know of her before she has
// written; nil for none.
func (s *Service) ShopKey(external string) []byte {
	n, err := s.normalIdentity(conn{}, NewIdentity{Kind: IdentityShop, Value: external})
	if err != nil {
		return nil
	}
	return s.identityHash(n)
}

// ShopKeys gives the keys of the shop's ids that contacts are known by for sure.
func (s *Service) ShopKeys(ctx context.Context, contacts []id.ID) (map[id.ID][][]byte, error) {
	out := map[id.ID][][]byte{}
	if len(contacts) == 0 {
		return out, nil
	}
	in, args := list(contacts)
	err := on(s.store.Read(ctx)).each(func(scan func(...any) error) error {
		var contact id.ID
		var key []byte
		err := scan((*int64)(&contact), &key)
		out[contact] = append(out[contact], key)
		return err
	}, `SELECT i.contact_id, i.hash FROM contact_identities i WHERE i.contact_id IN `+in+` AND i.kind = 'shop' AND i.verified ORDER BY i.contact_id, i.id`, args...)
	return out, err
}

// shopKeys are the keys of all the shop's ids of contacts.
func (c conn) shopKeys(contacts []id.ID) (out [][]byte, err error) {
	in, args := list(contacts)
	err = c.each(func(scan func(...any) error) error {
		var key []byte
		err := scan(&key)
		out = append(out, key)
		return err
	}, `SELECT i.hash FROM contact_identities i WHERE i.contact_id IN `+in+` AND i.kind = 'shop'`, args...)
	return out, err
}
