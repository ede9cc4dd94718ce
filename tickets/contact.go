package tickets

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// NameMax is the longest name of a person, team or inbox, in code points.
const NameMax = 100

// Contact is a person who writes to the desk. Name is sealed in the database with her own data key.
type Contact struct {
	ID         id.ID  `gorm:"primaryKey;autoIncrement:false"`
	KeyID      id.ID  // zero: she was erased
	NameSealed []byte `gorm:"column:name"`
	Name       string `gorm:"-"` // empty: anonymous; the outer face shows "Visitor 7F3A", see VisitorCode
	Locale     string
	VIP        bool `gorm:"column:vip"`
	Blocked    bool
	MergedInto *id.ID
	LastSeenAt int64
	KeptAt     *int64 // since when nobody may erase her, see Keep; nil: she may be
	CreatedAt  int64  `gorm:"autoCreateTime:false"`
	UpdatedAt  int64  `gorm:"autoUpdateTime:false"`

	Identities []Identity `gorm:"-"`
}

// NewContact is what CreateContact needs; everything may be empty, for a visitor of whom nothing is known.
type NewContact struct {
	Name       string
	Locale     string
	Identities []NewIdentity
	By         Actor // who makes her known; zero: she herself
}

// VisitorCode is what a contact without a name is called by: four characters made of her id, which are no secret and
// are not unique.
func VisitorCode(contact id.ID) string {
	return fmt.Sprintf("%04X", uint64(contact)*0x9E3779B97F4A7C15>>48)
}

const selectContact = `SELECT p.id, p.key_id, p.name, p.locale, p.vip, p.blocked, p.merged_into, p.last_seen_at, p.created_at,
 p.updated_at, p.kept_at FROM contacts p`

func (p *Contact) scanned() []any {
	return []any{
		(*int64)(&p.ID), (*int64)(&p.KeyID), &p.NameSealed, &p.Locale, &p.VIP, &p.Blocked, &p.MergedInto, &p.LastSeenAt,
		&p.CreatedAt, &p.UpdatedAt, &p.KeptAt,
	}
}

// contact reads a contact, still sealed. Errors: NotFound.
func (c conn) contact(query string, args ...any) (*Contact, error) {
	p := &Contact{}
	err := c.row(query, args...).Scan(p.scanned()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "error.contact.not_found")
	}
	return p, err
}

// livingContact reads the contact, or the one that she was merged into.
func (c conn) livingContact(contact id.ID) (*Contact, error) {
	for {
		p, err := c.contact(selectContact+` WHERE p.id = ?`, int64(contact))
		if err != nil || p.MergedInto == nil {
			return p, err
		}
		contact = *p.MergedInto
	}
}

// heldContact is livingContact with the row kept from being merged or changed until the transaction ends. Rows of
// contacts that were merged away are not held: a merge changes those too, and the two would wait for each other.
func (c conn) heldContact(contact id.ID) (*Contact, error) {
	for {
		p, err := c.livingContact(contact)
		if err != nil || !c.postgres {
			return p, err
		}
		p, err = c.contact(selectContact+` WHERE p.id = ? FOR SHARE`, int64(p.ID))
		if err != nil || p.MergedInto == nil {
			return p, err
		}
	}
}

// mustLive refuses what would write something new about an erased person.
func (p *Contact) mustLive() error {
	if p.KeyID == 0 {
		return fault.New(fault.Conflict, "error.contact.erased")
	}
	return nil
}

func (s *Service) openContact(c conn, p *Contact) (err error) {
	p.Name, err = s.open(c, "contacts", "name", p.ID, p.NameSealed)
	return err
}

// CreateContact makes a contact with a data key of her own. Errors: Invalid, Conflict (a verified identity is
// somebody else's).
func (s *Service) CreateContact(ctx context.Context, n NewContact) (*Contact, error) {
	var out *Contact
	err := s.store.Write(ctx, func(tx *gorm.DB) (err error) {
		out, err = s.CreateContactTx(tx, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// CreateContactTx is CreateContact inside a transaction of the caller, which has looked with ContactByIdentityTx before.
// A Conflict says that somebody else has just made the same contact known: roll back and look again.
func (s *Service) CreateContactTx(tx *gorm.DB, n NewContact) (*Contact, error) {
	c := on(tx)
	identities, err := s.normalIdentities(c, n.Identities)
	if err != nil {
		return nil, err
	}
	name, err := normalLine("name", n.Name, NameMax)
	if err != nil {
		return nil, err
	}
	if err := s.mustBeFree(c, identities); err != nil {
		return nil, err
	}
	list, err := s.createContacts(c, []newPerson{{name, n.Locale, identities}}, n.By)
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// Contact gives a contact with her identities; one that was merged into another is given as she is kept, with
// MergedInto. Errors: NotFound.
func (s *Service) Contact(ctx context.Context, contact id.ID) (*Contact, error) {
	return s.ContactTx(s.store.Read(ctx), contact)
}

// ContactTx is Contact within a transaction.
func (s *Service) ContactTx(tx *gorm.DB, contact id.ID) (*Contact, error) {
	c := on(tx)
	p, err := c.contact(selectContact+` WHERE p.id = ?`, int64(contact))
	if err != nil {
		return nil, err
	}
	if err := s.openContact(c, p); err != nil {
		return nil, err
	}
	p.Identities, err = s.identities(c, p.ID)
	return p, err
}

// Aliases gives the contacts that were merged into this one.
func (s *Service) Aliases(ctx context.Context, contact id.ID) ([]id.ID, error) {
	return on(s.store.Read(ctx)).ids(`SELECT p.id FROM contacts p WHERE p.merged_into = ? ORDER BY p.id`, int64(contact))
}
