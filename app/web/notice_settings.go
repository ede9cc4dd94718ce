package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/app/notify"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/hours"
	"huiyin/tickets/id"
)

// sentLines is how many lines of the record of notices a page shows.
const sentLines = 30

// noticesPage is whom the desk tells, and after how long.
type noticesPage struct {
	settingsFrame
	Error   string
	Minutes []field
	New     targetForm
	Targets []targetView
	Lines   []sentLine
	Next    string // address of older lines
}

// targetForm is a target's fields; of a new one or of one that is there.
type targetForm struct {
	Error      string
	Fields     []field
	Kinds      []choiceBox
	KindsWrong string
	Quiet      []field
	Off        bool
	Fresh      bool
}

type targetView struct {
	*Words
	ID, Name, Sort, Host string
	Off                  bool
	FailingAt            int64
	Open                 bool
	Form                 targetForm
	Tried                *tryView
}

type sentLine struct {
	What, To, State, Class, Href string
	At                           int64
}

// refusedTarget is what was sent for a target and refused, or what came of its test.
type refusedTarget struct {
	target id.ID // 0: a new one
	form   *form
	tried  *tryView
}

func (s *Server) noticesPage(c echo.Context) error { return s.showNotices(c, nil, nil) }

func (s *Server) showNotices(c echo.Context, refused *form, at *refusedTarget) error {
	frame, err := s.settings(c, "notices")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	set, err := s.Notices.Settings(ctx)
	if err != nil {
		return err
	}
	f := s.empty(c, map[string]string{"unanswered_minutes": strconv.Itoa(set.UnansweredMinutes), "repeat_minutes": strconv.Itoa(set.RepeatMinutes)})
	if refused != nil {
		f = refused
	}
	p := noticesPage{settingsFrame: frame, Error: f.General()}
	for _, name := range []string{"unanswered_minutes", "repeat_minutes"} {
		p.Minutes = append(p.Minutes, f.input(field{Name: name, Type: "number", Label: p.T("notices.field." + name), Hint: p.T("notices.hint." + name), Required: true}))
	}
	list, err := s.Notices.Targets(ctx)
	if err != nil {
		return err
	}
	p.addTargets(s, c, list, at)
	if err := s.addSent(ctx, c, &p, list); err != nil {
		return err
	}
	status := f.status()
	if at != nil && at.form != nil {
		status = at.form.status()
	}
	return s.render(c, status, "agent/notices", p)
}

func (p *noticesPage) addTargets(s *Server, c echo.Context, list []notify.Target, at *refusedTarget) {
	fresh := s.empty(c, map[string]string{"sort": notify.TargetWeCom, "locale": p.Locale})
	kinds := notify.TargetKinds()
	if at != nil && at.form != nil && at.target == 0 {
		fresh, kinds = at.form, sentKinds(c)
	}
	p.New = formOfTarget(fresh, "new-", kinds, false, true)
	for i := range list {
		t := &list[i]
		v := targetView{Words: p.Words, ID: t.ID.String(), Name: t.Name, Sort: p.T("notices.sort." + t.Sort), Host: t.Host(), Off: t.Off, FailingAt: t.FailingAt}
		f, kinds, off := s.empty(c, map[string]string{
			"sort": t.Sort, "name": t.Name, "locale": t.Locale, "quiet_from": quietOf(t, t.QuietFrom), "quiet_to": quietOf(t, t.QuietTo),
		}), t.Kinds, t.Off
		if at != nil && at.target == t.ID {
			if v.Tried = at.tried; at.form != nil {
				f, kinds, off, v.Open = at.form, sentKinds(c), c.FormValue("off") != "", true
			}
		}
		v.Form = formOfTarget(f, v.ID+"-", kinds, off, false)
		p.Targets = append(p.Targets, v)
	}
}

func quietOf(t *notify.Target, at hours.Minute) string {
	if t.QuietFrom == t.QuietTo {
		return ""
	}
	return at.String()
}

func formOfTarget(f *form, prefix string, kinds []notify.Kind, off, fresh bool) targetForm {
	w := f.words
	var sorts []option
	for _, one := range notify.TargetSorts {
		sorts = append(sorts, option{one, w.T("notices.sort." + one)})
	}
	address := field{Name: "url", Type: "url", Label: w.T("notices.field.url"), Hint: w.T("notices.hint.url"), Max: 500, Required: fresh}
	secret := field{Name: "secret", Type: "password", Label: w.T("notices.field.secret"), Hint: w.T("notices.hint.secret"), Max: 200}
	if !fresh {
		address.Hint, secret.Hint = w.T("notices.hint.kept"), w.T("notices.hint.kept")
	}
	out := targetForm{Error: f.General(), KindsWrong: f.wrong("kinds"), Off: off, Fresh: fresh, Quiet: quietFields(f, "notices.quiet_group")}
	for _, one := range []field{
		{Name: "sort", Type: "select", Label: w.T("notices.field.sort"), Options: sorts},
		{Name: "name", Label: w.T("notices.field.name"), Hint: w.T("notices.hint.name"), Max: 60, Required: true}, address, secret,
		{Name: "locale", Type: "select", Label: w.T("notices.field.locale"), Options: languages()},
	} {
		one.Prefix, one.Complete = prefix, "off"
		out.Fields = append(out.Fields, f.input(one))
	}
	for i := range out.Quiet {
		out.Quiet[i].Prefix = prefix
	}
	for _, k := range notify.TargetKinds() {
		out.Kinds = append(out.Kinds, choiceBox{string(k), w.T("notices.kind." + string(k)), slices.Contains(kinds, k)})
	}
	return out
}

