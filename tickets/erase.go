package tickets

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// ErasureReason says why a person was erased, in a word.
type ErasureReason string

// The reasons.
const (
	ErasedOnRequest ErasureReason = "request"  // she asked for it
	ErasedUnneeded  ErasureReason = "unneeded" // the desk has no use for it any more
	ErasedByRestore ErasureReason = "restore"  // she was erased after the backup that was put back
	ErasedByRule    ErasureReason = "rule"     // a retention rule of the desk
)

// Erased is whom an erasure concerns, for those who keep something of hers elsewhere.
type Erased struct {
	Contacts []id.ID // she, then the contacts that were merged into her
	Tickets  []id.ID
	ShopKeys [][]byte // of the shop's ids of her, by which others may keep something (ShopKey)
	Already  bool     // she had been erased before: nothing was done
}

// EraseContactTx makes a person unreadable, for good: her data keys are dropped, her name, identities, search tokens and
// consents deleted, and her tickets lose their texts, order hashes, drafts and links, all at once. From then on nobody can
// add anything of hers: the key of her and her tickets is none. Tickets, messages, ratings and events stay as rows, so
// that every count stays; EmptyMessages takes from the messages what is sealed or hashed in them, which may be many, and
// EndErasure closes the matter. Doing it again changes nothing.
//
// Errors: Denied (managers, administrators and the desk itself may), NotFound, Conflict (she is under legal hold).
func (s *Service) EraseContactTx(tx *gorm.DB, a Actor, contact id.ID, why ErasureReason) (Erased, error) {
	c, at := on(tx), Millis(s.now())
	if err := c.mayErase(a); err != nil {
		return Erased{}, err
	}
	p, err := c.contactForErasure(contact)
	if err == nil {
		err = p.mayForget(why)
	}
	if err != nil {
		return Erased{}, err
	}
	merged, err := c.ids(`SELECT p.id FROM contacts p WHERE p.merged_into = ? ORDER BY p.id`, int64(p.ID))
	if err != nil {
		return Erased{}, err
	}
	out := Erased{Contacts: append([]id.ID{p.ID}, merged...), Already: p.KeyID == 0}
	if out.Already {
		return out, nil
	}
	// Under their locks: a message on its way either is stored before this, or finds no key after it.
	out.Tickets, err = c.ids(c.lock(`SELECT t.id FROM tickets t WHERE t.contact_id = ? ORDER BY t.id`, "t"), int64(p.ID))
	if err != nil {
		return Erased{}, err
	}
	for _, one := range out.Contacts {
		if err := s.seal.DropContactKeys(tx, one); err != nil {
			return Erased{}, err
		}
	}
	if out.ShopKeys, err = c.shopKeys(out.Contacts); err != nil {
		return Erased{}, err
	}
	if err := c.forgetPerson(out.Contacts, at); err != nil {
		return Erased{}, err
	}
	if err := c.forgetTickets(p.ID); err != nil {
		return Erased{}, err
	}
	if _, err := c.exec(`INSERT INTO erasures (contact_id, actor_kind, actor_id, reason, created_at) VALUES (?, ?, ?, ?, ?)
 ON CONFLICT (contact_id) DO UPDATE SET done_at = NULL`, int64(p.ID), string(a.Kind), int64(a.ID), string(why), at); err != nil {
		return Erased{}, err
	}
	return out, s.log(c, a, EventContactErased, p.ID, "", at)
}

func (c conn) mayErase(a Actor) error {
	if a.Kind == ActorAgent && a.Role != RoleManager && a.Role != RoleAdmin {
		return fault.New(fault.Denied, "error.denied")
	}
	return c.mayWork(a)
}

// contactForErasure gives the living contact, locked.
func (c conn) contactForErasure(contact id.ID) (*Contact, error) {
	for {
		p, err := c.livingContact(contact)
		if err != nil {
			return nil, err
		}
		p, err = c.contact(c.lock(selectContact+` WHERE p.id = ?`, "p"), int64(p.ID))
		if err != nil || p.MergedInto == nil {
			return p, err
		}
	}
}

// forgetPerson deletes what says who she is.
func (c conn) forgetPerson(contacts []id.ID, at int64) error {
	in, args := list(contacts)
	for _, text := range []string{
		`DELETE FROM contact_identities WHERE contact_id IN ` + in, `DELETE FROM contact_tokens WHERE contact_id IN ` + in,
		`DELETE FROM contact_consents WHERE contact_id IN ` + in, `DELETE FROM ticket_participants WHERE contact_id IN ` + in,
	} {
		if _, err := c.exec(text, args...); err != nil {
			return err
		}
	}
	if _, err := c.exec(`UPDATE attachments SET state = 'gone', message_id = NULL, name = ? WHERE contact_id IN `+in,
		slices.Concat([]any{[]byte{}}, args)...); err != nil {
		return err
	}
	_, err := c.exec(`UPDATE contacts SET key_id = 0, name = NULL, locale = '', vip = ?, kept_at = NULL, updated_at = ? WHERE id IN `+in,
		slices.Concat([]any{false, at}, args)...)
	return err
}

// forgetTickets takes from a contact's tickets what was said in them, as far as it does not hang on messages.
func (c conn) forgetTickets(contact id.ID) error {
	const hers = ` IN (SELECT t.id FROM tickets t WHERE t.contact_id = ?)`
	for _, text := range []string{
		`DELETE FROM drafts WHERE ticket_id` + hers, `DELETE FROM ticket_links WHERE ticket_id` + hers,
		`DELETE FROM text_wishes WHERE ticket_id` + hers, `DELETE FROM undelivered WHERE ticket_id` + hers,
		`UPDATE ratings SET comment = NULL WHERE ticket_id` + hers,
	} {
		if _, err := c.exec(text, int64(contact)); err != nil {
			return err
		}
	}
	if _, err := c.exec(`UPDATE attachments SET state = 'gone', message_id = NULL, name = ? WHERE ticket_id`+hers, []byte{}, int64(contact)); err != nil {
		return err
	}
	_, err := c.exec(`UPDATE tickets SET key_id = 0, subject = NULL, order_no = NULL, order_hash = NULL, order_last = NULL,
 order_verified = ?, page_url = NULL, page_title = NULL, preview = NULL WHERE contact_id = ?`, false, int64(contact))
	return err
}

// KeylessContacts gives contacts after one, in order of their ids, who are not marked as erased and whose data key is
// gone all the same: a backup was put back that is older than their erasure. last is where the next call goes on; zero:
// there are no more.
func (s *Service) KeylessContacts(ctx context.Context, after id.ID, limit int) (found []id.ID, last id.ID, err error) {
	c := on(s.store.Read(ctx))
	owner := map[id.ID]id.ID{}
	var keys []id.ID
	seen := 0
	err = c.each(func(scan func(...any) error) error {
		var contact, key id.ID
		if err := scan((*int64)(&contact), (*int64)(&key)); err != nil {
			return err
		}
		seen, last = seen+1, contact
		if key != 0 {
			owner[key], keys = contact, append(keys, key)
		}
		return nil
	}, `SELECT p.id, p.key_id FROM contacts p WHERE p.id > ? AND p.merged_into IS NULL ORDER BY p.id LIMIT ?`, int64(after), limit)
	if err != nil || len(keys) == 0 {
		return nil, last, err
	}
	missing, err := s.seal.Missing(c.tx, keys)
	for _, key := range missing {
		found = append(found, owner[key])
	}
	if seen < limit {
		last = 0
	}
	return found, last, err
}
