package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"huiyin/app/hooks"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// hookRoutes are the doors of the settings of webhooks.
func (s *Server) hookRoutes() []route {
	return []route{
		{http.MethodGet, "/settings/webhooks", admin, limitRead, s.hooksPage},
		{http.MethodPost, "/settings/webhooks", admin, limitWrite, s.addHook},
		{http.MethodGet, "/settings/webhooks/:hook", admin, limitRead, s.hookPage},
		{http.MethodPost, "/settings/webhooks/:hook", admin, limitWrite, s.saveHook},
		{http.MethodPost, "/settings/webhooks/:hook/secret", admin, limitWrite, s.rotateHook},
		{http.MethodPost, "/settings/webhooks/:hook/state", admin, limitWrite, s.switchHook},
		{http.MethodPost, "/settings/webhooks/:hook/removal", admin, limitWrite, s.removeHook},
		{http.MethodPost, "/settings/webhooks/:hook/test", admin, limitSignIn, s.tryHook},
		{http.MethodPost, "/settings/webhooks/:hook/deliveries/:delivery/replay", admin, limitWrite, s.replayDelivery},
	}
}

// hookLines is how many lines of the log a page shows.
const hookLines = 30

type hooksPage struct {
	settingsFrame
	hookForm
	Hooks []hookRow
}

// hookForm is the form of a hook, new or old.
type hookForm struct {
	Error       string
	URL         field
	Events      []hookEvent
	EventsWrong string
}

type hookEvent struct {
	Name, Text string
	On         bool
}

type hookRow struct {
	Host, Href, State, Events string
	On                        bool
}

type hookPage struct {
	settingsFrame
	hookForm
	Host, Action, State string
	On                  bool
	Secret              string // shown once, after it was made
	Tried               *tryView
	Lines               []hookLine
	Next                string // address of older lines
}

type hookLine struct {
	Event, ID, What, Replay string
	Good, Bad               bool
	At                      int64
}

// hookShown is what a page of one hook shows beside what is kept.
type hookShown struct {
	refused *form
	secret  string
	tried   *tryView
}

func (s *Server) hooksPage(c echo.Context) error { return s.showHooks(c, nil) }

func (s *Server) showHooks(c echo.Context, refused *form) error {
	frame, err := s.settings(c, "webhooks")
	if err != nil {
		return err
	}
	list, err := s.Hooks.Hooks(c.Request().Context())
	if err != nil {
		return err
	}
	f, chosen := s.empty(c, nil), hooks.Events()
	if refused != nil {
		f, chosen = refused, chosenEvents(c)
	}
	p := hooksPage{settingsFrame: frame, hookForm: newHookForm(f, chosen)}
	for i := range list {
		h := &list[i]
		p.Hooks = append(p.Hooks, hookRow{
			Host: h.Host(), Href: "/settings/webhooks/" + h.ID.String(), State: p.T("hooks.state." + h.State), On: h.State == hooks.StateOn,
			Events: p.T("hooks.count", "count", len(h.Events)),
		})
	}
	return s.render(c, f.status(), "agent/webhooks", p)
}

func newHookForm(f *form, chosen []string) hookForm {
	w := f.words
	h := hookForm{Error: f.General(), EventsWrong: f.wrong("events"), URL: f.input(field{
		Name: "url", Type: "url", Label: w.T("hooks.field.url"), Hint: w.T("hooks.hint.url"), Complete: "off", Max: 2000, Required: true,
	})}
	for _, name := range hooks.Events() {
		h.Events = append(h.Events, hookEvent{Name: name, Text: w.T("hooks.event." + name), On: slices.Contains(chosen, name)})
	}
	return h
}

// hookOf is the hook that the address names.
func hookOf(c echo.Context) (id.ID, error) {
	hook, err := id.Parse(c.Param("hook"))
	if err != nil {
		return 0, fault.New(fault.NotFound, "hooks.error.unknown")
	}
	return hook, nil
}

func (s *Server) hookPage(c echo.Context) error {
	hook, err := hookOf(c)
	if err != nil {
		return err
	}
	return s.showHook(c, hook, hookShown{})
}

func (s *Server) showHook(c echo.Context, hook id.ID, shown hookShown) error {
	ctx := c.Request().Context()
	h, err := s.Hooks.Hook(ctx, hook)
	if err != nil {
		return err
	}
	frame, err := s.settings(c, "webhooks")
	if err != nil {
		return err
	}
	f, chosen := s.empty(c, map[string]string{"url": h.URL}), h.Events
	if shown.refused != nil {
		f, chosen = shown.refused, chosenEvents(c)
	}
	p := hookPage{
		settingsFrame: frame, hookForm: newHookForm(f, chosen), Host: h.Host(), Action: "/settings/webhooks/" + h.ID.String(),
		State: frame.T("hooks.state." + h.State), On: h.State == hooks.StateOn, Secret: shown.secret, Tried: shown.tried,
	}
	if shown.secret != "" {
		c.Response().Header().Set("Cache-Control", "no-store")
	}
	before, _ := id.Parse(c.QueryParam("before")) // zero, from the newest, when it is none
	list, err := s.Hooks.Deliveries(ctx, hook, before, hookLines+1)
	if err != nil {
		return err
	}
	if len(list) > hookLines {
		list = list[:hookLines]
		p.Next = p.Action + "?before=" + list[hookLines-1].ID.String() + "#log"
	}
	for i := range list {
		p.Lines = append(p.Lines, p.line(&list[i]))
	}
	return s.render(c, f.status(), "agent/webhook", p)
}

// line is a delivery in words.
func (p *hookPage) line(d *hooks.Delivery) hookLine {
	l := hookLine{
		Event: p.T("hooks.event." + d.Event), ID: d.ID.String(), At: d.At, Good: d.State == "sent", Bad: d.State == "failed",
		What: p.T("hooks.delivery." + d.State),
	}
	if d.State != "waiting" && p.On {
		l.Replay = p.Action + "/deliveries/" + d.ID.String() + "/replay"
	}
	if d.Attempts > 0 {
		l.What += " · " + p.T("hooks.attempts", "count", d.Attempts)
	}
	if why := p.why(d.Status, d.Reason); why != "" {
		l.What += " · " + why
	}
	if d.State == "waiting" && d.Attempts > 0 {
		l.What += " · " + p.T("hooks.next", "time", p.Full(d.NextAt))
	}
	return l
}

// why says what a receiver answered, or why it did not.
func (p *hookPage) why(status int, word string) string {
	switch {
	case word == "gone":
		return p.T("hooks.reason.gone")
	case word == "off":
		return p.T("hooks.reason.off")
	case word != "":
		return p.noAnswer(word)
	case status != 0:
		return p.T("hooks.status", "status", strconv.Itoa(status))
	}
	return ""
}
