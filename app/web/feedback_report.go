package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/app/feedback"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// feedbackRoutes are the reports of what shoppers answer in forms, for managers.
func (s *Server) feedbackRoutes() []route {
	const get = http.MethodGet
	return []route{
		{get, "/feedback", manager, limitRead, s.feedbackPage},
		{get, "/feedback/export", manager, limitExport, s.exportFeedback},
		{get, "/feedback/responses", manager, limitRead, s.responsesPage},
	}
}

const (
	commentsShown  = 10
	responsesShown = 30
)

// feedbackView is what a report is asked for.
type feedbackView struct {
	successView // the period
	form        *feedback.Form
	source      feedback.Source
	agent       id.ID
}

func (v feedbackView) filter() feedback.ReportFilter {
	return feedback.ReportFilter{Form: v.form.ID, From: v.From, To: v.To, Source: v.source, Agent: v.agent}
}

// address is a page of the same view, with pairs of names and values beside.
func (v feedbackView) address(path string, pairs ...string) string {
	q := url.Values{"form": {v.form.ID.String()}, "period": {v.Period}}
	if v.Period == "other" {
		q.Set("from", v.fromText)
		q.Set("to", v.toText)
	}
	if v.source != "" {
		q.Set("source", string(v.source))
	}
	if v.agent != 0 {
		q.Set("agent", v.agent.String())
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return path + "?" + q.Encode()
}

// feedbackOf reads the address; the form is the one named, or the newest. It is nil where there is none at all.
func (s *Server) feedbackOf(c echo.Context) (v feedbackView, forms []feedback.Form, err error) {
	if forms, err = s.Feedback.Forms(c.Request().Context()); err != nil {
		return v, nil, err
	}
	for i := range forms {
		if v.form == nil || forms[i].ID.String() == c.QueryParam("form") {
			v.form = &forms[i]
		}
	}
	for _, source := range feedback.Sources() {
		if string(source) == c.QueryParam("source") {
			v.source = source
		}
	}
	v.agent, _ = id.Parse(c.QueryParam("agent")) // zero, everybody, where it is none
	v.successView, err = s.successOf(c)
	return v, forms, err
}

type feedbackPage struct {
	deskPage
	feedbackView
	None      bool // there is no form yet
	Wrong     string
	Choose    []field
	Reach     reachText
	Sources   []sourceRow
	Questions []questionView
	Days      []scoreRow
	Charts    []chart // of the days: the same picture, wide and narrow
	Agents    []scoreRow
	Products  []scoreRow
	Comments  []responseView
	All       string // address of all responses
	Export    string
	Book      string // the same as XLSX
}

type reachText struct{ Asked, Opened, Answered, Tickets, Rate string }

type sourceRow struct {
	Name string
	reachText
}

// questionView is what was answered to one question.
type questionView struct {
	Label, Kind string
	Scored      bool
	Value       string // CSAT or NPS
	About       string
	All         int
	Bars        []barView
}

// barView is a line of a distribution. See partials/bar.html.
type barView struct {
	Name, N, Href string
	Share         int // per cent
	Tone          string
}

// scoreRow is a line of a table of scores.
type scoreRow struct{ Name, N, Value, Average string }

func (s *Server) feedbackPage(c echo.Context) error {
	desk, err := s.desk(c, "feedback")
	if err != nil {
		return err
	}
	p := feedbackPage{deskPage: desk}
	view, forms, err := s.feedbackOf(c)
	if err != nil {
		if e := fault.As(err); e == nil || e.Kind != fault.Invalid {
			return err
		}
		p.Wrong = p.T(fault.As(err).Fields[0].Key, "max", periodMost)
	}
	p.feedbackView = view
	if p.None = view.form == nil; p.None {
		return s.render(c, http.StatusOK, "agent/feedback", p)
	}
	if err := s.fillFeedback(c, &p, forms); err != nil {
		return err
	}
	status := http.StatusOK
	if p.Wrong != "" {
		status = http.StatusUnprocessableEntity
	}
	return s.render(c, status, "agent/feedback", p)
}

func (s *Server) fillFeedback(c echo.Context, p *feedbackPage, forms []feedback.Form) error {
	ctx := c.Request().Context()
	r, err := s.Feedback.Report(ctx, p.filter())
	if err != nil {
		return err
	}
	agents, err := s.Tickets.Agents(ctx)
	if err != nil {
		return err
	}
	names := map[id.ID]string{}
	var people []option
	for i := range agents {
		names[agents[i].ID] = agents[i].Name
		people = append(people, option{agents[i].ID.String(), agents[i].Name})
	}
	p.choices(forms, people)
	p.Export, p.Book = p.address("/feedback/export"), p.address("/feedback/export", "as", "xlsx")
	p.All = p.address("/feedback/responses")
	p.Reach = p.reach(r.Reach)
	for _, one := range r.BySource {
		p.Sources = append(p.Sources, sourceRow{p.T("report.source." + string(one.Source)), p.reach(one.Reach)})
	}
	for i := range r.Questions {
		p.Questions = append(p.Questions, p.question(&r.Questions[i], r.Answered))
	}
	for _, one := range r.Days {
		p.Days = append(p.Days, p.score(p.Date(one.Day.UnixMilli()), one.Score))
	}
	p.Charts = p.charts(r)
	for _, one := range r.Agents {
		p.Agents = append(p.Agents, p.score(names[one.Agent], one.Score))
	}
	for _, one := range r.Products {
		p.Products = append(p.Products, p.score(one.SKU, one.Score))
	}
	p.Comments, _, err = s.responses(c, p.feedbackView, p.Words, feedback.Filter{Limit: commentsShown})
	return err
}

// choices are the fields by which another view is asked for.
func (p *feedbackPage) choices(forms []feedback.Form, people []option) {
	f := &form{words: p.Words, values: func(name string) string {
		return map[string]string{
			"form": p.form.ID.String(), "source": string(p.source), "agent": orEmpty(p.agent), "period": p.Period,
			"from": p.From.Format(time.DateOnly), "to": p.To.AddDate(0, 0, -1).Format(time.DateOnly),
		}[name]
	}}
	var known, sources, periods []option
	for i := range forms {
		known = append(known, option{forms[i].ID.String(), forms[i].Name})
	}
	for _, source := range feedback.Sources() {
		sources = append(sources, option{string(source), p.T("report.source." + string(source))})
	}
	for _, period := range []string{"today", "7", "28", "other"} {
		periods = append(periods, option{period, p.T("report.period." + period)})
	}
	all := []option{{"", p.T("report.all")}}
	p.Choose = []field{
		f.input(field{Name: "form", Type: "select", Label: p.T("report.form"), Options: known}),
		f.input(field{Name: "period", Type: "select", Label: p.T("report.period"), Options: periods}),
		f.input(field{Name: "from", Type: "date", Class: "short", Label: p.T("report.from")}),
		f.input(field{Name: "to", Type: "date", Class: "short", Label: p.T("report.to")}),
		f.input(field{Name: "source", Type: "select", Label: p.T("report.by_source"), Options: append(all, sources...)}),
		f.input(field{Name: "agent", Type: "select", Label: p.T("report.by_agent"), Options: append(all, people...)}),
	}
}

func orEmpty(one id.ID) string {
	if one == 0 {
		return ""
	}
	return one.String()
}

func (p *feedbackPage) reach(r feedback.Reach) reachText {
	out := reachText{p.Number(r.Asked), p.Number(r.Opened), p.Number(r.Answered), p.Number(r.Tickets), "–"}
	if rate, ok := r.Rate(); ok {
		out.Rate = rateText(rate)
	}
	return out
}

// question puts the counts of a question into words and bars.
func (p *feedbackPage) question(q *feedback.QuestionCount, answered int) questionView {
	v := questionView{Label: q.Question.Label.In(p.Locale), Kind: p.T("report.kind." + string(q.Question.Kind)), Scored: q.Question.Kind.Scored()}
	switch {
	case v.Scored:
		v.All = q.Score.All()
		v.Value, v.About = scoreText(q.Score), p.T("report.score_of", "average", decimal(q.Score.Average()), "count", v.All)
		low, _ := q.Question.Kind.Range()
		for i := len(q.Score.N) - 1; i >= 0; i-- {
			score := strconv.Itoa(low + i)
			bar := p.bar(score, q.Score.N[i], v.All, tone(q.Question.Kind, low+i))
			bar.Href = p.address("/feedback/responses", scoreParam(q.Question.Kind), score)
			v.Bars = append(v.Bars, bar)
		}
	case q.Question.Kind.Chosen():
		for _, one := range q.Options {
			v.All = max(v.All, one.N)
		}
		for _, one := range q.Options {
			v.Bars = append(v.Bars, p.bar(one.Option.Label.In(p.Locale), one.N, max(answered, 1), ""))
		}
	default:
		v.All, v.About = q.Given, p.T("report.given", "count", q.Given)
	}
	return v
}

func scoreParam(k feedback.Kind) string { return string(k) }

func (p *feedbackPage) bar(name string, n, all int, tone string) barView {
	return barView{Name: name, N: p.Number(n), Share: (n*100 + all/2) / max(all, 1), Tone: tone}
}

// tone tells good scores from bad ones.
func tone(k feedback.Kind, score int) string {
	switch {
	case k == feedback.KindRating && score >= 4, k == feedback.KindNPS && score >= 9:
		return "good"
	case k == feedback.KindRating && score <= 2, k == feedback.KindNPS && score <= 6:
		return "bad"
	}
	return ""
}

// scoreText is what a score is called by: 86% of a rating, +32 of NPS, – without answers.
func scoreText(s feedback.Score) string {
	switch {
	case s.All() == 0:
		return "–"
	case s.Kind == feedback.KindRating:
		return strconv.Itoa(s.Value()) + "%"
	}
	return signed(s.Value())
}

func decimal(n float64) string { return strconv.FormatFloat(n, 'f', 1, 64) }

func (p *feedbackPage) score(name string, s feedback.Score) scoreRow {
	if name == "" {
		name = "–"
	}
	return scoreRow{name, p.Number(s.All()), scoreText(s), decimal(s.Average())}
}

// scoreTable is what the part "score-table" shows; Label is the id of its heading.
type scoreTable struct {
	*Words
	Rows  []scoreRow
	Label string
}

// Scores is a table of scores.
func (p feedbackPage) Scores(rows []scoreRow, label string) scoreTable {
	return scoreTable{p.Words, rows, label}
}
