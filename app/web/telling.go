package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/app/improve"
	"huiyin/app/improve/telling"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// tellingRoutes are where a manager tells those who complained, and writes what the public page says.
func (s *Server) tellingRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/improve/:number/telling", manager, limitRead, s.tellingPage},
		{post, "/improve/:number/telling", manager, limitWrite, s.startTelling},
		{post, "/improve/:number/telling/:round/stop", manager, limitWrite, s.stopTelling},
		{get, "/improve/:number/story", manager, limitRead, s.storyPage},
		{post, "/improve/:number/story", manager, limitWrite, s.saveStory},
		{post, "/improve/:number/story/settings", manager, limitWrite, s.saveStorySettings},
	}
}

type tellingView struct {
	deskPage
	Title, Back, Action string
	Early               bool // nothing has changed for everybody yet
	Error               string
	Texts               []field
	Variables           string
	Days                field
	Count               *tellingCount
	Samples             []tellingSample
	Rounds              []roundView
	Open                bool // one is under way
	Answers             string
}

// tellingCount is whom a telling would reach.
type tellingCount struct {
	People string
	Ways   []string
	Left   []countLine
	None   bool
}

type countLine struct{ What, N string }

type tellingSample struct {
	Lang, Name string
	Lines      []string
}

// roundView is a telling in words; it is a part of the page that lives.
type roundView struct {
	*Words
	State, Class, What, At string
	Running                bool
	Percent                int
	Missed                 []countLine
	Live, Stop             string // addresses
}

func (s *Server) tellingPage(c echo.Context) error {
	t, err := s.taskOf(c)
	if err != nil {
		return err
	}
	if one, err := id.Parse(c.QueryParam("round")); err == nil {
		return s.showRound(c, t, one)
	}
	values := map[string]string{"days": strconv.Itoa(telling.SinceUsual)}
	for _, lang := range telling.Languages() {
		name := "{{contact.name|" + s.Texts.Text(lang, "telling.default_nobody", nil) + "}}"
		values["text_"+lang] = s.Texts.Text(lang, "telling.default", map[string]any{"name": name})
	}
	return s.showTelling(c, t, s.empty(c, values), false)
}

func tellingPath(t *improve.Task) string { return taskHref(t.Number) + "/telling" }

// showRound gives the part of the page that shows how far a telling is.
func (s *Server) showRound(c echo.Context, t *improve.Task, one id.ID) error {
	r, err := s.Telling.Round(c.Request().Context(), one)
	if err != nil {
		return err
	}
	if r.Task != t.ID {
		return fault.New(fault.NotFound, "telling.error.round")
	}
	v, err := s.roundView(c, s.words(c), t, r)
	if err != nil {
		return err
	}
	return s.renderPart(c, "agent/telling", "telling-round", v)
}

// showTelling shows the page; look shows what would be read as well.
func (s *Server) showTelling(c echo.Context, t *improve.Task, f *form, look bool) error {
	ctx := c.Request().Context()
	desk, err := s.desk(c, "improve")
	if err != nil {
		return err
	}
	v := tellingView{deskPage: desk, Title: t.Title, Back: taskHref(t.Number), Action: tellingPath(t), Error: f.General()}
	v.Variables = "{{" + strings.Join(tickets.MacroVariables, "}}, {{") + "}}"
	for _, lang := range telling.Languages() {
		v.Texts = append(v.Texts, f.input(field{
			Name: "text_" + lang, Type: "textarea", Rows: 5, Max: telling.TextMax, Label: v.T("telling.text", "language", s.Texts.Text(lang, "improved.language", nil)), Hint: v.T("telling.text_hint"),
		}))
	}
	v.Days = f.input(field{Name: "days", Type: "number", Class: "short", Complete: "off", Required: true, Label: v.T("telling.days"), Hint: v.T("telling.days_hint")})
	days, _ := strconv.Atoi(f.values("days"))
	texts := tellingTexts(f.values)
	count, err := s.Telling.Preview(ctx, t.ID, s.Now().AddDate(0, 0, -max(1, min(days, telling.SinceMost))), said(texts))
	switch {
	case fault.Is(err, fault.Conflict):
		v.Early = true
	case err != nil:
		return err
	default:
		v.Count = v.count(count)
	}
	if look {
		v.Samples = s.samples(texts)
	}
	if err := s.fillRounds(c, t, &v); err != nil {
		return err
	}
	return s.render(c, f.status(), "agent/telling", v)
}

