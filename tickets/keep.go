package tickets

import (
	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// KeepTx puts a contact under legal hold, or takes her from it: while it lasts neither a retention rule nor a person
// erases her. It tells whether that was news. Errors: Denied (managers and administrators may), NotFound, Conflict (she
// was erased).
func (s *Service) KeepTx(tx *gorm.DB, a Actor, contact id.ID, keep bool) (changed bool, err error) {
	c := on(tx)
	if err := c.mayErase(a); err != nil {
		return false, err
	}
	p, err := c.contactForErasure(contact)
	if err == nil {
		err = p.mustLive()
	}
	if err != nil || keep == (p.KeptAt != nil) {
		return false, err
	}
	at := Millis(s.now())
	var since *int64
	if keep {
		since = &at
	}
	if _, err := c.exec(`UPDATE contacts SET kept_at = ?, updated_at = ? WHERE id = ?`, since, at, int64(p.ID)); err != nil {
		return false, err
	}
	return true, s.log(c, a, EventContactUpdated, p.ID, "", at)
}

// mayForget refuses to erase whom somebody has put under legal hold. Whose key a restore has not brought back is
// forgotten already.
func (p *Contact) mayForget(why ErasureReason) error {
	if p.KeptAt != nil && p.KeyID != 0 && why != ErasedByRestore {
		return fault.New(fault.Conflict, "error.contact.kept")
	}
	return nil
}
