package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
)

// settingsPage is the list of the desk's chat and e-mail inboxes; each has a page of its own.
type settingsPage struct {
	settingsFrame
	Inboxes []inboxLine
	Mails   []mailLine
	Error   string
	NewName field
}

type inboxLine struct {
	Name, Href string
	Sites      []string
	Disabled   bool
}

func (s *Server) settingsPage(c echo.Context) error { return s.showSettings(c, s.empty(c, nil)) }

func (s *Server) showSettings(c echo.Context, f *form) error {
	desk, err := s.settings(c, "inboxes")
	if err != nil {
		return err
	}
	inboxes, err := s.Tickets.Inboxes(c.Request().Context())
	if err != nil {
		return err
	}
	p := settingsPage{
		settingsFrame: desk, Error: f.General(),
		NewName: f.input(field{Name: "name", Label: desk.T("console.settings.name"), Hint: desk.T("console.settings.name_hint"), Max: tickets.NameMax, Required: true}),
	}
	for i := range inboxes {
		if box := &inboxes[i]; box.Channel == tickets.ChannelChat {
			p.Inboxes = append(p.Inboxes, inboxLine{Name: box.Name, Href: inboxPath(box), Sites: box.Settings.AllowedOrigins, Disabled: box.DisabledAt != nil})
		}
	}
	if p.Mails, err = s.mailLines(c, inboxes); err != nil {
		return err
	}
	return s.render(c, f.status(), "agent/settings", p)
}

// addInbox makes another chat inbox: a shop with several sites has one for each.
func (s *Server) addInbox(c echo.Context) error {
	f := s.sent(c)
	box, err := s.Tickets.CreateInbox(c.Request().Context(), tickets.NewInbox{Channel: tickets.ChannelChat, Name: c.FormValue("name")})
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showSettings(c, f)
	}
	return c.Redirect(http.StatusSeeOther, inboxPath(box)+"?saved=1")
}
