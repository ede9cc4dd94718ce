package tickets

import (
	"context"
	"errors"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// movePlan is what is done before the transaction of a move: files that lie under the key of another person than the
// target's contact are copied for her, so that whoever is erased takes hers with her. Copies that are not used in the end
// are swept like uploads that were never sent.
type movePlan struct {
	from    id.ID // the ticket where the message stands
	author  id.ID // who wrote it
	contact id.ID // whose ticket the target is
	files   []id.ID
}

// planMove looks at what is to be moved and copies its files where that must be. Errors: those of MoveMessage.
func (s *Service) planMove(ctx context.Context, a Actor, message, into id.ID) (*movePlan, error) {
	c := on(s.store.Read(ctx))
	if err := c.mayWork(a); err != nil {
		return nil, err
	}
	m, err := s.Message(ctx, message)
	if err != nil {
		return nil, err
	}
	if err := movable(m); err != nil {
		return nil, err
	}
	p := &movePlan{from: m.TicketID, author: m.AuthorID}
	if p.contact, err = s.targetContact(c, m, into); err != nil {
		return nil, err
	}
	p.files, err = s.filesUnder(ctx, c, m, p.contact)
	return p, err
}

// filesUnder gives the message's files under the key of a contact: themselves, or copies.
func (s *Service) filesUnder(ctx context.Context, c conn, m *Message, contact id.ID) (files []id.ID, err error) {
	for i := range m.Attachments {
		f := &m.Attachments[i]
		owner, err := s.seal.Owner(c.tx, f.KeyID)
		if err != nil {
			return nil, err
		}
		if owner != contact {
			if f, err = s.copyFile(ctx, f, contact); err != nil {
				return nil, err
			}
		}
		files = append(files, f.ID)
	}
	return files, nil
}

// targetContact gives whose ticket a message would go into.
func (s *Service) targetContact(c conn, m *Message, into id.ID) (id.ID, error) {
	if into == 0 {
		p, err := c.livingContact(m.AuthorID)
		if err != nil {
			return 0, err
		}
		return p.ID, p.mustLive()
	}
	end, err := c.endOfMerges(into)
	if err != nil {
		return 0, err
	}
	t, err := s.oneOf(c, end)
	if err != nil {
		return 0, err
	}
	if t.ID == m.TicketID {
		return 0, fault.New(fault.Conflict, "error.move.same")
	}
	if t.KeyID == 0 {
		return 0, fault.New(fault.Conflict, "error.contact.erased")
	}
	return t.ContactID, nil
}

// filesFor gives the files that were made ready for a message whose ticket is this contact's. errMoved: they were made
// ready for another.
func (p *movePlan) filesFor(contact id.ID, m *Message) ([]id.ID, error) {
	if contact != p.contact || len(p.files) != len(m.Attachments) {
		return nil, errMoved
	}
	return p.files, nil
}

// noCopies is Options.CopyFile of a desk without files.
func noCopies(context.Context, *Attachment, id.ID) (*Attachment, error) {
	return nil, errors.New("tickets: no way to copy a file was given")
}
