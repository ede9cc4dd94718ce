package web

import (
	"strconv"

	"github.com/labstack/echo/v4"
)

// formPreview shows a form as a shopper sees it: the draft, or a version. It stands in a frame without an origin of its own and without
// the right to send forms, so that nothing of it is ever an answer.
func (s *Server) formPreview(c echo.Context) error {
	f, err := s.formOf(c)
	if err != nil {
		return err
	}
	d := draftOf(f)
	if n, err := strconv.Atoi(c.QueryParam("version")); err == nil {
		version, err := s.Feedback.Definition(c.Request().Context(), f.ID, n)
		if err != nil {
			return err
		}
		d = *version
	}
	box, err := s.Tickets.Inbox(c.Request().Context(), f.InboxID)
	if err != nil {
		return err
	}
	v := of(c)
	if lang := c.QueryParam("lang"); lang != "" {
		v.locale = s.Texts.Match("", lang)
	}
	v.policy.FrameAncestors = []string{"'self'"}
	c.Response().Header().Set("Content-Security-Policy", v.policy.String(v.nonce)+"; sandbox allow-scripts")
	return s.showForm(c, formShow{form: f, box: box, asked: &d, version: f.Version, preview: true})
}
