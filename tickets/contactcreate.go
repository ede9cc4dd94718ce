package tickets

import (
	"slices"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// newPerson is somebody who is about to be made known. Her identities are in normal form and nobody's.
type newPerson struct {
	name, locale string
	identities   []NewIdentity
}

const (
	insertContact = `INSERT INTO contacts (id, key_id, name, locale, vip, blocked, last_seen_at, created_at, updated_at)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
	contactValues = 9
)

// createContacts writes contacts, with a statement per table however many they are. Errors: Conflict (somebody has just made
// one of the identities hers).
func (s *Service) createContacts(c conn, people []newPerson, by Actor) ([]*Contact, error) {
	at := Millis(s.now())
	list, ids := make([]*Contact, len(people)), make([]id.ID, len(people))
	for i, n := range people {
		list[i] = &Contact{ID: s.ids.Next(), Name: n.name, Locale: LocaleTag(n.locale), LastSeenAt: at, CreatedAt: at, UpdatedAt: at}
		ids[i] = list[i].ID
	}
	keys, err := s.seal.NewContactKeys(c.tx, ids)
	if err != nil {
		return nil, err
	}
	for i, p := range list {
		p.KeyID = keys[i]
		for _, n := range onlyOnce(people[i].identities) {
			row, err := s.newIdentity(c, p, n, at)
			if err != nil {
				return nil, err
			}
			p.Identities = append(p.Identities, row)
		}
		if p.NameSealed, err = s.sealed(c, p.KeyID, "contacts", "name", p.ID, p.Name); err != nil {
			return nil, err
		}
	}
	return list, s.insertContacts(c, list, by, at)
}

func (s *Service) insertContacts(c conn, list []*Contact, by Actor, at int64) error {
	var identities, contacts []any
	var events []Event
	for _, p := range list {
		for i := range p.Identities {
			identities = append(identities, p.Identities[i].values()...)
		}
		contacts = append(contacts, int64(p.ID), int64(p.KeyID), p.NameSealed, p.Locale, p.VIP, p.Blocked, at, at, at)
		events = append(events, contactEvent(by, EventContactCreated, p.ID, "", at))
	}
	err := c.insertAll(insertIdentity, len((&Identity{}).values()), identities, "")
	if isDuplicate(err) {
		return fault.Wrap(fault.Conflict, "error.identity.taken", err)
	}
	if err != nil {
		return err
	}
	if err := c.insertAll(insertContact, contactValues, contacts, ""); err != nil {
		return err
	}
	if err := s.addNameTokens(c, list...); err != nil {
		return err
	}
	s.store.After(c.tx, s.logged)
	return c.insertEvents(events)
}

// onlyOnce drops what is said twice of one person; verified once is verified.
func onlyOnce(identities []NewIdentity) (out []NewIdentity) {
	for _, n := range identities {
		i := slices.IndexFunc(out, func(o NewIdentity) bool { return o.Kind == n.Kind && o.Value == n.Value })
		if i < 0 {
			out = append(out, n)
			continue
		}
		out[i].Verified = out[i].Verified || n.Verified
	}
	return out
}

// contactEvent is an event that belongs to no ticket.
func contactEvent(by Actor, typ EventType, contact id.ID, data string, at int64) Event {
	if by.Kind == "" {
		by = Actor{Kind: ActorContact, ID: contact}
	}
	return Event{Type: typ, SubjectID: &contact, ActorKind: by.Kind, ActorID: by.ID, Data: data, At: at}
}

// log writes an event that belongs to no ticket.
func (s *Service) log(c conn, by Actor, typ EventType, contact id.ID, data string, at int64) error {
	s.store.After(c.tx, s.logged)
	return c.insertEvents([]Event{contactEvent(by, typ, contact, data, at)})
}
