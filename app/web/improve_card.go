package web

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/app/improve"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// entriesMost is how much of a task's history its page shows.
const entriesMost = 300

type taskPage struct {
	deskPage
	Card      cardView
	Saved     bool
	What, Why []string // lines
	Links     []string
	Groups    []taskGroup
	Target    int
	ChangeDay string
	OnTrial   bool
	Leads     bool
	MayWrite  bool
	Mentions  []string // whom a comment may name
	Trial     *trialView
	Outlook   []string
	Measured  int64
	Entries   []taskEntry
	Files     []taskFileView
	FilesFull bool
	Rules     fileRules
	Error     string // of an act that was refused
	Comment   field
	Note      field
	File      field
	Share     field
	Mode      string
}

// taskEntry is what happened, in words.
type taskEntry struct {
	Who, Text string
	Body      []string
	At        int64
	Comment   bool
}

type taskFileView struct {
	Name, Size, Href, Who string
	Removal               string // address; empty: who looks may not take it away
}

// trialView is a trial in words.
type trialView struct {
	Key, State, Mode, Share string
	Lines                   []string
	HarmOnly                bool
	Planned, Running        bool
	Hash                    bool
	Example                 string
}

// taskOf is the task that the address names. Errors: NotFound.
func (s *Server) taskOf(c echo.Context) (*improve.Task, error) {
	number, err := strconv.ParseInt(c.Param("number"), 10, 64)
	if err != nil || number <= 0 {
		return nil, fault.New(fault.NotFound, "improve.error.unknown")
	}
	return s.Improve.ByNumber(c.Request().Context(), number)
}

func (s *Server) taskPage(c echo.Context) error {
	t, err := s.taskOf(c)
	if err != nil {
		return err
	}
	return s.showTask(c, t, nil)
}

// showTask shows a task; refused is a form of its page that was not taken.
func (s *Server) showTask(c echo.Context, t *improve.Task, refused *form) error {
	desk, err := s.desk(c, "improve")
	if err != nil {
		return err
	}
	if err := s.Notices.ReadTicket(c.Request().Context(), of(c).agent.ID, t.ID); err != nil {
		return err
	}
	p := &taskPage{deskPage: desk, Saved: c.QueryParam("saved") != "", Links: t.Links, Target: t.Target, OnTrial: t.How == improve.OnTrial, Leads: desk.Me.IsManager(), Measured: t.EffectAt}
	p.What, p.Why = textLines(t.What), textLines(t.Why)
	if t.ChangeDay != "" {
		p.ChangeDay = p.date(t.ChangeDay)
	}
	f := refused
	if f == nil {
		f = s.empty(c, map[string]string{"share": strconv.Itoa(improve.ShareUsual)})
	}
	p.Error = f.General()
	if f.err != nil && p.Error == "" && (f.wrong("state") != "" || f.wrong("mode") != "") {
		p.Error = f.any()
	}
	p.Comment = f.input(field{Name: "body", Type: "textarea", Rows: 3, Required: true, Label: p.T("improve.comment"), Hint: p.T("improve.comment_hint")})
	p.Note = f.input(field{Name: "note", Label: p.T("improve.note"), Complete: "off"})
	p.Share = f.input(field{Name: "share", Type: "number", Class: "short", Required: true, Complete: "off", Label: p.T("improve.share"), Hint: p.T("improve.share_hint")})
	for _, fill := range []func(echo.Context, *improve.Task, *taskPage) error{s.fillCard, s.fillTrial, s.fillHistory} {
		if err := fill(c, t, p); err != nil {
			return err
		}
	}
	if err := s.fillTaskFiles(c, t, p, f); err != nil {
		return err
	}
	return s.render(c, f.status(), "agent/improve_task", p)
}

func textLines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func (s *Server) fillCard(c echo.Context, t *improve.Task, p *taskPage) error {
	b, err := s.cards(c, p.Words)
	if err != nil {
		return err
	}
	if p.Card, err = b.of(t); err != nil {
		return err
	}
	for i, group := range t.Groups {
		p.Groups = append(p.Groups, taskGroup{group.String(), p.Card.Groups[i], groupHref(group)})
	}
	if e := p.Card.Effect; e != nil {
		for _, group := range t.Effect.Others {
			name, err := b.group(group)
			if err != nil {
				return err
			}
			e.Others = append(e.Others, taskGroup{group.String(), name, groupHref(group)})
		}
	}
	for _, one := range b.people.working(of(c).agent.ID) {
		p.Mentions = append(p.Mentions, one.Name)
	}
	p.MayWrite, err = s.Improve.MayWrite(c.Request().Context(), actor(c), t.ID)
	return err
}

