package tickets

import (
	"errors"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// IdentityKind is what an identity is.
type IdentityKind string

// The kinds of identity. Shop is the shop's own id of the user.
const (
	IdentityShop    IdentityKind = "shop"
	IdentityEmail   IdentityKind = "email"
	IdentityPhone   IdentityKind = "phone"
	IdentityOpenID  IdentityKind = "wechat_openid"
	IdentityUnionID IdentityKind = "wechat_unionid"
	IdentityOther   IdentityKind = "other"
)

// claimsMax is how many unverified identities are kept of a contact: the newest ones.
const claimsMax = 20

// Identity is one way to know a contact. Only a verified one identifies her; a claim is shown as "not verified", and
// agents may find tickets by it.
type Identity struct {
	ID          id.ID `gorm:"primaryKey;autoIncrement:false"`
	ContactID   id.ID
	Kind        IdentityKind
	Hash        []byte // keyed hash of the normal form, unique among verified ones of its kind
	ValueSealed []byte `gorm:"column:value"`
	Value       string `gorm:"-"` // normal form: lower-case e-mail, E.164 phone
	Last4       []byte // keyed hash of a phone's last four digits
	Verified    bool
	CreatedAt   int64 `gorm:"autoCreateTime:false"`
}

// TableName is the identities' table.
func (Identity) TableName() string { return "contact_identities" }

// NewIdentity is an identity as it comes in.
type NewIdentity struct {
	Kind     IdentityKind
	Value    string
	Verified bool // known to be hers: signed by the shop, or confirmed
	// Virtual marks a phone number that only forwards for a while (隐私号). It is shown but never verified.
	Virtual bool
}

// ContactByIdentityTx gives the living contact who is known by a verified identity, or nil. A value that cannot be one
// of its kind finds nobody.
func (s *Service) ContactByIdentityTx(tx *gorm.DB, kind IdentityKind, value string) (*Contact, error) {
	c := on(tx)
	normal, err := s.normalIdentity(c, NewIdentity{Kind: kind, Value: value})
	switch {
	case fault.Is(err, fault.Invalid):
		return nil, nil
	case err != nil:
		return nil, err
	}
	contact, err := s.holder(c, normal)
	if contact == 0 || err != nil {
		return nil, err
	}
	p, err := c.livingContact(contact)
	if err != nil {
		return nil, err
	}
	return p, s.openContact(c, p)
}

// AddIdentityTx adds an identity to a contact. One that she has already becomes verified if the new one is; it never
// becomes a claim again. Errors: Invalid, NotFound, Conflict (verified, and somebody else's; nothing was changed then).
func (s *Service) AddIdentityTx(tx *gorm.DB, contact id.ID, n NewIdentity) error {
	c := on(tx)
	normal, err := s.normalIdentity(c, n)
	if err != nil {
		return err
	}
	p, err := c.heldContact(contact)
	if err != nil {
		return err
	}
	return s.addIdentity(c, p, normal, Millis(s.now()))
}

const insertIdentity = `INSERT INTO contact_identities (id, contact_id, kind, hash, value, last4, verified, created_at)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?)`

func (i *Identity) values() []any {
	return []any{int64(i.ID), int64(i.ContactID), string(i.Kind), i.Hash, i.ValueSealed, i.Last4, i.Verified, i.CreatedAt}
}

// newIdentity makes the row of an identity, sealed.
func (s *Service) newIdentity(c conn, p *Contact, n NewIdentity, at int64) (row Identity, err error) {
	row = Identity{ID: s.ids.Next(), ContactID: p.ID, Kind: n.Kind, Hash: s.identityHash(n), Value: n.Value, Verified: n.Verified, CreatedAt: at}
	if n.Kind == IdentityPhone {
		row.Last4 = s.seal.Hash(hashLast4, lastRunes(n.Value, 4))
	}
	row.ValueSealed, err = s.sealed(c, p.KeyID, "contact_identities", "value", row.ID, n.Value)
	return row, err
}

func (s *Service) addIdentity(c conn, p *Contact, n NewIdentity, at int64) error {
	row, err := s.newIdentity(c, p, n, at)
	if err != nil {
		return err
	}
	added, err := c.exec(insertIdentity+` ON CONFLICT DO NOTHING`, row.values()...)
	if err != nil {
		return err
	}
	if added == 1 {
		p.Identities = append(p.Identities, row)
		if row.Verified {
			return nil
		}
		return c.forgetOldClaims(p.ID)
	}
	if !n.Verified {
		return nil // hers already
	}
	if holder, err := s.holder(c, n); err != nil || holder == p.ID {
		return err
	} else if holder != 0 {
		return identityTaken(n)
	}
	_, err = c.exec(`UPDATE contact_identities SET verified = ? WHERE contact_id = ? AND kind = ? AND hash = ?`,
		true, int64(p.ID), string(n.Kind), row.Hash)
	if isDuplicate(err) {
		return identityTaken(n)
	}
	return err
}

func (c conn) forgetOldClaims(contact id.ID) error {
	_, err := c.exec(`DELETE FROM contact_identities WHERE contact_id = ? AND NOT verified AND id NOT IN
 (SELECT i.id FROM contact_identities i WHERE i.contact_id = ? AND NOT i.verified ORDER BY i.id DESC LIMIT ?)`,
		int64(contact), int64(contact), claimsMax)
	return err
}

// holder gives the contact whose verified identity this is, or zero.
func (s *Service) holder(c conn, n NewIdentity) (id.ID, error) {
	found, err := c.ids(`SELECT i.contact_id FROM contact_identities i WHERE i.kind = ? AND i.hash = ? AND i.verified`,
		string(n.Kind), s.identityHash(n))
	if len(found) == 0 || err != nil {
		return 0, err
	}
	return found[0], nil
}

// mustBeFree refuses verified identities that are somebody's.
func (s *Service) mustBeFree(c conn, identities []NewIdentity) error {
	for _, n := range identities {
		if !n.Verified {
			continue
		}
		if holder, err := s.holder(c, n); err != nil {
			return err
		} else if holder != 0 {
			return identityTaken(n)
		}
	}
	return nil
}

func identityTaken(n NewIdentity) error {
	err := fault.InvalidField("identity."+string(n.Kind), "taken", "error.identity.taken", nil)
	err.Kind = fault.Conflict
	return err
}

func (s *Service) identityHash(n NewIdentity) []byte {
	return s.seal.Hash(hashIdentity+string(n.Kind), n.Value)
}

// identities gives a contact's identities, opened, verified ones first.
func (s *Service) identities(c conn, contact id.ID) ([]Identity, error) {
	var out []Identity
	err := c.each(func(scan func(...any) error) error {
		i := Identity{ContactID: contact}
		err := scan((*int64)(&i.ID), (*string)(&i.Kind), &i.Hash, &i.ValueSealed, &i.Last4, &i.Verified, &i.CreatedAt)
		out = append(out, i)
		return err
	}, `SELECT i.id, i.kind, i.hash, i.value, i.last4, i.verified, i.created_at FROM contact_identities i
 WHERE i.contact_id = ? ORDER BY i.verified DESC, i.id`, int64(contact))
	for n := range out {
		var failed error
		out[n].Value, failed = s.open(c, "contact_identities", "value", out[n].ID, out[n].ValueSealed)
		err = errors.Join(err, failed)
	}
	return out, err
}
