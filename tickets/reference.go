package tickets

import (
	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// ContactRef names a contact as the shop's own systems do, which vouch for what they say. One of ID, ExternalID, Email and
// Phone is needed.
type ContactRef struct {
	ID         id.ID
	ExternalID string // the shop's own id of its user
	Email      string
	Phone      string
	Name       string // taken where the desk knows none
	Locale     string
}

// Empty tells that the reference says nothing at all.
func (r ContactRef) Empty() bool { return r == ContactRef{} }

// identities are what the reference says of her, the surest first.
func (r ContactRef) identities() (list []NewIdentity) {
	for _, one := range []NewIdentity{
		{Kind: IdentityShop, Value: r.ExternalID, Verified: true}, {Kind: IdentityEmail, Value: r.Email, Verified: true},
		{Kind: IdentityPhone, Value: r.Phone, Verified: true},
	} {
		if one.Value != "" {
			list = append(list, one)
		}
	}
	return list
}

// ContactForTx gives the living contact whom the shop's systems mean: by ID, else by external id, e-mail or phone, in this
// order. Who is unknown is made known. What is said of her beside becomes hers, verified, unless it is somebody else's
// already: then it stays a claim. created tells that she was made.
//
// A Conflict from concurrent calls (an identity that was made known meanwhile) is worth trying again.
//
// Errors: Invalid (nothing names her, or an address is none; fields contact…), NotFound (the ID), Conflict (erased).
func (s *Service) ContactForTx(tx *gorm.DB, ref ContactRef) (contact *Contact, created bool, err error) {
	c := on(tx)
	one, err := s.person(c, ref)
	if err != nil {
		return nil, false, err
	}
	return s.contactFor(c, ref, one)
}

// person is the reference as a new contact. Errors: Invalid.
func (s *Service) person(c conn, ref ContactRef) (one newPerson, err error) {
	if one.identities, err = s.normalIdentities(c, ref.identities()); err != nil {
		return one, contactField(err)
	}
	if one.name, err = normalLine("contact.name", ref.Name, NameMax); err != nil {
		return one, err
	}
	if ref.ID == 0 && len(one.identities) == 0 {
		return one, fault.InvalidField("contact", "required", "error.contact.reference", nil)
	}
	one.locale = ref.Locale
	return one, nil
}

func (s *Service) contactFor(c conn, ref ContactRef, one newPerson) (contact *Contact, created bool, err error) {
	known, err := s.meant(c, ref.ID, one.identities)
	if err != nil {
		return nil, false, err
	}
	if known == nil {
		made, err := s.createContacts(c, []newPerson{one}, system)
		if err != nil {
			return nil, false, contactField(err)
		}
		return made[0], true, nil
	}
	if err := s.learn(c, known, one.name, one.identities); err != nil {
		return nil, false, err
	}
	return known, false, nil
}

// meant finds the living contact; nil when nobody is known by any of it.
func (s *Service) meant(c conn, contact id.ID, list []NewIdentity) (*Contact, error) {
	for _, one := range list {
		if contact != 0 {
			break
		}
		var err error
		if contact, err = s.holder(c, one); err != nil {
			return nil, err
		}
	}
	if contact == 0 {
		return nil, nil
	}
	p, err := c.heldContact(contact)
	if err != nil {
		return nil, contactField(err)
	}
	if err := p.mustLive(); err != nil {
		return nil, err
	}
	return p, s.openContact(c, p)
}

// learn adds what the desk did not know of her.
func (s *Service) learn(c conn, p *Contact, name string, list []NewIdentity) (err error) {
	if p.Identities, err = s.identities(c, p.ID); err != nil {
		return err
	}
	at := Millis(s.now())
	for _, one := range list {
		if p.has(one) {
			continue
		}
		if holder, err := s.holder(c, one); err != nil {
			return err
		} else if holder != 0 && holder != p.ID {
			one.Verified = false
		}
		if err := s.addIdentity(c, p, one, at); err != nil {
			return err
		}
	}
	if name == "" || p.Name != "" {
		return nil
	}
	p.Name, p.UpdatedAt = name, at
	if p.NameSealed, err = s.sealed(c, p.KeyID, "contacts", "name", p.ID, name); err != nil {
		return err
	}
	if _, err = c.exec(`UPDATE contacts SET name = ?, updated_at = ? WHERE id = ?`, p.NameSealed, at, int64(p.ID)); err != nil {
		return err
	}
	return s.saveNameTokens(c, p)
}

// has tells whether she is known by it already, and as surely.
func (p *Contact) has(n NewIdentity) bool {
	for i := range p.Identities {
		one := &p.Identities[i]
		if one.Kind == n.Kind && one.Value == n.Value {
			return one.Verified || !n.Verified
		}
	}
	return false
}

// contactField names the fields of an error as the outer faces call them: contact.email and not identity.email.
func contactField(err error) error {
	e := fault.As(err)
	if e == nil {
		return err
	}
	names := map[string]string{"identity.shop": "contact.external_id", "identity.email": "contact.email", "identity.phone": "contact.phone", "name": "contact.name"}
	fields := make([]fault.Field, len(e.Fields))
	for i, f := range e.Fields {
		if to, ok := names[f.Name]; ok {
			f.Name = to
		}
		fields[i] = f
	}
	out := *e
	out.Fields = fields
	if e.Kind == fault.NotFound {
		return fault.InvalidField("contact.id", "not_found", e.Key, e.Args)
	}
	return &out
}
