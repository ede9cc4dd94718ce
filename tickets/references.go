package tickets

import (
	"gorm.io/gorm"
)

// ContactsForTx is ContactForTx for many references at once, in their order: those who are unknown are made known with a
// statement per table, however many they are.
func (s *Service) ContactsForTx(tx *gorm.DB, refs []ContactRef) ([]*Contact, error) {
	c := on(tx)
	people := make([]newPerson, len(refs))
	for i, ref := range refs {
		var err error
		if people[i], err = s.person(c, ref); err != nil {
			return nil, err
		}
	}
	out := make([]*Contact, len(refs))
	if err := s.createUnknown(c, refs, people, out); err != nil {
		return nil, err
	}
	for i, ref := range refs {
		if out[i] != nil {
			continue
		}
		var err error
		if out[i], _, err = s.contactFor(c, ref, people[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// identityName is an identity as a key of a map.
type identityName struct {
	kind  IdentityKind
	value string
}

// createUnknown makes those known of whom nothing is known, and no other reference here says the same: its two might be one.
func (s *Service) createUnknown(c conn, refs []ContactRef, people []newPerson, out []*Contact) error {
	said := map[identityName]int{}
	for _, one := range people {
		for _, n := range one.identities {
			said[identityName{n.Kind, n.Value}]++
		}
	}
	held, err := s.held(c, people)
	if err != nil {
		return err
	}
	var fresh []newPerson
	var places []int
	for i, one := range people {
		alone := refs[i].ID == 0
		for _, n := range one.identities {
			name := identityName{n.Kind, n.Value}
			alone = alone && said[name] == 1 && !held[name]
		}
		if alone {
			fresh, places = append(fresh, one), append(places, i)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	made, err := s.createContacts(c, fresh, system)
	for i := range made {
		out[places[i]] = made[i]
	}
	return contactField(err)
}

// held tells which of the identities are somebody's, verified.
func (s *Service) held(c conn, people []newPerson) (map[identityName]bool, error) {
	held := map[identityName]bool{}
	for _, kind := range []IdentityKind{IdentityShop, IdentityEmail, IdentityPhone} {
		names := map[string]identityName{}
		var hashes [][]byte
		for _, one := range people {
			for _, n := range one.identities {
				if n.Kind == kind {
					hash := s.identityHash(n)
					names[string(hash)] = identityName{kind, n.Value}
					hashes = append(hashes, hash)
				}
			}
		}
		if len(hashes) == 0 {
			continue
		}
		in, args := list(hashes)
		err := c.each(func(scan func(...any) error) error {
			var hash []byte
			err := scan(&hash)
			held[names[string(hash)]] = true
			return err
		}, `SELECT i.hash FROM contact_identities i WHERE i.kind = ? AND i.verified AND i.hash IN `+in, append([]any{string(kind)}, args...)...)
		if err != nil {
			return nil, err
		}
	}
	return held, nil
}
