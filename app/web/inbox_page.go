package web

import (
	"fmt"
	"html"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// inboxPage is one chat inbox: how it comes into the shop, how it looks, whom it lets in.
type inboxPage struct {
	settingsFrame
	ID, Href, Name, Key, Secret, Snippet, ChatPage string
	QR                                             template.HTML
	Enforce, Disabled                              bool
	OldUntil                                       int64 // until when the secret from before holds; 0: there is none
	Error                                          string
	NameField, Colour, Keep                        field
	Origins, Greeting, Hotline, Reopen             field
	Side, X, Y                                     field
	Preview                                        bubblePreview
	Seen                                           seenView
	Samples                                        []signingSample
}

func inboxPath(box *tickets.Inbox) string { return "/settings/inboxes/" + box.ID.String() }

// inboxOf is the chat inbox of the address. Errors: NotFound.
func (s *Server) inboxOf(c echo.Context) (*tickets.Inbox, error) {
	missing := fault.New(fault.NotFound, "error.inbox.not_found")
	inboxID, err := id.Parse(c.Param("inbox"))
	if err != nil {
		return nil, missing
	}
	box, err := s.Tickets.Inbox(c.Request().Context(), inboxID)
	if err == nil && box.Channel != tickets.ChannelChat {
		return nil, missing
	}
	return box, err
}

func (s *Server) inboxPage(c echo.Context) error {
	box, err := s.inboxOf(c)
	if err != nil {
		return err
	}
	return s.showInbox(c, box, s.empty(c, nil))
}

// showInbox shows an inbox's page; a form that was refused keeps what was typed in it, the others show what is saved.
func (s *Server) showInbox(c echo.Context, box *tickets.Inbox, f *form) error {
	frame, err := s.settings(c, "inboxes")
	if err != nil {
		return err
	}
	desk := strings.TrimSuffix(s.BaseURL.String(), "/")
	p := inboxPage{
		settingsFrame: frame, ID: box.ID.String(), Href: inboxPath(box), Name: box.Name, Key: box.Key, Secret: box.Secret,
		Snippet: s.snippet(box), ChatPage: desk + "/c/" + box.Key, Disabled: box.DisabledAt != nil, Error: f.General(),
		Enforce: box.Settings.EnforceIdentity,
	}
	if p.QR, err = qrSVG(p.ChatPage); err != nil {
		return err
	}
	if p.Samples, err = signingSamples(box.Key); err != nil {
		return err
	}
	if p.Seen, err = s.seenOf(c, box); err != nil {
		return err
	}
	if until := box.OldSecretUntil; until != nil && *until > tickets.Millis(s.Now()) {
		p.OldUntil = *until
	}
	p.fill(s.inboxForm(c, box, f))
	return s.render(c, f.status(), "agent/inbox", p)
}

// inboxForm is what was sent, or, where another form of the page was refused, what is saved.
func (s *Server) inboxForm(c echo.Context, box *tickets.Inbox, f *form) *form {
	set, at := &box.Settings, box.Settings.BubblePosition()
	saved := map[string]string{
		"name": box.Name, "allowed_origins": strings.Join(set.AllowedOrigins, "\n"), "greeting": set.Greeting, "hotline": set.Hotline,
		"colour": set.Colour, "reopen_days": strconv.Itoa(reopenDays(set)), "keep": "1",
		"position_side": at.Side, "position_x": strconv.Itoa(at.X), "position_y": strconv.Itoa(at.Y),
	}
	sent := f.err != nil
	whole := sent && strings.HasSuffix(c.Path(), "/:inbox") // the large form, else one of the small ones
	out := *f
	out.values = func(name string) string {
		if whole || (sent && name == "keep") {
			return f.values(name)
		}
		return saved[name]
	}
	return &out
}

// fill adds the fields.
func (p *inboxPage) fill(f *form) {
	in := func(one field, label, hint string) field {
		if one.Label = p.T(label); hint != "" {
			one.Hint = p.T(hint)
		}
		return f.input(one)
	}
	p.NameField = in(field{Name: "name", Max: tickets.NameMax, Required: true}, "console.settings.name", "console.settings.name_hint")
	p.Colour = in(field{Name: "colour", Class: "code", Max: 7, Complete: "off"}, "people.inbox.colour", "people.inbox.colour_hint")
	p.Keep = in(field{Name: "keep", Type: "number", Required: true}, "people.inbox.keep", "people.inbox.keep_hint")
	p.Origins = in(field{Name: "allowed_origins", Type: "textarea", Rows: 3}, "console.settings.origins", "console.settings.origins_hint")
	p.Greeting = in(field{Name: "greeting", Type: "textarea", Rows: 2}, "console.settings.greeting", "console.settings.greeting_hint")
	p.Hotline = in(field{Name: "hotline", Max: 50, Complete: "off"}, "console.settings.hotline", "console.settings.hotline_hint")
	p.Reopen = in(field{Name: "reopen_days", Type: "number", Required: true}, "console.inbox.reopen", "console.inbox.reopen_hint")
	p.Side = in(field{Name: "position_side", Type: "select", Options: []option{
		{tickets.SideRight, p.T("console.inbox.side_right")}, {tickets.SideLeft, p.T("console.inbox.side_left")},
	}}, "console.inbox.side", "")
	p.X = in(field{Name: "position_x", Type: "number", Required: true}, "console.inbox.x", "")
	p.Y = in(field{Name: "position_y", Type: "number", Required: true}, "console.inbox.y", "console.inbox.gap_hint")
	p.Preview = newPreview(p.Words, f.values)
}

// reopenDays is the number that people read: 0 stands for never.
func reopenDays(set *tickets.InboxSettings) int {
	switch set.ReopenDays {
	case tickets.ReopenNever:
		return 0
	case 0:
		return tickets.DefaultReopenDays
	}
	return set.ReopenDays
}

// sentNumber reads a whole number; what is none becomes one that the service refuses by the field's name.
func sentNumber(c echo.Context, name string) int {
	n, err := strconv.Atoi(strings.TrimSpace(c.FormValue(name)))
	if err != nil {
		return -2
	}
	return n
}

// snippet is the line that brings an inbox's chat into a page.
func (s *Server) snippet(box *tickets.Inbox) string {
	return fmt.Sprintf(`<script async src="%s/widget.js" data-inbox="%s"></script>`,
		html.EscapeString(strings.TrimSuffix(s.BaseURL.String(), "/")), html.EscapeString(box.Key))
}

// saveInbox changes what the page shows of an inbox's settings and leaves the rest as it is.
func (s *Server) saveInbox(c echo.Context) error {
	return s.changeInbox(c, func(inbox id.ID) error {
		_, err := s.Tickets.UpdateInbox(c.Request().Context(), inbox, c.FormValue("name"), func(set *tickets.InboxSettings) {
			set.AllowedOrigins = strings.Fields(c.FormValue("allowed_origins"))
			set.Greeting, set.Hotline, set.Colour = c.FormValue("greeting"), c.FormValue("hotline"), c.FormValue("colour")
			set.EnforceIdentity = c.FormValue("enforce_identity") != ""
			set.Position = &tickets.Position{Side: c.FormValue("position_side"), X: sentNumber(c, "position_x"), Y: sentNumber(c, "position_y")}
			switch set.ReopenDays = sentNumber(c, "reopen_days"); {
			case set.ReopenDays == 0:
				set.ReopenDays = tickets.ReopenNever
			case set.ReopenDays < 0:
				set.ReopenDays = -2 // never stands as 0 in the form
			}
		})
		return err
	})
}

// changeInbox runs a change of the inbox of the address and shows what was refused beside it.
func (s *Server) changeInbox(c echo.Context, change func(inbox id.ID) error) error {
	box, err := s.inboxOf(c)
	if err != nil {
		return err
	}
	f := s.sent(c)
	if err := change(box.ID); err != nil {
		if fault.Is(err, fault.NotFound) {
			return err
		}
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showInbox(c, box, f)
	}
	return c.Redirect(http.StatusSeeOther, inboxPath(box)+"?saved=1")
}