func (s *Server) fillTrial(c echo.Context, t *improve.Task, p *taskPage) error {
	if !p.OnTrial {
		return nil
	}
	trial, err := s.Improve.TrialOf(c.Request().Context(), t.ID)
	if err != nil {
		return err
	}
	share := improve.ShareUsual
	p.Mode = string(improve.ByHash)
	if trial != nil {
		p.Trial, share, p.Mode = s.trialView(p.Words, trial), trial.Share, string(trial.Mode)
		if p.Share.Wrong == "" {
			p.Share.Value = strconv.Itoa(share)
		}
	}
	if trial == nil || trial.State == improve.Planned {
		p.Outlook, err = s.outlook(c, t.Groups, t.Target, share)
	}
	return err
}

func (s *Server) trialView(w *Words, t *improve.Trial) *trialView {
	v := &trialView{
		Key: t.Key, State: w.T("improve.trial." + string(t.State)), Mode: w.T("improve.mode." + string(t.Mode)), Share: strconv.Itoa(t.Share), HarmOnly: t.HarmOnly,
		Planned: t.State == improve.Planned, Running: t.State == improve.Running, Hash: t.Mode == improve.ByHash,
	}
	if v.Hash {
		v.Example = "huiyin('trial', '" + t.Key + "', function (a) { if (a.treated) { … } })"
	} else {
		v.Example = `"meta": {"trial": "` + t.Key + `", "arm": "treated"}`
	}
	if t.StartedAt > 0 {
		v.Lines = append(v.Lines, w.T("improve.trial_since", "day", w.Date(t.StartedAt)))
	}
	if t.EndedAt > 0 {
		v.Lines = append(v.Lines, w.T("improve.trial_until", "day", w.Date(t.EndedAt)))
	}
	if t.State != improve.Planned && t.Need > 0 {
		v.Lines = append(v.Lines, w.T("improve.trial_need", "need", w.Number(t.Need), "fall", t.Fall, "weeks", t.Weeks))
	}
	return v
}

func (s *Server) fillHistory(c echo.Context, t *improve.Task, p *taskPage) error {
	list, err := s.Improve.History(c.Request().Context(), t.ID, entriesMost)
	if err != nil {
		return err
	}
	who, err := s.people(c)
	if err != nil {
		return err
	}
	for i := range list {
		e := &list[i]
		v := taskEntry{Who: p.T("improve.desk"), Text: entryText(p.Words, who, e), Body: textLines(e.Body), At: e.At, Comment: e.Kind == improve.EntryComment}
		if e.By != 0 {
			v.Who = who.name(e.By)
		}
		p.Entries = append(p.Entries, v)
	}
	return nil
}

// entryText says what happened.
func entryText(w *Words, who people, e *improve.Entry) string {
	word := func(name string) string { text, _ := e.Data[name].(string); return text }
	switch e.Kind {
	case improve.EntryState:
		return w.T("improve.entry.state", "from", w.T("improve.state."+word("from")), "to", w.T("improve.state."+word("to")))
	case improve.EntryChanged:
		return w.T("improve.entry.changed", "what", changedText(w, who, e.Data))
	case improve.EntryVerdict:
		return w.T("improve.entry.verdict", "verdict", w.T("improve.verdict."+word("to")))
	case improve.EntryTrial:
		return w.T("improve.entry.trial_" + word("what"))
	case improve.EntryFile:
		if word("removed") != "" {
			return w.T("improve.entry.file_removed")
		}
		return w.T("improve.entry.file")
	case improve.EntryCreated:
		return w.T("improve.entry.created")
	}
	return ""
}

