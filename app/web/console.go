package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// consolePage is the agents' main page: the list, and the ticket that is open.
type consolePage struct {
	deskPage
	List   listView
	Thread *threadView // nil: none is open
	Blank  messageView // what the scripts clone
}

// here is where in the console somebody is: in a list, or in what she found.
type here struct {
	list  tickets.ListName
	query string
}

func hereOf(c echo.Context) here {
	h := here{list: tickets.ListName(c.QueryParam("list")), query: c.QueryParam("q")}
	known := []tickets.ListName{tickets.ListUnassigned, tickets.ListMine, tickets.ListColleagues, tickets.ListSnoozed, tickets.ListAll}
	if !slices.Contains(known, h.list) {
		h.list = tickets.ListUnassigned
	}
	return h
}

// suffix is the query of addresses that stay here.
func (h here) suffix() string {
	if h.query != "" {
		return "?q=" + url.QueryEscape(h.query)
	}
	return "?list=" + url.QueryEscape(string(h.list))
}

func ticketPath(number int64) string { return "/tickets/" + strconv.FormatInt(number, 10) }

// ticketList is the console without an open ticket; part=rows gives the rows alone.
func (s *Server) ticketList(c echo.Context) error {
	h := hereOf(c)
	list, err := s.list(c, h, 0)
	if err != nil {
		return err
	}
	if c.QueryParam("part") == "rows" {
		return s.renderPart(c, "agent/console", "rows", consolePage{deskPage: deskPage{Page: s.page(c)}, List: list})
	}
	return s.showConsole(c, h, list, nil, http.StatusOK)
}

// ticket is the console with a ticket open. part=opened gives thread and panel alone, part=refreshed the thread's head
// and the panel, part=before what was said before a place.
func (s *Server) ticket(c echo.Context) error {
	t, err := s.ticketOf(c)
	if err != nil {
		return err
	}
	if part := c.QueryParam("part"); part == "" || part == "opened" {
		if err := s.Notices.ReadTicket(c.Request().Context(), of(c).agent.ID, t.ID); err != nil {
			return err
		}
	}
	h := hereOf(c)
	thread, err := s.thread(c, h, t)
	if err != nil {
		return err
	}
	if part := c.QueryParam("part"); part == "opened" || part == "refreshed" || part == "before" {
		return s.renderPart(c, "agent/console", part, consolePage{deskPage: deskPage{Page: s.page(c)}, Thread: thread})
	}
	return s.showTicket(c, h, t, thread, http.StatusOK)
}

func (s *Server) showTicket(c echo.Context, h here, t *tickets.Ticket, thread *threadView, status int) error {
	list, err := s.list(c, h, t.ID)
	if err != nil {
		return err
	}
	return s.showConsole(c, h, list, thread, status)
}

func (s *Server) showConsole(c echo.Context, h here, list listView, thread *threadView, status int) error {
	desk, err := s.desk(c, "tickets")
	if err != nil {
		return err
	}
	for i := range desk.Tabs {
		desk.Tabs[i].Current = h.query == "" && desk.Tabs[i].Name == string(h.list)
	}
	of(c).policy.Frames = true // of mails
	return s.render(c, status, "agent/console", consolePage{
		deskPage: desk, List: list, Thread: thread, Blank: messageView{Words: desk.Words, Class: "m"},
	})
}

// ticketOf is the ticket that an address names by its number.
func (s *Server) ticketOf(c echo.Context) (*tickets.Ticket, error) {
	number, err := strconv.ParseInt(c.Param("number"), 10, 64)
	if err != nil || number <= 0 {
		return nil, fault.New(fault.NotFound, "error.ticket.not_found")
	}
	return s.Tickets.TicketByNumber(c.Request().Context(), number)
}

// people are the desk's agents, for names beside what they did.
type people struct {
	words *Words
	all   []tickets.Agent
	byID  map[id.ID]*tickets.Agent
}

func (s *Server) people(c echo.Context) (people, error) {
	all, err := s.Tickets.Agents(c.Request().Context())
	return people{words: s.words(c), all: all, byID: byID(all)}, err
}

func byID(all []tickets.Agent) map[id.ID]*tickets.Agent {
	out := make(map[id.ID]*tickets.Agent, len(all))
	for i := range all {
		out[all[i].ID] = &all[i]
	}
	return out
}

// name is what an agent is called.
func (p people) name(agent id.ID) string {
	if a, ok := p.byID[agent]; ok {
		return a.Name
	}
	return p.words.T("console.somebody")
}

// working are those to whom a ticket may be given, me first.
func (p people) working(me id.ID) []Person {
	var out []Person
	for i := range p.all {
		switch a := &p.all[i]; {
		case a.DisabledAt != nil:
		case a.ID == me:
			out = append([]Person{*personOf(a)}, out...)
		default:
			out = append(out, *personOf(a))
		}
	}
	return out
}
