package privacy

import (
	"archive/zip"
	"context"
	"fmt"
	"io"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Export is all that the desk keeps of a person, ready to be written.
type Export struct {
	s        *Service
	Contact  *tickets.Contact
	Consents []tickets.Consent
	Options  ExportOptions
}

// ExportOptions is what an export holds beside what she could see herself.
type ExportOptions struct {
	Notes bool // what the desk's people wrote to each other in her tickets
}

// Export gathers who a person is. What was said is read while it is written, so that memory stays small however much it
// is. Errors: NotFound, Conflict (she was erased: there is nothing).
func (s *Service) Export(ctx context.Context, contact id.ID, o ExportOptions) (*Export, error) {
	p, err := s.Living(ctx, contact)
	if err != nil {
		return nil, err
	}
	if p.KeyID == 0 {
		return nil, fault.New(fault.Conflict, "error.contact.erased")
	}
	consents, err := s.Tickets.Consents(ctx, p.ID)
	return &Export{s, p, consents, o}, err
}

// Living gives the contact, or the one that she was merged into.
func (s *Service) Living(ctx context.Context, contact id.ID) (*tickets.Contact, error) {
	for {
		p, err := s.Tickets.Contact(ctx, contact)
		if err != nil || p.MergedInto == nil {
			return p, err
		}
		contact = *p.MergedInto
	}
}

// WriteTo writes a ZIP file: index.html for a person, in the contact's language and without a script, data.json for a
// program, and her files, with the HTML of mails, under files/.
func (e *Export) WriteTo(ctx context.Context, w io.Writer) error {
	z := zip.NewWriter(w)
	for name, write := range map[string]func(context.Context, io.Writer) error{"index.html": e.page, "data.json": e.data} {
		f, err := z.Create(name)
		if err == nil {
			err = write(ctx, f)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	files := func(m *tickets.Message) error {
		for i := range m.Attachments {
			if err := e.file(ctx, z, &m.Attachments[i]); err != nil {
				return err
			}
		}
		return e.mailHTML(ctx, z, m)
	}
	err := e.walk(ctx, walker{message: files})
	if err == nil {
		err = e.elsewhere(ctx, files)
	}
	if err != nil {
		return fmt.Errorf("write the files: %w", err)
	}
	return z.Close()
}

func (e *Export) file(ctx context.Context, z *zip.Writer, a *tickets.Attachment) error {
	content, err := e.s.OpenFile(ctx, a)
	if fault.Is(err, fault.NotFound) {
		return nil // recalled a moment ago
	}
	if err != nil {
		return err
	}
	defer content.Close() //nolint:errcheck // read only
	f, err := z.Create(fileName(a))
	if err == nil {
		_, err = io.Copy(f, content)
	}
	return err
}

// fileName is a file's place in the ZIP: its id keeps two of one name apart. Names were made harmless when they came.
func fileName(a *tickets.Attachment) string { return "files/" + a.ID.String() + "-" + a.Name }

// walker is told what there is, in order.
type walker struct {
	begin   func(t *tickets.Ticket, r *tickets.Rating, wish *tickets.TextWish) error
	message func(m *tickets.Message) error
	end     func() error
}

// walk goes through her tickets and what she could see in them; internal notes are not hers, unless they were asked for.
func (e *Export) walk(ctx context.Context, w walker) error {
	for after := id.ID(0); ; {
		list, err := e.s.Tickets.ContactTickets(ctx, e.Contact.ID, 0, after, piece)
		if err != nil {
			return err
		}
		for i := range list {
			after = list[i].ID
			if err := e.walkTicket(ctx, &list[i], w); err != nil {
				return err
			}
		}
		if len(list) < piece {
			return nil
		}
	}
}

func (e *Export) walkTicket(ctx context.Context, t *tickets.Ticket, w walker) error {
	if w.begin != nil {
		r, err := e.s.Tickets.Rating(ctx, t.ID)
		if err != nil {
			return err
		}
		wish, err := e.s.Tickets.TextWish(ctx, t.ID)
		if err != nil {
			return err
		}
		if err := w.begin(t, r, wish); err != nil {
			return err
		}
	}
	for after := int64(0); ; {
		list, err := e.said(ctx, t.ID, after)
		if err != nil {
			return err
		}
		for i := range list {
			after = list[i].Pos
			if err := w.message(&list[i]); err != nil {
				return err
			}
		}
		if len(list) < piece {
			break
		}
	}
	if w.end == nil {
		return nil
	}
	return w.end()
}

// elsewhere goes through what she wrote in tickets of others, and nothing else that was said there.
func (e *Export) elsewhere(ctx context.Context, message func(m *tickets.Message) error) error {
	for after := id.ID(0); ; {
		list, err := e.s.Tickets.GuestMessages(ctx, e.Contact.ID, after, piece)
		if err != nil {
			return err
		}
		for i := range list {
			after = list[i].ID
			if err := message(&list[i]); err != nil {
				return err
			}
		}
		if len(list) < piece {
			return nil
		}
	}
}

// said gives the next messages of a ticket after a place in it.
func (e *Export) said(ctx context.Context, ticket id.ID, after int64) ([]tickets.Message, error) {
	return e.s.Tickets.Said(ctx, ticket, after, piece, e.Options.Notes)
}
