package tickets

import (
	"slices"

	"huiyin/tickets/id"
)

// editEnd begins an edit of a ticket, or of the one that it was merged into, under its lock. Errors: NotFound.
func (s *Service) editEnd(c conn, a Actor, ticket id.ID) (*edit, error) {
	end, err := c.endOfMerges(ticket)
	if err != nil {
		return nil, err
	}
	t, err := s.locked(c, end)
	if err != nil {
		return nil, err
	}
	return s.begin(c, t, a, Millis(s.now())), nil
}

// heldContacts gives those whom the contacts have become and who were not erased, held as heldContact does, in the order
// of their ids.
func (c conn) heldContacts(contacts []id.ID) (out []id.ID, err error) {
	for _, one := range unique(contacts) {
		p, err := c.heldContact(one)
		if err != nil {
			return nil, err
		}
		if p.KeyID != 0 {
			out = append(out, p.ID)
		}
	}
	return unique(out), nil
}

// newHere gives those of the contacts who can be added to the edit's ticket.
func (e *edit) newHere(people []id.ID) ([]id.ID, error) {
	there, err := e.c.takingPart(e.t.ID)
	if err != nil {
		return nil, err
	}
	var out []id.ID
	for _, one := range people {
		if one != e.t.ContactID && !slices.Contains(there, one) && len(there)+len(out) < ParticipantsMax {
			out = append(out, one)
		}
	}
	return out, nil
}

// join notes that a contact takes part, with its event.
func (e *edit) join(contact id.ID) error {
	e.event(EventParticipantIn, contact, "")
	return e.c.insertParticipant(e.t.ID, contact, e.actor, e.at)
}

func (c conn) insertParticipant(ticket, contact id.ID, by Actor, at int64) error {
	_, err := c.exec(`INSERT INTO ticket_participants (ticket_id, contact_id, created_at, actor_kind, actor_id) VALUES (?, ?, ?, ?, ?)
 ON CONFLICT (ticket_id, contact_id) DO NOTHING`, int64(ticket), int64(contact), at, string(by.Kind), int64(by.ID))
	return err
}

// mergedTree gives a ticket and all that were merged into it, also by way of another.
func (c conn) mergedTree(ticket id.ID) ([]id.ID, error) {
	return c.ids(`WITH RECURSIVE part(id) AS (SELECT CAST(? AS BIGINT) UNION SELECT t.id FROM tickets t JOIN part ON t.merged_into = part.id)
 SELECT part.id FROM part`, int64(ticket))
}

// takingPart gives who takes part in a ticket and what was merged into it, beside its contact, in the order in which they
// came. Somebody who was merged into another stands for her; who was erased is nobody.
func (c conn) takingPart(ticket id.ID) ([]id.ID, error) {
	all, err := c.mergedTree(ticket)
	if err != nil {
		return nil, err
	}
	in, args := list(all)
	return c.ids(`SELECT p.id FROM ticket_participants x JOIN contacts q ON q.id = x.contact_id JOIN contacts p ON p.id = COALESCE(q.merged_into, q.id)
 WHERE x.ticket_id IN `+in+` AND p.key_id <> 0 AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.id = ? AND t.contact_id = p.id)
 GROUP BY p.id ORDER BY MIN(x.created_at), p.id`, append(args, int64(ticket))...)
}

// mergeParticipants gives what one contact takes part in, and what she wrote in tickets of others, to another.
func (c conn) mergeParticipants(from, to int64) error {
	for _, step := range []struct {
		text string
		args []any
	}{
		{`DELETE FROM ticket_participants WHERE contact_id = ? AND EXISTS (SELECT 1 FROM ticket_participants o
 WHERE o.ticket_id = ticket_participants.ticket_id AND o.contact_id = ?)`, []any{from, to}},
		{`UPDATE ticket_participants SET contact_id = ? WHERE contact_id = ?`, []any{to, from}},
		{`DELETE FROM ticket_participants WHERE contact_id = ? AND EXISTS (SELECT 1 FROM tickets t
 WHERE t.id = ticket_participants.ticket_id AND t.contact_id = ticket_participants.contact_id)`, []any{to}},
		{`UPDATE messages SET guest_id = ? WHERE guest_id = ?`, []any{to, from}},
		{`UPDATE messages SET guest_id = NULL WHERE guest_id = ? AND EXISTS (SELECT 1 FROM tickets t
 WHERE t.id = messages.ticket_id AND t.contact_id = messages.guest_id)`, []any{to}},
	} {
		if _, err := c.exec(step.text, step.args...); err != nil {
			return err
		}
	}
	return nil
}