func tellingTexts(value func(string) string) telling.Texts {
	out := telling.Texts{}
	for _, lang := range telling.Languages() {
		out[lang] = value("text_" + lang)
	}
	return out
}

// said tells in which languages something is written.
func said(texts telling.Texts) (out []string) {
	for _, lang := range telling.Languages() {
		if tickets.Visible(texts[lang]) {
			out = append(out, lang)
		}
	}
	return out
}

// count says in words whom a telling would reach.
func (v *tellingView) count(p *telling.Preview) *tellingCount {
	out := &tellingCount{People: v.T("telling.people", "count", p.People), None: p.People == 0}
	for _, way := range []telling.Way{telling.ByChat, telling.ByMail} {
		if n := p.Ways[way]; n > 0 {
			out.Ways = append(out.Ways, v.T("telling.way."+string(way), "count", n))
		}
	}
	if p.Later > 0 {
		out.Ways = append(out.Ways, v.T("telling.later", "count", p.Later))
	}
	out.Left = reasonLines(v.Words, p.Left)
	return out
}

func reasonLines(w *Words, left map[telling.Reason]int) (out []countLine) {
	for _, why := range telling.Reasons() {
		if n := left[why]; n > 0 {
			out = append(out, countLine{w.T("telling.left." + string(why)), w.Number(n)})
		}
	}
	return out
}

// samples are the messages as somebody would read them.
func (s *Server) samples(texts telling.Texts) (out []tellingSample) {
	for _, lang := range said(texts) {
		values := map[string]string{
			"contact.name": s.Texts.Text(lang, "telling.sample.name", nil), "ticket.number": "1024", "shop.name": s.Texts.Text(lang, "telling.sample.shop", nil), "agent.name": s.Texts.Text(lang, "telling.sample.shop", nil),
			"inbox.name": s.Texts.Text(lang, "telling.sample.shop", nil), "order": "20260001", "ticket.subject": "…", "hotline": "400-…",
		}
		text := tickets.FillMacro(strings.TrimSpace(texts[lang]), values) + "\n\n" + s.Texts.Text(lang, "telling.ask", map[string]any{"link": s.BaseURL.JoinPath("told").String() + "/…"})
		out = append(out, tellingSample{lang, s.Texts.Text(lang, "improved.language", nil), strings.Split(text, "\n")})
	}
	return out
}

func (s *Server) fillRounds(c echo.Context, t *improve.Task, v *tellingView) error {
	ctx := c.Request().Context()
	list, err := s.Telling.Rounds(ctx, t.ID)
	if err != nil {
		return err
	}
	for i := range list {
		one, err := s.roundView(c, v.Words, t, &list[i])
		if err != nil {
			return err
		}
		v.Rounds, v.Open = append(v.Rounds, one), v.Open || list[i].Moving()
	}
	fixed, still, err := s.Telling.Answers(ctx, t.ID)
	if fixed+still > 0 {
		v.Answers = v.T("telling.answers", "fixed", v.Number(fixed), "still", v.Number(still))
	}
	return err
}

func (s *Server) roundView(c echo.Context, w *Words, t *improve.Task, r *telling.Round) (roundView, error) {
	v := roundView{Words: w, State: w.T("telling.state." + r.State), Running: r.Moving(), At: w.Full(r.CreatedAt), Class: "accent", Live: tellingPath(t) + "?round=" + r.ID.String()}
	v.What = w.T("telling.progress", "told", w.Number(r.Told), "people", w.Number(r.People))
	if r.People > 0 {
		v.Percent = (r.Told + r.Missed) * 100 / r.People
	}
	switch r.State {
	case telling.Done:
		v.Class = "good"
	case telling.Stopped:
		v.Class = "warn"
	default:
		v.Stop = tellingPath(t) + "/" + r.ID.String() + "/stop"
	}
	if r.Missed == 0 {
		return v, nil
	}
	missed, err := s.Telling.Missed(c.Request().Context(), r.ID)
	v.Missed = reasonLines(w, missed)
	return v, err
}

// startTelling begins to tell, or shows what would be read.
func (s *Server) startTelling(c echo.Context) error {
	t, err := s.taskOf(c)
	if err != nil {
		return err
	}
	f := s.sent(c)
	if c.FormValue("look") != "" {
		return s.showTelling(c, t, f, true)
	}
	days, _ := strconv.Atoi(c.FormValue("days")) // no number is refused by name
	if _, err := s.Telling.Start(c.Request().Context(), actor(c), t.ID, tellingTexts(c.FormValue), days); err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showTelling(c, t, f, false)
	}
	return c.Redirect(http.StatusSeeOther, tellingPath(t)+"#rounds")
}

