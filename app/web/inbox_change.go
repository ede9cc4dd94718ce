package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// inboxRoutes change an inbox's secret, and open and close it.
func (s *Server) inboxRoutes() []route {
	return []route{
		{http.MethodPost, "/settings/inboxes/:inbox/secret", admin, limitWrite, s.rotateSecret},
		{http.MethodPost, "/settings/inboxes/:inbox/secret/end", admin, limitWrite, s.endOldSecret},
		{http.MethodPost, "/settings/inboxes/:inbox/disable", admin, limitWrite, s.disableInbox},
		{http.MethodPost, "/settings/inboxes/:inbox/enable", admin, limitWrite, s.enableInbox},
	}
}

// changeInbox runs a change of the inbox of the address and shows what was refused beside it.
func (s *Server) changeInbox(c echo.Context, change func(inbox id.ID) error) error {
	f := s.sent(c)
	inbox, err := id.Parse(c.Param("inbox"))
	if err != nil {
		return fault.New(fault.NotFound, "error.inbox.not_found")
	}
	if err := change(inbox); err != nil {
		if fault.Is(err, fault.NotFound) {
			return err
		}
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showSettings(c, f, inbox)
	}
	return c.Redirect(http.StatusSeeOther, "/settings?saved=1")
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
