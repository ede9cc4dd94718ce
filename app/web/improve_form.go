package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/app/improve"
	"huiyin/tickets/id"
)

type taskForm struct {
	deskPage
	Heading, Action, Back string
	Version               int
	Error                 string
	Title, What, Why      field
	Owner, Due, Target    field
	Links, ChangeDay      field
	How                   improve.How
	HowWrong              string
	Groups                []taskGroup
	GroupsWrong           string
	Others                []option // groups that may be linked as well
	Outlook               []string // what is to be expected at today's pace
}

// taskGroup is a group of complaints that a task is about.
type taskGroup struct{ ID, Name, Href string }

func groupHref(group id.ID) string { return "/insights/groups/" + group.String() }

func (s *Server) newTaskPage(c echo.Context) error {
	draft := improve.Draft{Target: improve.TargetUsual, How: improve.Everybody, Owner: of(c).agent.ID}
	for _, text := range c.QueryParams()["group"] {
		if group, err := id.Parse(text); err == nil {
			draft.Groups = append(draft.Groups, group)
		}
	}
	if len(draft.Groups) > 0 {
		g, err := s.Insights.Group(c.Request().Context(), draft.Groups[0])
		if err != nil {
			return err
		}
		draft.Title = s.words(c).T("improve.title_of", "group", groupName(s.words(c), g.Called()))
	}
	return s.showTaskForm(c, nil, draft, nil)
}

func (s *Server) createTask(c echo.Context) error {
	draft := sentDraft(c)
	t, err := s.Improve.Create(c.Request().Context(), actor(c), draft)
	if err != nil {
		f := s.sent(c)
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showTaskForm(c, nil, draft, f)
	}
	return s.done(c, taskHref(t.Number), map[string]any{"number": t.Number})
}

func (s *Server) editTaskPage(c echo.Context) error {
	t, err := s.taskOf(c)
	if err != nil {
		return err
	}
	return s.showTaskForm(c, t, t.Draft(), nil)
}

func (s *Server) saveTask(c echo.Context) error {
	t, err := s.taskOf(c)
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(c.FormValue("version")) // none fits no task
	draft := sentDraft(c)
	if _, err := s.Improve.Change(c.Request().Context(), actor(c), t.ID, version, draft); err != nil {
		f := s.sent(c)
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showTaskForm(c, t, draft, f)
	}
	return s.done(c, taskHref(t.Number)+"?saved=1", nil)
}

// sentDraft reads the form of a task.
func sentDraft(c echo.Context) improve.Draft {
	target, err := strconv.Atoi(strings.TrimSpace(c.FormValue("target")))
	if err != nil {
		target = -1
	}
	d := improve.Draft{
		Title: c.FormValue("title"), What: c.FormValue("what"), Why: c.FormValue("why"), Links: strings.Split(c.FormValue("links"), "\n"),
		Due: c.FormValue("due"), Target: target, How: improve.How(c.FormValue("how")), ChangeDay: c.FormValue("change_day"),
	}
	d.Owner, _ = id.Parse(c.FormValue("owner")) // zero: nobody yet
	values, err := c.FormParams()
	if err != nil {
		return d
	}
	for _, text := range append(values["group"], values["more"]...) {
		if group, err := id.Parse(text); err == nil && group != 0 {
			d.Groups = append(d.Groups, group)
		}
	}
	return d
}

// draftValues are a draft as the fields of its form.
func draftValues(d improve.Draft) map[string]string {
	v := map[string]string{
		"title": d.Title, "what": d.What, "why": d.Why, "links": strings.Join(d.Links, "\n"), "due": d.Due, "target": strconv.Itoa(d.Target), "change_day": d.ChangeDay,
	}
	if d.Owner != 0 {
		v["owner"] = d.Owner.String()
	}
	return v
}