// addSent adds the record of what left the house.
func (s *Server) addSent(ctx context.Context, c echo.Context, p *noticesPage, targets []notify.Target) error {
	before, _ := id.Parse(c.QueryParam("before")) // zero, from the newest, when it is none
	list, err := s.Notices.Sent(ctx, before, sentLines+1)
	if err != nil {
		return err
	}
	agents, err := s.Tickets.Agents(ctx)
	if err != nil {
		return err
	}
	if len(list) > sentLines {
		list = list[:sentLines]
		p.Next = "/settings/notices?before=" + list[sentLines-1].ID.String() + "#sent"
	}
	for i := range list {
		x := &list[i]
		line := sentLine{What: p.T("notices.kind." + string(x.Kind)), State: p.T("notices.state." + x.State), At: x.At, Class: map[string]string{"sent": "good", "failed": "bad"}[x.State]}
		if x.Target != 0 {
			at := slices.IndexFunc(targets, func(t notify.Target) bool { return t.ID == x.Target })
			if line.To = p.T("notices.gone"); at >= 0 {
				line.To = targets[at].Name
			}
		} else {
			line.To = p.T("notices.mail_to", "name", agentName(agents, func(a *tickets.Agent) bool { return a.ID == x.Agent }))
		}
		if x.Reason != "" {
			line.State += " · " + p.T(x.Reason)
		}
		p.Lines = append(p.Lines, line)
	}
	return nil
}

func (s *Server) saveNotices(c echo.Context) error {
	f, set := s.sent(c), notify.Settings{}
	set.UnansweredMinutes, _ = strconv.Atoi(strings.TrimSpace(c.FormValue("unanswered_minutes"))) // zero is refused by name
	set.RepeatMinutes, _ = strconv.Atoi(strings.TrimSpace(c.FormValue("repeat_minutes")))
	if err := s.Notices.SaveSettings(c.Request().Context(), set); err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showNotices(c, f, nil)
	}
	return c.Redirect(http.StatusSeeOther, "/settings/notices?saved=1")
}

func sentKinds(c echo.Context) (out []notify.Kind) {
	if values, err := c.FormParams(); err == nil {
		for _, k := range values["kinds"] {
			out = append(out, notify.Kind(k))
		}
	}
	return out
}

func (s *Server) addTarget(c echo.Context) error { return s.putTarget(c, 0) }

func (s *Server) saveTarget(c echo.Context) error {
	target, err := id.Parse(c.Param("target"))
	if err != nil || target == 0 {
		return fault.New(fault.NotFound, "notices.error.target")
	}
	return s.putTarget(c, target)
}

func (s *Server) putTarget(c echo.Context, target id.ID) error {
	f := s.sent(c)
	t := notify.Target{
		ID: target, Sort: c.FormValue("sort"), Name: c.FormValue("name"), URL: strings.TrimSpace(c.FormValue("url")), Secret: strings.TrimSpace(c.FormValue("secret")),
		Kinds: sentKinds(c), Locale: c.FormValue("locale"), Off: c.FormValue("off") != "",
	}
	var err error
	if t.QuietFrom, t.QuietTo, err = readQuietHours(c); err == nil {
		_, err = s.Notices.SaveTarget(c.Request().Context(), t)
	}
	if fault.Is(err, fault.NotFound) {
		return err
	}
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showNotices(c, nil, &refusedTarget{target: target, form: f})
	}
	return c.Redirect(http.StatusSeeOther, "/settings/notices?saved=1")
}

// tryTarget sends a target a test and says what happened.
func (s *Server) tryTarget(c echo.Context) error {
	target, err := id.Parse(c.Param("target"))
	if err != nil {
		return fault.New(fault.NotFound, "notices.error.target")
	}
	err = s.Notices.TryTarget(c.Request().Context(), target)
	if fault.Is(err, fault.NotFound) {
		return err
	}
	return s.showNotices(c, nil, &refusedTarget{target: target, tried: s.tried(c, err, "notices.test.sent")})
}

func (s *Server) deleteTarget(c echo.Context) error {
	target, err := id.Parse(c.Param("target"))
	if err != nil {
		return fault.New(fault.NotFound, "notices.error.target")
	}
	if err := s.Notices.DeleteTarget(c.Request().Context(), target); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/notices?saved=1")
}
