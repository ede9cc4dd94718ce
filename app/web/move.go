package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func (s *Server) moveRoutes() []route {
	return []route{{http.MethodPost, "/tickets/:number/messages/:message/move", agent, limitWrite, s.moveMessage}}
}

// moved is what a script gets for a message that was moved.
type moved struct {
	Number string `json:"number"` // of the ticket where it is now
	Href   string `json:"href"`
	Undo   string `json:"undo"` // address that moves it back, with into
	Into   string `json:"into"`
}

// moveMessage puts what a contact wrote into another ticket: a new one, or the one whose number the form names.
func (s *Server) moveMessage(c echo.Context) error {
	t, m, err := s.messageOf(c)
	if err != nil {
		return err
	}
	var into id.ID
	if c.FormValue("new") == "" {
		if into, err = s.ticketNamed(c.Request().Context(), c.FormValue("into")); err != nil {
			return err
		}
	}
	to, copied, err := s.Tickets.MoveMessage(c.Request().Context(), actor(c), m.ID, into)
	if err != nil {
		return err
	}
	path := ticketPath(to.Number)
	return s.done(c, path, moved{
		Number: strconv.FormatInt(to.Number, 10), Href: path + hereOf(c).suffix(), Undo: path + "/messages/" + copied.ID.String() + "/move", Into: strconv.FormatInt(t.Number, 10),
	})
}

// ticketNamed is the ticket of a number as people write it.
func (s *Server) ticketNamed(ctx context.Context, text string) (id.ID, error) {
	number, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(text), "#"), 10, 64)
	if err != nil || number <= 0 {
		return 0, fault.InvalidField("into", "invalid", "error.merge.number", nil)
	}
	into, err := s.Tickets.TicketByNumber(ctx, number)
	if fault.Is(err, fault.NotFound) {
		return 0, fault.InvalidField("into", "unknown", "error.merge.number", nil)
	}
	if err != nil {
		return 0, err
	}
	return into.ID, nil
}

// wentTo gives the numbers of the tickets to which messages were moved.
func (s *Server) wentTo(ctx context.Context, entries []tickets.Entry) (map[id.ID]int64, error) {
	out := map[id.ID]int64{}
	for _, e := range entries {
		if e.Message == nil || e.Message.MovedTo == nil || out[*e.Message.MovedTo] != 0 {
			continue
		}
		t, err := s.Tickets.Ticket(ctx, *e.Message.MovedTo)
		if err != nil {
			return nil, err
		}
		out[t.ID] = t.Number
	}
	return out, nil
}
