package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// stopPage is where somebody says that the desk shall ask her no more.
type stopPage struct {
	Page
	Action  string
	Stopped bool // she has said so
	Again   bool // she has just taken it back
}

// askStop shows the page. It changes nothing: mail programs look at links before people do.
func (s *Server) askStop(c echo.Context) error {
	s.quietly(c)
	stopped, err := s.Feedback.Stopped(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	return s.showStop(c, stopPage{Stopped: stopped})
}

// stopAsking does it, for the page and for mail programs whose own button posts here (RFC 8058): there is no redirect.
func (s *Server) stopAsking(c echo.Context) error {
	s.quietly(c)
	again := c.FormValue("again") != ""
	if err := s.Feedback.Stop(c.Request().Context(), c.Param("token"), again); err != nil {
		return err
	}
	return s.showStop(c, stopPage{Stopped: !again, Again: again})
}

// quietly keeps the address, which is a key, to itself.
func (s *Server) quietly(c echo.Context) {
	h := c.Response().Header()
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cache-Control", "no-store")
	s.speak(c)
}

func (s *Server) showStop(c echo.Context, p stopPage) error {
	p.Page = s.page(c)
	p.Action = c.Request().URL.Path + "?lang=" + p.Locale
	return s.render(c, http.StatusOK, "public/ask_stop", p)
}