func (s *Server) stopTelling(c echo.Context) error {
	t, err := s.taskOf(c)
	if err != nil {
		return err
	}
	one, err := id.Parse(c.Param("round"))
	if err != nil {
		return fault.New(fault.NotFound, "telling.error.round")
	}
	if err := s.Telling.Stop(c.Request().Context(), t.ID, one); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, tellingPath(t)+"#rounds")
}

type storyForm struct {
	deskPage
	Title, Back, Action string
	Saved               bool
	Error               string
	Languages           []storyFields
	Since               field
	Fall                string // what was measured, in words; empty: nothing
	SayFall, Published  bool
	Hidden, Linked      bool
}

type storyFields struct {
	Name      string
	Said, Did field
}

func storyPath(t *improve.Task) string { return taskHref(t.Number) + "/story" }

func (s *Server) storyPage(c echo.Context) error {
	t, err := s.taskOf(c)
	if err != nil {
		return err
	}
	story, err := s.Telling.Story(c.Request().Context(), t.ID)
	if err != nil {
		return err
	}
	values := map[string]string{"since": t.ChangeDay}
	if story != nil {
		values["since"] = story.Since
		for lang, text := range story.Texts {
			values["said_"+lang], values["did_"+lang] = text.Said, text.Did
		}
		if story.PublishedAt != nil {
			values["publish"] = "1"
		}
		if story.Fall != nil {
			values["fall"] = "1"
		}
	}
	return s.showStory(c, t, s.empty(c, values))
}

func (s *Server) showStory(c echo.Context, t *improve.Task, f *form) error {
	ctx := c.Request().Context()
	desk, err := s.desk(c, "improve")
	if err != nil {
		return err
	}
	task, err := s.Telling.Task(ctx, t.ID)
	if err != nil {
		return err
	}
	settings, err := s.Telling.PageSettings(ctx)
	if err != nil {
		return err
	}
	v := storyForm{
		deskPage: desk, Title: t.Title, Back: taskHref(t.Number), Action: storyPath(t), Saved: c.QueryParam("saved") != "", Error: f.General(), Hidden: settings.Hidden, Linked: settings.Linked,
		Since:   f.input(field{Name: "since", Type: "date", Class: "short", Required: true, Label: desk.T("telling.story.since")}),
		SayFall: f.values("fall") != "", Published: f.values("publish") != "",
	}
	if v.Error == "" {
		v.Error = f.wrong("fall")
	}
	if task.Fall != nil {
		v.Fall = v.T("improved.fall", "percent", *task.Fall)
	}
	for _, lang := range telling.Languages() {
		v.Languages = append(v.Languages, storyFields{
			s.Texts.Text(lang, "improved.language", nil),
			f.input(field{Name: "said_" + lang, Label: v.T("telling.story.said"), Hint: v.T("telling.story.said_hint"), Max: telling.SaidMax, Complete: "off"}),
			f.input(field{Name: "did_" + lang, Type: "textarea", Rows: 3, Label: v.T("telling.story.did"), Max: telling.DidMax}),
		})
	}
	return s.render(c, f.status(), "agent/story", v)
}

func (s *Server) saveStory(c echo.Context) error {
	t, err := s.taskOf(c)
	if err != nil {
		return err
	}
	d := telling.Draft{Texts: map[string]telling.StoryText{}, Since: c.FormValue("since"), Fall: c.FormValue("fall") != "", Publish: c.FormValue("publish") != ""}
	for _, lang := range telling.Languages() {
		d.Texts[lang] = telling.StoryText{Said: c.FormValue("said_" + lang), Did: c.FormValue("did_" + lang)}
	}
	if err := s.Telling.SaveStory(c.Request().Context(), actor(c), t.ID, d); err != nil {
		f := s.sent(c)
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showStory(c, t, f)
	}
	return c.Redirect(http.StatusSeeOther, storyPath(t)+"?saved=1")
}

// saveStorySettings changes how the public page is shown.
func (s *Server) saveStorySettings(c echo.Context) error {
	t, err := s.taskOf(c)
	if err != nil {
		return err
	}
	if err := s.Telling.SavePageSettings(c.Request().Context(), telling.PageSettings{Hidden: c.FormValue("hidden") != "", Linked: c.FormValue("linked") != ""}); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, storyPath(t)+"?saved=1")
}
