package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// namesakesLooked is how many tickets are looked through for people of a name.
const namesakesLooked = 50

func (s *Server) participantRoutes() []route {
	return []route{
		{http.MethodPost, "/tickets/:number/participants", agent, limitWrite, s.addParticipant},
		{http.MethodPost, "/tickets/:number/participants/removal", agent, limitWrite, s.removeParticipant},
	}
}

// participantView is somebody who takes part in a ticket, beside its contact.
type participantView struct {
	ID          id.ID
	Name, Shown string // her address, in part
}

// fillParticipants adds who takes part.
func (s *Server) fillParticipants(c echo.Context, v *threadView, _ people) error {
	list, err := s.Tickets.Participants(c.Request().Context(), v.ID)
	for i := range list {
		one := participantView{ID: list[i].ID, Name: contactName(v.Words, list[i].Name, tickets.VisitorCode(list[i].ID))}
		for _, known := range list[i].Identities {
			if known.Kind == tickets.IdentityEmail && one.Shown == "" {
				one.Shown = masked(known.Kind, known.Value)
			}
		}
		if list[i].Name == "" && one.Shown != "" { // known by her address only
			one.Name, one.Shown = one.Shown, ""
		}
		v.Participants = append(v.Participants, one)
	}
	return err
}

// addParticipant lets somebody take part: who has the e-mail address that the form gives, or is the only one of the name.
func (s *Server) addParticipant(c echo.Context) error {
	return s.change(c, func(a tickets.Actor, t *tickets.Ticket) error {
		ctx, who := c.Request().Context(), strings.TrimSpace(c.FormValue("who"))
		if strings.Contains(who, "@") {
			return s.Tickets.AddParticipantByEmail(ctx, a, t.ID, who)
		}
		contact, err := s.onlyOne(c, who)
		if err != nil {
			return err
		}
		return s.Tickets.AddParticipant(ctx, a, t.ID, contact)
	})
}

// onlyOne finds the contact of a name; where several have it, only an address tells which is meant.
func (s *Server) onlyOne(c echo.Context, name string) (id.ID, error) {
	rows, err := s.Tickets.Find(c.Request().Context(), name, namesakesLooked)
	if err != nil {
		return 0, err
	}
	var found id.ID
	for i := range rows {
		switch r := &rows[i]; {
		case !strings.EqualFold(r.ContactName, name) || r.ContactID == found:
		case found != 0:
			return 0, fault.InvalidField("who", "several", "error.participant.several", nil)
		default:
			found = r.ContactID
		}
	}
	if found == 0 {
		return 0, fault.InvalidField("who", "unknown", "error.participant.unknown", nil)
	}
	return found, nil
}

// removeParticipant ends that somebody takes part.
func (s *Server) removeParticipant(c echo.Context) error {
	return s.change(c, func(a tickets.Actor, t *tickets.Ticket) error {
		who, err := id.Parse(c.FormValue("who"))
		if err != nil {
			return errBadForm
		}
		return s.Tickets.RemoveParticipant(c.Request().Context(), a, t.ID, who)
	})
}
