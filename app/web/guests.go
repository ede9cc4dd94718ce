package web

import (
	"context"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// guests names the contacts who write or take part in these places of a timeline, and are not the ticket's own.
func (s *Server) guests(ctx context.Context, w *Words, entries []tickets.Entry) (map[id.ID]string, error) {
	names := map[id.ID]string{}
	name := func(who, as id.ID) error {
		if _, known := names[as]; known {
			return nil
		}
		c, err := s.Tickets.Contact(ctx, who)
		if err == nil {
			names[as] = contactName(w, c.Name, tickets.VisitorCode(c.ID))
		}
		return err
	}
	for _, e := range entries {
		err := error(nil)
		switch m := e.Message; {
		case m != nil && m.GuestID != nil:
			err = name(*m.GuestID, m.AuthorID)
		case e.Event.SubjectID != nil && (e.Event.Type == tickets.EventParticipantIn || e.Event.Type == tickets.EventParticipantOut):
			err = name(*e.Event.SubjectID, *e.Event.SubjectID)
		}
		if err != nil {
			return nil, err
		}
	}
	return names, nil
}

// guestName is what a guest is called on the page of a ticket's contact.
func (s *Server) guestName(ctx context.Context, w *Words, guest id.ID) (string, error) {
	c, err := s.Tickets.Contact(ctx, guest)
	if err != nil {
		return "", err
	}
	if c.Name == "" {
		return w.T("page.guest"), nil
	}
	return c.Name, nil
}
