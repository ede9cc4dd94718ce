package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"huiyin/app/privacy"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// accessLines is how many lines of the record a page shows.
const accessLines = 50

type accessPage struct {
	settingsFrame
	Lines  []accessLine
	Person string // the only person of whom lines are shown
	Agents field
	Wanted url.Values // what was filtered by
	Next   string     // address of older lines
}

type accessLine struct {
	Who, What, Contact, Href, Only string
	At                             int64
}

// accessPage is the record of who saw, took out or erased a person's data.
func (s *Server) accessPage(c echo.Context) error {
	ctx := c.Request().Context()
	frame, err := s.settings(c, "access")
	if err != nil {
		return err
	}
	p := accessPage{settingsFrame: frame, Wanted: url.Values{}}
	filter, err := s.accessFilter(c, &p)
	if err != nil {
		return err
	}
	list, err := s.Privacy.Accesses(ctx, filter)
	if err != nil {
		return err
	}
	agents, err := s.Tickets.Agents(ctx)
	if err != nil {
		return err
	}
	names := map[id.ID]string{}
	everybody := []option{{"", p.T("privacy.access.everybody")}}
	for _, a := range agents {
		names[a.ID] = a.Name
		everybody = append(everybody, option{a.ID.String(), a.Name})
	}
	p.Agents = s.empty(c, map[string]string{"agent": p.Wanted.Get("agent")}).input(field{Name: "agent", Type: "select", Label: p.T("privacy.access.agent"), Options: everybody})
	if len(list) > accessLines {
		list = list[:accessLines]
		next := maps.Clone(p.Wanted)
		next.Set("before", list[accessLines-1].ID.String())
		p.Next = "/settings/access?" + next.Encode()
	}
	for _, one := range list {
		p.Lines = append(p.Lines, accessLine{
			Who: names[one.AgentID], What: p.T("privacy.access." + string(one.Action)), At: one.At,
			Contact: contactName(p.Words, "", tickets.VisitorCode(one.ContactID)), Href: "/contacts/" + one.ContactID.String(),
			Only: "/settings/access?contact=" + one.ContactID.String(),
		})
	}
	return s.render(c, http.StatusOK, "agent/access", p)
}

// accessFilter reads what the page is filtered by: lines of one person, of one agent, before a line.
func (s *Server) accessFilter(c echo.Context, p *accessPage) (privacy.AccessFilter, error) {
	f := privacy.AccessFilter{Limit: accessLines + 1}
	for name, to := range map[string]*id.ID{"before": &f.Before, "agent": &f.Agent} {
		text := c.QueryParam(name)
		if text == "" {
			continue
		}
		var err error
		if *to, err = id.Parse(text); err != nil {
			return f, fault.New(fault.NotFound, "web.error.not_found")
		}
	}
	if f.Agent != 0 {
		p.Wanted.Set("agent", f.Agent.String())
	}
	if c.QueryParam("contact") == "" {
		return f, nil
	}
	one, err := id.Parse(c.QueryParam("contact"))
	if err != nil {
		return f, fault.New(fault.NotFound, "web.error.not_found")
	}
	ctx := c.Request().Context()
	living := one
	if contact, err := s.Privacy.Living(ctx, one); err == nil {
		living = contact.ID
	} else if !fault.Is(err, fault.NotFound) { // a visitor who was deleted has her lines all the same
		return f, err
	}
	merged, err := s.Tickets.Aliases(ctx, living)
	f.Contacts = slices.Concat(merged, []id.ID{living})
	p.Person = contactName(p.Words, "", tickets.VisitorCode(living))
	p.Wanted.Set("contact", living.String())
	return f, err
}