// showTaskForm shows the form of a new task (nil) or of one that is there.
func (s *Server) showTaskForm(c echo.Context, t *improve.Task, d improve.Draft, refused *form) error {
	desk, err := s.desk(c, "improve")
	if err != nil {
		return err
	}
	f := refused
	if f == nil {
		f = s.empty(c, draftValues(d))
	}
	p := taskForm{deskPage: desk, Heading: desk.T("improve.new"), Action: "/improve", Back: "/improve", How: d.How, HowWrong: f.wrong("how"), GroupsWrong: f.wrong("groups"), Error: f.General()}
	if t != nil {
		p.Heading, p.Action, p.Back, p.Version = desk.T("improve.edit"), taskHref(t.Number), taskHref(t.Number), t.Version
	}
	if p.How == "" {
		p.How = improve.Everybody
	}
	if err := s.taskFields(c, &p, f); err != nil {
		return err
	}
	if err := s.taskGroups(c, &p, d.Groups); err != nil {
		return err
	}
	if p.Outlook, err = s.outlook(c, d.Groups, d.Target, improve.ShareUsual); err != nil {
		return err
	}
	return s.render(c, f.status(), "agent/improve_form", p)
}

func (s *Server) taskFields(c echo.Context, p *taskForm, f *form) error {
	who, err := s.people(c)
	if err != nil {
		return err
	}
	owners := []option{{"", p.T("improve.owner_none")}}
	for _, one := range who.working(of(c).agent.ID) {
		owners = append(owners, option{one.ID, one.Name})
	}
	input := func(name, typ string, more field) field {
		more.Name, more.Type, more.Label = name, typ, p.T("improve.field."+name)
		return f.input(more)
	}
	hint := func(name string) string { return p.T("improve.hint." + name) }
	p.Title = input("title", "text", field{Required: true, Max: improve.TitleMax, Hint: hint("title"), Complete: "off"})
	p.What = input("what", "textarea", field{Rows: 4, Hint: hint("what")})
	p.Why = input("why", "textarea", field{Rows: 3, Hint: hint("why")})
	p.Owner = input("owner", "select", field{Options: owners})
	p.Due = input("due", "date", field{Class: "short"})
	p.Target = input("target", "number", field{Class: "short", Required: true, Hint: hint("target"), Complete: "off"})
	p.Links = input("links", "textarea", field{Rows: 2, Hint: hint("links")})
	p.ChangeDay = input("change_day", "date", field{Class: "short", Hint: hint("change_day")})
	return nil
}

func (s *Server) taskGroups(c echo.Context, p *taskForm, linked []id.ID) error {
	groups, err := s.Insights.Groups(c.Request().Context())
	if err != nil {
		return err
	}
	b, err := s.cards(c, p.Words)
	if err != nil {
		return err
	}
	for _, group := range linked {
		name, err := b.group(group)
		if err != nil {
			return err
		}
		p.Groups = append(p.Groups, taskGroup{group.String(), name, groupHref(group)})
	}
	p.Others = []option{{"", p.T("improve.group_none")}}
	for i := range groups {
		if g := &groups[i]; !slices.Contains(linked, g.ID) {
			p.Others = append(p.Others, option{g.ID.String(), groupName(p.Words, g.Called())})
		}
	}
	return nil
}

// outlook says when an answer may be expected, and which way is the quickest.
func (s *Server) outlook(c echo.Context, groups []id.ID, target, share int) (out []string, err error) {
	w := s.words(c)
	if len(groups) == 0 || target < 5 || target > 90 {
		return nil, nil
	}
	look, err := s.Improve.Look(c.Request().Context(), groups, target, share)
	if err != nil {
		return nil, err
	}
	out = append(out, w.T("improve.look.pace", "pace", w.rate(look.Pace), "target", target))
	for _, one := range []struct {
		key   string
		what  improve.Outlook
		share int
	}{{"trial", look.Trial, share}, {"everybody", look.Everybody, 0}} {
		key, pairs := "improve.look."+one.key, []any{"count", one.what.Weeks, "share", one.share}
		if one.what.HarmOnly() {
			key += "_harm"
		}
		out = append(out, w.T(key, pairs...))
	}
	switch {
	case look.Half.HarmOnly() && look.Everybody.HarmOnly():
		out = append(out, w.T("improve.look.quickest_none"))
	case look.Quickest() == improve.OnTrial:
		out = append(out, w.T("improve.look.quickest_trial", "count", look.Half.Weeks))
	default:
		out = append(out, w.T("improve.look.quickest_everybody", "count", look.Everybody.Weeks))
	}
	return out, nil
}
