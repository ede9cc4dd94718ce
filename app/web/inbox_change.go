package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/tickets/id"
)

// inboxRoutes are the pages of the chat inboxes and what can be done there.
func (s *Server) inboxRoutes() []route {
	return []route{
		{http.MethodGet, "/settings", admin, limitRead, s.settingsPage},
		{http.MethodPost, "/settings/inboxes", admin, limitWrite, s.addInbox},
		{http.MethodGet, "/settings/inboxes/:inbox", admin, limitRead, s.inboxPage},
		{http.MethodPost, "/settings/inboxes/:inbox", admin, limitWrite, s.saveInbox},
		{http.MethodGet, "/settings/inboxes/:inbox/qr.svg", admin, limitRead, s.inboxQR},
		{http.MethodGet, "/settings/inboxes/:inbox/qr.png", admin, limitRead, s.inboxQR},
		{http.MethodGet, "/settings/inboxes/:inbox/seen", admin, limitRead, s.inboxSeen},
		{http.MethodPost, "/settings/inboxes/:inbox/sites", admin, limitWrite, s.allowSite},
		{http.MethodPost, "/settings/inboxes/:inbox/secret", admin, limitWrite, s.rotateSecret},
		{http.MethodPost, "/settings/inboxes/:inbox/secret/end", admin, limitWrite, s.endOldSecret},
		{http.MethodPost, "/settings/inboxes/:inbox/disable", admin, limitWrite, s.disableInbox},
		{http.MethodPost, "/settings/inboxes/:inbox/enable", admin, limitWrite, s.enableInbox},
	}
}

// rotateSecret makes a new secret; the one of before holds for some days, so that a shop can change its servers.
func (s *Server) rotateSecret(c echo.Context) error {
	return s.changeInbox(c, func(inbox id.ID) error {
		days, err := strconv.Atoi(c.FormValue("keep"))
		if err != nil {
			days = -1 // which is refused in words
		}
		_, err = s.Tickets.RotateInboxSecret(c.Request().Context(), inbox, time.Duration(days)*24*time.Hour)
		return err
	})
}

func (s *Server) endOldSecret(c echo.Context) error {
	return s.changeInbox(c, func(inbox id.ID) error {
		_, err := s.Tickets.EndOldInboxSecret(c.Request().Context(), inbox)
		return err
	})
}

func (s *Server) disableInbox(c echo.Context) error { return s.openInbox(c, false) }

func (s *Server) enableInbox(c echo.Context) error { return s.openInbox(c, true) }

func (s *Server) openInbox(c echo.Context, open bool) error {
	return s.changeInbox(c, func(inbox id.ID) error {
		_, err := s.Tickets.EnableInbox(c.Request().Context(), inbox, open)
		return err
	})
}
