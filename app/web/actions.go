package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Each of these changes one thing of a ticket and answers a script with JSON, a form by going back.

// done answers an action: a script gets data, a person goes on to a page.
func (s *Server) done(c echo.Context, to string, data any) error {
	if !wantsJSON(c) {
		return c.Redirect(http.StatusSeeOther, to)
	}
	if data == nil {
		data = struct{}{}
	}
	return c.JSON(http.StatusOK, data)
}

// backOf is the page that a form was sent from, when it is one of ours.
func backOf(c echo.Context) string {
	from, err := url.Parse(c.Request().Referer())
	if err != nil || from.Host != c.Request().Host {
		return "/tickets"
	}
	return localPath(from.RequestURI(), "/tickets")
}

// change runs an action on the ticket of the address.
func (s *Server) change(c echo.Context, fn func(actor tickets.Actor, t *tickets.Ticket) error) error {
	t, err := s.ticketOf(c)
	if err != nil {
		return err
	}
	if err := fn(actor(c), t); err != nil {
		return err
	}
	return s.done(c, backOf(c), nil)
}

// assign gives the ticket to an agent, to "me", or with "" to nobody.
func (s *Server) assign(c echo.Context) error {
	return s.change(c, func(a tickets.Actor, t *tickets.Ticket) error {
		to := &a.ID
		if who := c.FormValue("agent"); who != "me" {
			var err error
			if to, err = optionalID("agent", who); err != nil {
				return err
			}
		}
		_, err := s.Tickets.Assign(c.Request().Context(), a, t.ID, to)
		return err
	})
}

func (s *Server) setTeam(c echo.Context) error {
	return s.change(c, func(a tickets.Actor, t *tickets.Ticket) error {
		to, err := optionalID("team", c.FormValue("team"))
		if err == nil {
			_, err = s.Tickets.SetTeam(c.Request().Context(), a, t.ID, to)
		}
		return err
	})
}

// optionalID reads an id of a form; the empty text is none.
func optionalID(name, text string) (*id.ID, error) {
	if text == "" {
		return nil, nil
	}
	one, err := id.Parse(text)
	if err != nil {
		return nil, fault.InvalidField(name, "invalid", "web.error.choice", nil)
	}
	return &one, nil
}

type solved struct {
	After string `json:"after"` // where she wants to go on
}

// solve closes the matter, for now: the contact's next message reopens it.
func (s *Server) solve(c echo.Context) error {
	t, err := s.ticketOf(c)
	if err != nil {
		return err
	}
	ctx, me := c.Request().Context(), actor(c)
	if _, err := s.Tickets.SetStatus(ctx, me, t.ID, tickets.StatusSolved); err != nil {
		return err
	}
	prefs, err := s.preferences(ctx, me.ID)
	if err != nil {
		return err
	}
	to, list := backOf(c), tickets.ListName(c.FormValue("list"))
	if prefs.After != "stay" {
		to = listURL(list)
	}
	if prefs.After == "next" {
		page, err := s.Tickets.List(ctx, tickets.ListQuery{List: list, Agent: me.ID, Limit: 1})
		if err == nil && len(page.Items) > 0 {
			to = ticketPath(page.Items[0].Number) + here{list: list}.suffix()
		}
	}
	return s.done(c, to, solved{prefs.After})
}

func (s *Server) setStatus(c echo.Context) error {
	return s.change(c, func(a tickets.Actor, t *tickets.Ticket) error {
		_, err := s.Tickets.SetStatus(c.Request().Context(), a, t.ID, tickets.Status(c.FormValue("status")))
		return err
	})
}

func (s *Server) setPriority(c echo.Context) error {
	return s.change(c, func(a tickets.Actor, t *tickets.Ticket) error {
		_, err := s.Tickets.SetPriority(c.Request().Context(), a, t.ID, tickets.Priority(c.FormValue("priority")))
		return err
	})
}

// setTags adds or removes a tag of those that the form showed; what others changed meanwhile stays.
func (s *Server) setTags(c echo.Context) error {
	return s.change(c, func(a tickets.Actor, t *tickets.Ticket) error {
		tags := slices.Clone(t.Tags)
		if remove := c.FormValue("remove"); remove != "" {
			tags = slices.DeleteFunc(tags, func(tag string) bool { return tag == remove })
		}
		for _, tag := range strings.FieldsFunc(c.FormValue("add"), func(r rune) bool { return strings.ContainsRune(",，、;；\n", r) }) {
			if tag = strings.TrimSpace(tag); tag != "" {
				tags = append(tags, tag)
			}
		}
		_, err := s.Tickets.SetTags(c.Request().Context(), a, t.ID, tags)
		return err
	})
}

// saveDraft keeps what she has begun to write.
func (s *Server) saveDraft(c echo.Context) error {
	var draft struct {
		Body string `json:"body"`
	}
	if err := c.Bind(&draft); err != nil {
		return err
	}
	return s.change(c, func(a tickets.Actor, t *tickets.Ticket) error {
		return s.Tickets.SaveDraft(c.Request().Context(), a.ID, t.ID, tickets.MessageKind(c.Param("kind")), draft.Body)
	})
}
