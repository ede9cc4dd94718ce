package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
)

const (
	mergeChoices    = 12 // tickets of the contact that a ticket is offered to be merged into
	mergedShown     = 5  // merged tickets whose messages are shown with the one that they went into
	mergedSaidShown = 30 // messages of each
)

func (s *Server) mergeRoutes() []route {
	return []route{
		{http.MethodPost, "/tickets/:number/merger", agent, limitWrite, s.mergeTicket},
		{http.MethodPost, "/tickets/:number/separation", agent, limitWrite, s.unmergeTicket},
	}
}

// mergedView is a ticket that was merged into the one that is shown.
type mergedView struct {
	*Words
	Number, Href, Title string
	Count               int64
	Said                []*messageView // its newest messages
	More                bool
}

// mergeTicket makes the ticket part of the one whose number the form names.
func (s *Server) mergeTicket(c echo.Context) error {
	return s.change(c, func(a tickets.Actor, t *tickets.Ticket) error {
		into, err := s.ticketNamed(c.Request().Context(), c.FormValue("into"))
		if err != nil {
			return err
		}
		_, err = s.Tickets.MergeTicket(c.Request().Context(), a, t.ID, into)
		return err
	})
}

// unmergeTicket lets a merged ticket stand for itself again.
func (s *Server) unmergeTicket(c echo.Context) error {
	return s.change(c, func(a tickets.Actor, t *tickets.Ticket) error {
		_, err := s.Tickets.UnmergeTicket(c.Request().Context(), a, t.ID)
		return err
	})
}

// fillMerges adds where the ticket went, where it may go, and what was merged into it.
func (s *Server) fillMerges(c echo.Context, v *threadView, folk people) error {
	ctx, suffix := c.Request().Context(), hereOf(c).suffix()
	if v.MergedInto != nil {
		into, err := s.Tickets.Ticket(ctx, *v.MergedInto)
		if err != nil {
			return err
		}
		v.WentTo = &mergedView{Words: v.Words, Number: strconv.FormatInt(into.Number, 10), Href: ticketPath(into.Number) + suffix}
		return nil
	}
	others, err := s.Tickets.EarlierTickets(ctx, v.ContactID, 0, mergeChoices)
	if err != nil {
		return err
	}
	for i := range others {
		if o := &others[i]; o.ID != v.ID && o.MergedInto == nil && o.Status != tickets.StatusClosed && o.Status != tickets.StatusSpam {
			v.MergeChoices = append(v.MergeChoices, earlierOf(o, suffix))
		}
	}
	merged, err := s.Tickets.MergedTickets(ctx, v.ID)
	if err != nil {
		return err
	}
	for i := range merged {
		m, err := s.mergedView(c, v, folk, &merged[i], i >= len(merged)-mergedShown)
		if err != nil {
			return err
		}
		v.Merged = append(v.Merged, *m)
	}
	return nil
}

func (s *Server) mergedView(c echo.Context, v *threadView, folk people, t *tickets.Ticket, said bool) (*mergedView, error) {
	m := &mergedView{Words: v.Words, Number: strconv.FormatInt(t.Number, 10), Href: ticketPath(t.Number) + hereOf(c).suffix(), Title: t.Subject, Count: t.LastSeq}
	if m.Title == "" {
		m.Title = t.Preview
	}
	if !said {
		return m, nil
	}
	entries, err := s.Tickets.TimelineBefore(c.Request().Context(), t.ID, 0, mergedSaidShown)
	if err != nil {
		return nil, err
	}
	tell := teller{words: v.Words, folk: folk, ticket: t, contact: v.Contact.Name, me: of(c).agent.ID, files: s.fileViews}
	if err := s.learn(c, &tell, entries); err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Message != nil {
			m.Said = append(m.Said, tell.message(e.Message, false))
		}
	}
	m.More = len(entries) > 0 && *entries[0].Event.Pos > 1
	return m, nil
}