// changedText names what was changed, with what was before and is now where that is no text.
func changedText(w *Words, who people, data map[string]any) string {
	var parts []string
	for _, name := range []string{"title", "what", "why", "links", "groups", "owner", "due", "target", "how", "change_day"} {
		value, said := data[name]
		if !said {
			continue
		}
		part := w.T("improve.field." + name)
		if pair, ok := value.([]any); ok && len(pair) == 2 {
			part += " " + valueText(w, who, name, pair[0]) + " → " + valueText(w, who, name, pair[1])
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, w.Between())
}

func valueText(w *Words, who people, name string, value any) string {
	switch v := value.(type) {
	case float64:
		return strconv.Itoa(int(v)) + "%"
	case string:
		switch {
		case v == "" || v == "0":
			return "–"
		case name == "owner":
			one, _ := id.Parse(v) // an id of ours
			return who.name(one)
		case name == "how":
			return w.T("improve.how_word." + v)
		}
		return w.date(v)
	}
	return ""
}

func (s *Server) fillTaskFiles(c echo.Context, t *improve.Task, p *taskPage, f *form) error {
	list, err := s.Improve.FilesOfTask(c.Request().Context(), t.ID)
	if err != nil {
		return err
	}
	who, err := s.people(c)
	if err != nil {
		return err
	}
	for i := range list {
		one := &list[i]
		v := taskFileView{Name: one.Name, Size: sizeText(uint64(max(one.Size, 0))), Href: taskHref(t.Number) + "/files/" + one.ID.String(), Who: who.name(one.By)}
		if p.Leads || one.By == of(c).agent.ID {
			v.Removal = v.Href + "/removal"
		}
		p.Files = append(p.Files, v)
	}
	p.FilesFull = len(list) >= improve.FilesMost
	if p.Rules, err = s.fileRules(c, p.Words); err != nil {
		return err
	}
	p.File = f.input(field{Name: "file", Type: "file", Label: p.T("improve.file_add"), Hint: p.Rules.Says, Required: true})
	return nil
}

// refusedTask shows the page of a task again with what is wrong, or gives the error back: to a script, and where no form can
// mend it.
func (s *Server) refusedTask(c echo.Context, t *improve.Task, err error) error {
	if wantsJSON(c) {
		return err
	}
	f := s.sent(c)
	if err := f.refused(err); err != nil {
		return err
	}
	if e := fault.As(err); e.Kind == fault.Denied || e.Kind == fault.NotFound {
		return err
	}
	if now, readErr := s.Improve.Task(c.Request().Context(), t.ID); readErr == nil {
		t = now
	}
	return s.showTask(c, t, f)
}

func (s *Server) moveTask(c echo.Context) error {
	t, err := s.taskOf(c)
	if err != nil {
		return err
	}
	m := improve.Move{To: improve.State(c.FormValue("state")), Note: c.FormValue("note")}
	m.Version, _ = strconv.Atoi(c.FormValue("version")) // none fits no task
	if number, err := strconv.ParseInt(c.FormValue("before"), 10, 64); err == nil {
		if before, err := s.Improve.ByNumber(c.Request().Context(), number); err == nil {
			m.Before = before.ID
		}
	}
	got, err := s.Improve.MoveTo(c.Request().Context(), actor(c), t.ID, m)
	if err != nil {
		return s.refusedTask(c, t, err)
	}
	back := taskHref(t.Number)
	if c.FormValue("from") == "board" {
		back = "/improve#task-" + strconv.FormatInt(t.Number, 10)
	}
	return s.done(c, back, map[string]any{"version": got.Version, "state": got.State})
}

func (s *Server) planTrial(c echo.Context) error {
	t, err := s.taskOf(c)
	if err != nil {
		return err
	}
	share, _ := strconv.Atoi(c.FormValue("share")) // none is no share
	if _, err := s.Improve.PlanTrial(c.Request().Context(), actor(c), t.ID, improve.Mode(c.FormValue("mode")), share); err != nil {
		return s.refusedTask(c, t, err)
	}
	return s.done(c, taskHref(t.Number)+"?saved=1#trial", nil)
}

func (s *Server) measureTask(c echo.Context) error {
	t, err := s.taskOf(c)
	if err != nil {
		return err
	}
	if _, err := s.Improve.Measure(c.Request().Context(), t.ID); err != nil {
		return err
	}
	return s.done(c, taskHref(t.Number)+"#effect", nil)
}

func (s *Server) commentTask(c echo.Context) error {
	t, err := s.taskOf(c)
	if err != nil {
		return err
	}
	if _, err := s.Improve.Comment(c.Request().Context(), actor(c), t.ID, c.FormValue("body")); err != nil {
		return s.refusedTask(c, t, err)
	}
	return s.done(c, (&url.URL{Path: taskHref(t.Number), Fragment: "history"}).String(), nil)
}
