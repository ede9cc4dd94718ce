package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"huiyin/app/notify"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/hours"
)

// choicesPage is what an agent wants to be told, and how.
type choicesPage struct {
	deskPage
	Saved    bool
	Error    string
	Channels []choice
	Rows     []choiceRow
	Quiet    []field
	Tried    *tryView
}

type choiceRow struct {
	Kind, Title string
	Boxes       []choiceBox
}

type choiceBox struct {
	Channel, Title string
	On             bool
}

func (s *Server) choicesPage(c echo.Context) error { return s.showChoices(c, nil, nil, nil) }

// showChoices shows her choices as they are, or as they were sent and refused; tried is what came of a test.
func (s *Server) showChoices(c echo.Context, refused *form, sent *notify.Choices, tried *tryView) error {
	desk, err := s.desk(c, "preferences")
	if err != nil {
		return err
	}
	kept, err := s.Notices.Choices(c.Request().Context(), of(c).agent.ID)
	if err != nil {
		return err
	}
	f := s.empty(c, map[string]string{"quiet_from": quietText(kept.QuietFrom, kept), "quiet_to": quietText(kept.QuietTo, kept)})
	if refused != nil {
		f, kept = refused, *sent
	}
	p := choicesPage{deskPage: desk, Saved: c.QueryParam("saved") != "", Error: f.General(), Tried: tried}
	for _, by := range notify.Channels {
		p.Channels = append(p.Channels, choice{string(by), p.T("notices.channel." + string(by))})
	}
	for _, k := range notify.Kinds {
		if k == notify.Alert && !desk.Me.IsAdmin() {
			continue
		}
		row := choiceRow{Kind: string(k), Title: p.T("notices.kind." + string(k))}
		for i, by := range notify.Channels {
			row.Boxes = append(row.Boxes, choiceBox{string(by), p.Channels[i].Name, kept.Wants(k, by)})
		}
		p.Rows = append(p.Rows, row)
	}
	p.Quiet = quietFields(f, "notices.quiet")
	return s.render(c, f.status(), "agent/notice_choices", p)
}

// quietText leaves the fields empty where nothing is quiet.
func quietText(at hours.Minute, c notify.Choices) string {
	if c.QuietFrom == c.QuietTo {
		return ""
	}
	return at.String()
}

func quietFields(f *form, key string) []field {
	return []field{
		f.input(field{Name: "quiet_from", Label: f.words.T("notices.quiet_from"), Hint: f.words.T(key), Max: 5, Complete: "off"}),
		f.input(field{Name: "quiet_to", Label: f.words.T("notices.quiet_to"), Max: 5, Complete: "off"}),
	}
}

func (s *Server) saveChoices(c echo.Context) error {
	f := s.sent(c)
	sent, err := readChoices(c)
	if err == nil && of(c).agent.Role != tickets.RoleAdmin { // she is not asked: what holds should she become one stays
		var kept notify.Choices
		kept, err = s.Notices.Choices(c.Request().Context(), of(c).agent.ID)
		sent.On[notify.Alert] = kept.On[notify.Alert]
	}
	if err == nil {
		err = s.Notices.SaveChoices(c.Request().Context(), of(c).agent.ID, sent)
	}
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showChoices(c, f, &sent, nil)
	}
	return c.Redirect(http.StatusSeeOther, "/preferences/notices?saved=1")
}

// readChoices reads the form; a kind of which nothing is ticked is off.
func readChoices(c echo.Context) (notify.Choices, error) {
	sent := notify.Choices{On: map[notify.Kind][]notify.Channel{}}
	values, err := c.FormParams()
	if err != nil {
		return sent, errBadForm
	}
	for _, k := range notify.Kinds {
		for _, by := range values[string(k)] {
			sent.On[k] = append(sent.On[k], notify.Channel(by))
		}
	}
	sent.QuietFrom, sent.QuietTo, err = readQuietHours(c)
	return sent, err
}

// readQuietHours reads two times of the day; both empty: never quiet. Errors: Invalid (quiet_from, quiet_to).
func readQuietHours(c echo.Context) (from, to hours.Minute, err error) {
	if c.FormValue("quiet_from") == "" && c.FormValue("quiet_to") == "" {
		return 0, 0, nil
	}
	e := fault.New(fault.Invalid, "error.invalid")
	for name, at := range map[string]*hours.Minute{"quiet_from": &from, "quiet_to": &to} {
		var ok bool
		if *at, ok = hours.ParseMinute(c.FormValue(name)); !ok {
			e.Fields = append(e.Fields, fault.Field{Name: name, Code: "range", Key: "notices.error.time"})
		}
	}
	if len(e.Fields) > 0 {
		return 0, 0, e
	}
	return from, to, nil
}

// tryNoticeMail sends her a mail and says what happened.
func (s *Server) tryNoticeMail(c echo.Context) error {
	ctx := c.Request().Context()
	me, err := s.Tickets.Agent(ctx, of(c).agent.ID)
	if err != nil {
		return err
	}
	err = s.Notices.TryMail(ctx, me)
	return s.showChoices(c, nil, nil, s.tried(c, err, "notices.test.mail_sent", "email", me.Email))
}

// tried says in words what came of a test.
func (s *Server) tried(c echo.Context, err error, key string, args ...any) *tryView {
	w := s.words(c)
	if err == nil {
		return &tryView{Good: true, Text: w.T(key, args...)}
	}
	var f notify.Failure
	if !errors.As(err, &f) {
		s.Log.WarnContext(c.Request().Context(), "a test notice failed", "id", of(c).id, "error", err)
		return &tryView{Text: w.T("notices.reason.other")}
	}
	out := &tryView{Text: w.T(f.Reason())}
	if f.Detail() != "" {
		out.Text += " " + w.T("notices.test.detail", "detail", f.Detail())
	}
	return out
}

// agentName is the name of an agent for a record, "" for one that is not there.
func agentName(all []tickets.Agent, is func(*tickets.Agent) bool) string {
	for i := range all {
		if is(&all[i]) {
			return all[i].Name
		}
	}
	return ""
}
