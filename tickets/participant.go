package tickets

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// ParticipantsMax is how many people take part in one ticket, beside its contact.
const ParticipantsMax = 50

// AddParticipantsTx makes contacts take part in a ticket, or in the one that it was merged into, inside a transaction of
// the caller, who knows that by may do so. It gives those who are new there. The ticket's own contact, who takes part
// already and who was erased is passed over; so is whoever comes after the fiftieth. Errors: NotFound (the ticket, a
// contact).
func (s *Service) AddParticipantsTx(tx *gorm.DB, by Actor, ticket id.ID, contacts []id.ID) (added []id.ID, err error) {
	c := on(tx)
	people, err := c.heldContacts(contacts)
	if err != nil {
		return nil, err
	}
	e, err := s.editEnd(c, by, ticket)
	if err != nil {
		return nil, err
	}
	if added, err = e.newHere(people); err != nil {
		return nil, err
	}
	for _, one := range added {
		if err := e.join(one); err != nil {
			return nil, err
		}
	}
	return added, e.save()
}

// AddParticipant makes a contact take part in a ticket. Who takes part already is no error. Errors: Denied, NotFound,
// Conflict ("error.participant.most", "error.participant.own": the ticket's own contact, "error.contact.erased").
func (s *Service) AddParticipant(ctx context.Context, a Actor, ticket, contact id.ID) error {
	return s.work(ctx, a, func(c conn) error {
		p, err := c.heldContact(contact)
		if err != nil {
			return err
		}
		if err := p.mustLive(); err != nil {
			return err
		}
		e, err := s.editEnd(c, a, ticket)
		if err != nil {
			return err
		}
		if e.t.ContactID == p.ID {
			return fault.New(fault.Conflict, "error.participant.own")
		}
		there, err := c.takingPart(e.t.ID)
		if err != nil || slices.Contains(there, p.ID) {
			return err
		}
		if len(there) >= ParticipantsMax {
			full := fault.New(fault.Conflict, "error.participant.most")
			full.Args = map[string]any{"max": ParticipantsMax}
			return full
		}
		if err := e.join(p.ID); err != nil {
			return err
		}
		return e.save()
	})
}

// AddParticipantByEmail is AddParticipant for whoever has an e-mail address; who is not known yet is made known by it, as when a
// mail names her. Errors: Invalid, and those of AddParticipant.
func (s *Service) AddParticipantByEmail(ctx context.Context, a Actor, ticket id.ID, address string) error {
	if _, ok := NormalEmail(address); !ok {
		return fault.InvalidField("who", "invalid", "error.participant.email", nil)
	}
	var who id.ID
	known := func(c conn) error {
		p, err := s.ContactByIdentityTx(c.tx, IdentityEmail, address)
		if p == nil && err == nil {
			p, err = s.CreateContactTx(c.tx, NewContact{Identities: []NewIdentity{{Kind: IdentityEmail, Value: address, Verified: true}}, By: a})
		}
		if err == nil {
			who = p.ID
		}
		return err
	}
	err := s.work(ctx, a, known)
	if fault.Is(err, fault.Conflict) { // somebody else has just made her known
		err = s.work(ctx, a, known)
	}
	if err != nil {
		return err
	}
	return s.AddParticipant(ctx, a, ticket, who)
}

// RemoveParticipant ends that a contact takes part in a ticket and in those that were merged into it. Who does not is no
// error. What she wrote stays. Errors: Denied, NotFound.
func (s *Service) RemoveParticipant(ctx context.Context, a Actor, ticket, contact id.ID) error {
	return s.work(ctx, a, func(c conn) error {
		p, err := c.heldContact(contact)
		if err != nil {
			return err
		}
		e, err := s.editEnd(c, a, ticket)
		if err != nil {
			return err
		}
		all, err := c.mergedTree(e.t.ID)
		if err != nil {
			return err
		}
		in, args := list(all)
		n, err := c.exec(`DELETE FROM ticket_participants WHERE ticket_id IN `+in+` AND contact_id IN (SELECT p.id FROM contacts p WHERE p.id = ? OR p.merged_into = ?)`,
			append(args, int64(p.ID), int64(p.ID))...)
		if n == 0 || err != nil {
			return err
		}
		e.event(EventParticipantOut, p.ID, "")
		return e.save()
	})
}

// Participants gives who takes part in a ticket and in those that were merged into it, beside its contact, in the order
// in which they came, with their identities.
func (s *Service) Participants(ctx context.Context, ticket id.ID) ([]Contact, error) {
	c := on(s.store.Read(ctx))
	people, err := c.takingPart(ticket)
	if err != nil {
		return nil, err
	}
	out := make([]Contact, len(people))
	for i, one := range people {
		p, err := s.ContactTx(c.tx, one)
		if err != nil {
			return nil, err
		}
		out[i] = *p
	}
	return out, nil
}

// IsParticipantTx tells whether a contact takes part in a ticket, or in one that was merged into it; its own contact does.
func (s *Service) IsParticipantTx(tx *gorm.DB, ticket, contact id.ID) (bool, error) {
	c := on(tx)
	p, err := c.livingContact(contact)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	own, err := c.ids(`SELECT t.id FROM tickets t WHERE t.id = ? AND t.contact_id = ?`, int64(ticket), int64(p.ID))
	if len(own) > 0 || err != nil {
		return err == nil, err
	}
	people, err := c.takingPart(ticket)
	return slices.Contains(people, p.ID), err
}
