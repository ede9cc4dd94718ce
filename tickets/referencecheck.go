package tickets

import (
	"context"

	"huiyin/tickets/fault"
)

// CheckContactRef tells whether ContactForTx would take a reference now, without making anybody known: who stores many things
// in pieces asks before the first. Errors: Invalid (fields contact…; an erased contact is one too).
func (s *Service) CheckContactRef(ctx context.Context, ref ContactRef) error {
	c := on(s.store.Read(ctx))
	list, err := s.normalIdentities(c, ref.identities())
	if err != nil {
		return contactField(err)
	}
	if _, err := normalLine("contact.name", ref.Name, NameMax); err != nil {
		return err
	}
	if ref.ID == 0 {
		if len(list) == 0 {
			return fault.InvalidField("contact", "required", "error.contact.reference", nil)
		}
		return nil
	}
	p, err := c.livingContact(ref.ID)
	if err != nil {
		return contactField(err)
	}
	if p.KeyID == 0 {
		return fault.InvalidField("contact.id", "erased", "error.contact.erased", nil)
	}
	return nil
}
