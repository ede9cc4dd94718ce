package web

import (
	"fmt"
	"html"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// settingsPage is the desk's settings: for now its chat inboxes.
type settingsPage struct {
	settingsFrame
	Inboxes []inboxView
	Error   string
	NewName field
}

type inboxView struct {
	*Words
	ID, Name, Key, Secret, Snippet, ChatPage string
	Channel                                  tickets.Channel
	Enforce                                  bool
	Disabled, Open                           bool
	OldUntil                                 int64 // until when the secret from before holds; 0: there is none
	NameField, Colour, Keep                  field
	Error                                    string
	Origins, Greeting, Hotline               field
}

func (s *Server) settingsPage(c echo.Context) error { return s.showSettings(c, nil, 0) }

// showSettings shows all chat inboxes; a form that was refused belongs to the inbox changed, or to a new one (zero).
func (s *Server) showSettings(c echo.Context, refused *form, changed id.ID) error {
	desk, err := s.settings(c, "inboxes")
	if err != nil {
		return err
	}
	inboxes, err := s.Tickets.Inboxes(c.Request().Context())
	if err != nil {
		return err
	}
	newForm := s.empty(c, nil)
	if refused != nil && changed == 0 {
		newForm = refused
	}
	p := settingsPage{
		settingsFrame: desk, Error: newForm.General(),
		NewName: newForm.input(field{Name: "name", Label: desk.T("console.settings.name"), Hint: desk.T("console.settings.name_hint"), Max: tickets.NameMax, Required: true}),
	}
	status := http.StatusOK
	for _, inbox := range inboxes {
		if inbox.Channel != tickets.ChannelChat {
			continue
		}
		f := s.empty(c, map[string]string{
			"allowed_origins": strings.Join(inbox.Settings.AllowedOrigins, "\n"),
			"greeting":        inbox.Settings.Greeting, "hotline": inbox.Settings.Hotline, "name": inbox.Name, "colour": inbox.Settings.Colour, "keep": "1",
		})
		if refused != nil && changed == inbox.ID {
			f = refused
		}
		v := s.inboxView(f, &inbox)
		v.Open = refused != nil && changed == inbox.ID
		p.Inboxes = append(p.Inboxes, v)
	}
	if refused != nil {
		status = refused.status()
	}
	return s.render(c, status, "agent/settings", p)
}

func (s *Server) inboxView(f *form, inbox *tickets.Inbox) inboxView {
	w, prefix := f.words, inbox.ID.String()+"-"
	desk := strings.TrimSuffix(s.BaseURL.String(), "/")
	v := inboxView{
		Disabled:  inbox.DisabledAt != nil,
		NameField: f.input(field{Name: "name", Prefix: prefix, Label: w.T("console.settings.name"), Hint: w.T("console.settings.name_hint"), Max: tickets.NameMax, Required: true}),
		Colour:    f.input(field{Name: "colour", Prefix: prefix, Class: "code", Label: w.T("people.inbox.colour"), Hint: w.T("people.inbox.colour_hint"), Max: 7, Complete: "off"}),
		Keep:      f.input(field{Name: "keep", Prefix: prefix, Type: "number", Label: w.T("people.inbox.keep"), Hint: w.T("people.inbox.keep_hint"), Required: true}),
		Words:     w, ID: inbox.ID.String(), Name: inbox.Name, Key: inbox.Key, Secret: inbox.Secret, Channel: inbox.Channel,
		Enforce: inbox.Settings.EnforceIdentity, Error: f.General(),
		Snippet:  fmt.Sprintf(`<script async src="%s/widget.js" data-inbox="%s"></script>`, html.EscapeString(desk), html.EscapeString(inbox.Key)),
		ChatPage: desk + "/c/" + inbox.Key,
		Origins: f.input(field{Name: "allowed_origins", Type: "textarea", Rows: 3, Prefix: prefix,
			Label: w.T("console.settings.origins"), Hint: w.T("console.settings.origins_hint")}),
		Greeting: f.input(field{Name: "greeting", Type: "textarea", Rows: 2, Prefix: prefix,
			Label: w.T("console.settings.greeting"), Hint: w.T("console.settings.greeting_hint")}),
		Hotline: f.input(field{Name: "hotline", Prefix: prefix, Max: 50, Complete: "off",
			Label: w.T("console.settings.hotline"), Hint: w.T("console.settings.hotline_hint")}),
	}
	if until := inbox.OldSecretUntil; until != nil && *until > tickets.Millis(s.Now()) {
		v.OldUntil = *until
	}
	return v
}

// saveInbox changes what the page shows of an inbox's settings and leaves the rest as it is.
func (s *Server) saveInbox(c echo.Context) error {
	f, ctx := s.sent(c), c.Request().Context()
	inboxID, err := id.Parse(c.Param("inbox"))
	if err != nil {
		return fault.New(fault.NotFound, "web.error.not_found")
	}
	_, err = s.Tickets.UpdateInbox(ctx, inboxID, c.FormValue("name"), func(set *tickets.InboxSettings) {
		set.AllowedOrigins = strings.Fields(c.FormValue("allowed_origins"))
		set.Greeting, set.Hotline, set.Colour = c.FormValue("greeting"), c.FormValue("hotline"), c.FormValue("colour")
		set.EnforceIdentity = c.FormValue("enforce_identity") != ""
	})
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			return err
		}
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showSettings(c, f, inboxID)
	}
	return c.Redirect(http.StatusSeeOther, "/settings?saved=1")
}

// addInbox makes another chat inbox: a shop with several sites has one for each.
func (s *Server) addInbox(c echo.Context) error {
	f := s.sent(c)
	_, err := s.Tickets.CreateInbox(c.Request().Context(), tickets.NewInbox{Channel: tickets.ChannelChat, Name: c.FormValue("name")})
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showSettings(c, f, 0)
	}
	return c.Redirect(http.StatusSeeOther, "/settings?saved=1")
}
