package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// seenView is on which sites an inbox's chat was asked for; the part "seen" shows it and js/elements/live-part.js keeps it
// fresh.
type seenView struct {
	*Words
	Href  string // of the inbox
	Sites []tickets.SeenSite
}

func (s *Server) seenOf(c echo.Context, box *tickets.Inbox) (seenView, error) {
	sites, err := s.Tickets.SeenSites(c.Request().Context(), box)
	return seenView{s.words(c), inboxPath(box), sites}, err
}

func (s *Server) inboxSeen(c echo.Context) error {
	box, err := s.inboxOf(c)
	if err != nil {
		return err
	}
	seen, err := s.seenOf(c, box)
	if err != nil {
		return err
	}
	return s.renderPart(c, "agent/inbox", "seen", seen)
}

// allowSite lets a site show the chat that was refused there.
func (s *Server) allowSite(c echo.Context) error {
	return s.changeInbox(c, func(inbox id.ID) error {
		_, err := s.Tickets.AllowSite(c.Request().Context(), inbox, c.FormValue("origin"))
		return err
	})
}

// seeSite notes that a page of a site has asked for the chat. The shopper's page never fails for it.
func (s *Server) seeSite(c echo.Context, box *tickets.Inbox, origin string) {
	if c.Request().Method != http.MethodGet || origin == s.BaseURL.Scheme+"://"+c.Request().Host {
		return
	}
	if err := s.Tickets.SeeSite(c.Request().Context(), box, origin); err != nil {
		s.Log.WarnContext(c.Request().Context(), "a site that was seen is not kept", "inbox", box.ID, "error", err)
	}
}
