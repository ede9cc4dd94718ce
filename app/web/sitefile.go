package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/tickets/fault"
)

// siteFileAge is how long others may keep a file: platforms ask again at once when the first look found an old one.
const siteFileAge = "public, max-age=60"

// siteFile gives a file that the settings put at the root. Names are matched as they are kept: what a path was encoded
// as or climbs to matters to nothing.
func (s *Server) siteFile(c echo.Context) error {
	file, ok := s.siteOf(c).File(strings.TrimPrefix(c.Request().URL.Path, "/"))
	if !ok {
		return fault.New(fault.NotFound, "web.error.not_found")
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set("Cache-Control", siteFileAge)
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", file.Text)
}
