package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// accessLines is how many lines of the record a page shows.
const accessLines = 50

type accessPage struct {
	settingsFrame
	Lines []accessLine
	Next  string // address of older lines
}

type accessLine struct {
	Who, What, Contact, Href string
	At                       int64
}

// accessPage is the record of who saw, took out or erased a person's data.
func (s *Server) accessPage(c echo.Context) error {
	ctx := c.Request().Context()
	frame, err := s.settings(c, "access")
	if err != nil {
		return err
	}
	before, _ := id.Parse(c.QueryParam("before")) // zero, from the newest, when it is none
	list, err := s.Privacy.Accesses(ctx, before, accessLines+1)
	if err != nil {
		return err
	}
	agents, err := s.Tickets.Agents(ctx)
	if err != nil {
		return err
	}
	names := map[id.ID]string{}
	for _, a := range agents {
		names[a.ID] = a.Name
	}
	p := accessPage{settingsFrame: frame}
	if len(list) > accessLines {
		list = list[:accessLines]
		p.Next = "/settings/access?before=" + list[accessLines-1].ID.String()
	}
	for _, one := range list {
		p.Lines = append(p.Lines, accessLine{
			Who: names[one.AgentID], What: p.T("privacy.access." + string(one.Action)), At: one.At,
			Contact: contactName(p.Words, "", tickets.VisitorCode(one.ContactID)), Href: "/contacts/" + one.ContactID.String(),
		})
	}
	return s.render(c, http.StatusOK, "agent/access", p)
}
