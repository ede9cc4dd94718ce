package tickets

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// EmptyTicketTx takes a piece of a finished ticket's texts, so that its contact stays and what was said is gone: messages
// after a place in it first, then the ticket's own texts, files, drafts and links. next is where the next call goes on,
// -1 at the end. The rows stay, so that every count stays. It tells that there was nothing to do (false) when the ticket
// is worked on again, was changed since before, or its contact is under legal hold.
func (s *Service) EmptyTicketTx(tx *gorm.DB, ticket id.ID, before, after int64) (next int64, done bool, err error) {
	c := on(tx)
	t, err := c.ticket(c.lock(selectTicket+` WHERE t.id = ?`, "t"), int64(ticket))
	if t == nil || err != nil {
		return -1, false, err
	}
	if t.Status.Active() || t.UpdatedAt >= before || t.EmptiedAt != nil {
		return -1, false, nil
	}
	p, err := c.livingContact(t.ContactID)
	if err != nil || p.KeptAt != nil {
		return -1, false, err
	}
	if next, err = s.emptyPiece(c, ticket, after); err != nil || next >= 0 {
		return next, true, err
	}
	return -1, true, c.emptyTickets(`= ?`, Millis(s.now()), int64(ticket))
}

// emptyTickets takes what hangs on finished tickets beside their messages.
func (c conn) emptyTickets(which string, at int64, args ...any) error {
	for _, text := range []string{
		`DELETE FROM drafts WHERE ticket_id `, `DELETE FROM ticket_links WHERE ticket_id `, `DELETE FROM text_wishes WHERE ticket_id `,
		`DELETE FROM undelivered WHERE ticket_id `, `UPDATE ratings SET comment = NULL WHERE ticket_id `,
	} {
		if _, err := c.exec(text+which, args...); err != nil {
			return err
		}
	}
	if _, err := c.exec(`UPDATE attachments SET state = 'gone', message_id = NULL, name = ? WHERE ticket_id `+which, slices.Concat([]any{[]byte{}}, args)...); err != nil {
		return err
	}
	_, err := c.exec(`UPDATE tickets SET subject = NULL, order_no = NULL, order_hash = NULL, order_last = NULL, order_verified = ?, page_url = NULL,
 page_title = NULL, preview = NULL, emptied_at = ? WHERE id `+which, slices.Concat([]any{false, at}, args)...)
	return err
}

// LockContactTx keeps a contact from being written to, merged or changed until the transaction ends, and gives her.
// Errors: NotFound.
func (s *Service) LockContactTx(tx *gorm.DB, contact id.ID) (*Contact, error) {
	c := on(tx)
	return c.contact(c.lock(selectContact+` WHERE p.id = ?`, "p"), int64(contact))
}

// DropVisitorTx deletes a contact who has no ticket, whose row was locked, with her keys and all that hangs on her, and
// those who were merged into her. It gives all of them.
func (s *Service) DropVisitorTx(tx *gorm.DB, visitor id.ID) ([]id.ID, error) {
	c, at := on(tx), Millis(s.now())
	merged, err := c.ids(`SELECT p.id FROM contacts p WHERE p.merged_into = ? ORDER BY p.id`, int64(visitor))
	if err != nil {
		return nil, err
	}
	all := append([]id.ID{visitor}, merged...)
	for _, one := range all {
		if err := s.seal.DropContactKeys(tx, one); err != nil {
			return nil, err
		}
	}
	if err := c.forgetPerson(all, at); err != nil {
		return nil, err
	}
	in, args := list(all)
	if _, err := c.exec(`DELETE FROM contacts WHERE id IN `+in, args...); err != nil {
		return nil, err
	}
	return all, s.log(c, system, EventContactErased, visitor, "", at)
}

// SizesOf gives how many places the tickets' timelines have, for who works on several at once.
func (s *Service) SizesOf(ctx context.Context, tickets []id.ID) (map[id.ID]int64, error) {
	out := map[id.ID]int64{}
	in, args := list(tickets)
	err := on(s.store.Read(ctx)).each(func(scan func(...any) error) error {
		var one id.ID
		var places int64
		err := scan((*int64)(&one), &places)
		out[one] = places
		return err
	}, `SELECT t.id, t.last_pos FROM tickets t WHERE t.id IN `+in, args...)
	return out, err
}
