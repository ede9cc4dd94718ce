package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/app/insights"
	"huiyin/tickets/id"
)

const actionsBeside = 10

type insightGroupPage struct {
	insightFrame
	ID      string
	Back    string
	Name    string
	Machine string // the machine's name, where a person gave another
	Muted   bool
	Pinned  bool
	Said    string // what was done, in words
	Error   string
	Tags    []tagView
	Why     string
	Count   insightCount
	Share   string // of all complaints
	Cost    string
	Charts  []countChart
	Days    []trendRow
	ByWeek  bool
	Marks   []insightMark
	Twin    *twinView
	Quotes  []textView
	Splits  []splitView
	Looked  string
	Fines   []fineView
	Learns  string // what it learns from
	Title   field
	Into    field
	Split   field
	Targets []groupOption
	Actions []actionView
	Task    string
	Tasks   []insightTask
	Export  string
	Book    string
	Here    string // address of this page
}

type trendRow struct {
	Name, N, Href string
}

type twinView struct{ ID, Name, Href, Quote string }

// splitView is what a group's complaints are split by.
type splitView struct {
	ID, Title string
	Bars      []barView
}

type fineView struct {
	ID, Name, N, Was, Href string
	Terms                  []string
}

func (s *Server) insightGroup(c echo.Context) error { return s.showInsightGroup(c, nil) }

// showInsightGroup shows a group; refused is a form that was not taken.
func (s *Server) showInsightGroup(c echo.Context, refused *form) error {
	ctx := c.Request().Context()
	g, err := s.insightGroupNamed(c, c.Param("group"))
	if err != nil {
		return err
	}
	if g.ID.String() != c.Param("group") && refused == nil && g.Level == insights.LevelGroup { // it was merged
		return c.Redirect(http.StatusSeeOther, "/insights/groups/"+g.ID.String())
	}
	frame, err := s.insightFrame(c, "/insights/groups/"+g.ID.String())
	if err != nil {
		return err
	}
	p := insightGroupPage{insightFrame: frame}
	d, err := s.Insights.Detail(ctx, g.ID, p.Filter)
	if err != nil {
		return err
	}
	if err := s.fillInsightGroup(c, &p, d, refused); err != nil {
		return err
	}
	status := p.status()
	if refused != nil {
		status = refused.status()
	}
	return s.render(c, status, "agent/insight_group", p)
}

func (s *Server) fillInsightGroup(c echo.Context, p *insightGroupPage, d *insights.Detail, refused *form) error {
	ctx := c.Request().Context()
	p.head(d)
	if c.QueryParam("moved") != "" {
		p.Said = p.T("insights.done.move")
	} else if c.QueryParam("undone") != "" {
		p.Said = p.T("insights.done.undo")
	} else if text := c.QueryParam("done"); slices.Contains([]string{"name", "merge", "split", "mute", "pin", "twin"}, text) {
		p.Said = p.T("insights.done." + text)
	}
	marks, err := s.Insights.Marks(ctx, d.Filter.From, d.Filter.To)
	if err != nil {
		return err
	}
	for _, m := range marks {
		p.Marks = append(p.Marks, p.mark(m))
	}
	tasks, err := s.tasksOfGroups(ctx)
	if err != nil {
		return err
	}
	for i := range tasks[d.ID] {
		p.Tasks = append(p.Tasks, insightTaskOf(p.Words, &tasks[d.ID][i]))
	}
	stages, err := s.stages(ctx, &p.insightFrame, tasks[d.ID])
	if err != nil {
		return err
	}
	p.Marks = append(p.Marks, stages...)
	p.picture(d)
	if p.Quotes, err = s.textViews(c, p.Words, d.Quotes); err != nil {
		return err
	}
	if err := s.fillSplits(ctx, p, d); err != nil {
		return err
	}
	if err := s.fillTwin(ctx, p, d); err != nil {
		return err
	}
	if err := s.insightForms(c, p, d, refused); err != nil {
		return err
	}
	p.Actions, err = s.actionViews(c, p.Words, d.ID, 0, actionsBeside)
	return err
}

// head fills what stands at the top.
func (p *insightGroupPage) head(d *insights.Detail) {
	p.ID, p.Name, p.Back = d.ID.String(), groupName(p.Words, d.Called()), p.address("/insights")
	if d.Title != "" && d.Title != d.Name {
		p.Machine = d.Name
	}
	p.Muted, p.Pinned = d.State == insights.Muted, d.Group.Pinned
	p.Count = p.count(d.N, d.Before, d.Orders, d.Change, p.address("/insights/texts", "group", p.ID))
	p.Share = p.Number((d.N*100+d.Subjects/2)/max(d.Subjects, 1)) + "%"
	p.Cost = moneyText(d.Costs)
	if d.Finding != nil {
		p.Tags, p.Why = append(p.Tags, p.findingTag(d.Finding)), p.why(d.Finding)
	}
	for _, one := range []struct {
		on   bool
		text string
	}{{p.Pinned, p.T("insights.pinned")}, {p.Muted, p.T("insights.muted")}} {
		if one.on {
			p.Tags = append(p.Tags, tagView{one.text, ""})
		}
	}
	p.Task, p.Here = "/improve/new?group="+p.ID, "/insights/groups/"+p.ID
	p.Export = p.address("/insights/groups/" + p.ID + "/export")
	p.Book = p.address("/insights/groups/"+p.ID+"/export", "as", "xlsx")
}

// picture draws the trend with its marks; days to come are left out.
func (p *insightGroupPage) picture(d *insights.Detail) {
	points := d.Filter.Points()
	var list []countPoint
	p.ByWeek = len(points) > 1 && points[1].Sub(points[0]) > 2*24*time.Hour
	for i, from := range points {
		if from.After(p.Now) {
			break
		}
		one := countPoint{From: from, N: d.Trend[i], To: d.Filter.To}
		if i+1 < len(points) {
			one.To = points[i+1]
		}
		if f := d.Finding; f != nil && !f.New {
			one.High = from.After(f.Day.AddDate(0, 0, -f.Days)) && !from.After(f.Day)
		}
		list = append(list, one)
		name := p.Date(from.UnixMilli())
		if p.ByWeek {
			name += " – " + p.Date(one.To.AddDate(0, 0, -1).UnixMilli())
		}
		row := trendRow{Name: name, N: p.Number(one.N)}
		if one.N > 0 {
			row.Href = p.address("/insights/texts", "group", p.ID, "period", "other", "from", from.Format(time.DateOnly), "to", one.To.AddDate(0, 0, -1).Format(time.DateOnly))
		}
		p.Days = append(p.Days, row)
	}
	title := p.T("insights.chart", "name", p.Name, "count", d.N)
	for _, wide := range []bool{true, false} {
		p.Charts = append(p.Charts, drawCounts(p.Words, list, p.Marks, title, wide))
	}
}

// insightMark is a mark as pages show it.
type insightMark struct {
	ID, Title, Kind, Days string
	Release               bool
	From, To              time.Time // To: the midnight after it
}

func (f *insightFrame) mark(m insights.Mark) insightMark {
	v := insightMark{ID: m.ID.String(), Title: m.Title, Kind: f.T("insights.mark." + string(m.Kind)), Release: m.Kind == insights.Release, From: m.From, To: m.To.AddDate(0, 0, 1)}
	v.Days = f.Date(m.From.UnixMilli())
	if !m.To.Equal(m.From) {
		v.Days += " – " + f.Date(m.To.UnixMilli())
	}
	return v
}

// fillSplits puts where a group hurts into bars.
func (s *Server) fillSplits(ctx context.Context, p *insightGroupPage, d *insights.Detail) error {
	teams, err := s.Tickets.AllTeams(ctx)
	if err != nil {
		return err
	}
	names := map[string]string{"0": p.T("insights.no_team")}
	for i := range teams {
		names[teams[i].ID.String()] = teams[i].Name
	}
	add := func(name, param string, parts []insights.Part, all int, word func(string) string) {
		if len(parts) == 0 || param == "team" && len(parts) == 1 && parts[0].Word == "0" {
			return
		}
		v := splitView{ID: name, Title: p.T("insights.by." + name)}
		for _, one := range parts {
			bar := barView{Name: word(one.Word), N: p.Number(one.N), Share: min(100, (one.N*100+all/2)/max(all, 1)), Tone: "plain"}
			if param != "" {
				bar.Href = p.address("/insights/texts", "group", p.ID, param, one.Word)
			}
			v.Bars = append(v.Bars, bar)
		}
		p.Splits = append(p.Splits, v)
	}
	sum := func(parts []insights.Part) (n int) {
		for _, one := range parts {
			n += one.N
		}
		return n
	}
	add("channel", "channel", d.Channels, d.N, func(word string) string { return insightChannel(p.Words, word) })
	add("language", "language", d.Languages, d.N, func(word string) string { return p.T("insights.language." + word) })
	add("team", "team", d.Teams, d.N, func(word string) string { return cmp.Or(names[word], "–") })
	add("product", "product", d.Products, min(d.N, d.Looked), func(word string) string { return word })
	add("step", "", d.Steps, sum(d.Steps), func(word string) string { return stepName(p.Words, word) })
	add("reason", "", d.Reasons, sum(d.Reasons), func(word string) string { return reasonName(p.Words, word) })
	if !d.LookedAll {
		p.Looked = p.T("insights.looked", "count", d.Looked)
	}
	for _, one := range d.Fines {
		f := fineView{ID: one.ID.String(), Name: groupName(p.Words, one.Called()), N: p.Number(one.N), Was: p.Number(one.Before), Terms: one.Terms}
		if f.Name == "" {
			f.Name = p.T("insights.by_hand")
		}
		if one.N > 0 {
			f.Href = p.address("/insights/texts", "group", f.ID)
		}
		p.Fines = append(p.Fines, f)
	}
	switch {
	case d.Placed >= insights.LearnsFrom:
		p.Learns = p.T("insights.learns", "count", d.Placed)
	case d.Placed > 0:
		p.Learns = p.T("insights.learns_from", "count", d.Placed, "from", insights.LearnsFrom)
	}
	return nil
}

func (s *Server) fillTwin(ctx context.Context, p *insightGroupPage, d *insights.Detail) error {
	if d.Twin == nil {
		return nil
	}
	one := d.Twin.ID.String()
	p.Twin = &twinView{ID: one, Name: groupName(p.Words, d.Twin.Called()), Href: p.address("/insights/groups/" + one)}
	quotes, err := s.Insights.Samples(ctx, []id.ID{d.Twin.ID}, p.language())
	p.Twin.Quote = quotes[d.Twin.ID].Text
	return err
}

// insightForms are the forms by which a group is changed.
func (s *Server) insightForms(c echo.Context, p *insightGroupPage, d *insights.Detail, refused *form) (err error) {
	f := refused
	if f == nil {
		f = s.empty(c, map[string]string{"title": d.Title})
	}
	p.Error = f.any()
	p.Title = f.input(field{Name: "title", Label: p.T("insights.hand.title"), Hint: p.T("insights.hand.title_hint"), Max: insights.TitleMax})
	p.Into = f.input(field{Name: "into", Label: p.T("insights.hand.into"), Hint: p.T("insights.hand.choose")})
	p.Split = f.input(field{Name: "split", Label: p.T("insights.hand.split_title"), Max: insights.TitleMax})
	p.Targets, err = s.groupOptions(c, d.ID)
	return err
}

func sortTags(list []tagGroup) {
	slices.SortStableFunc(list, func(a, b tagGroup) int {
		return cmp.Or(compareBool(a.Tag == "", b.Tag == ""), b.N-a.N, cmp.Compare(a.Tag, b.Tag))
	})
}

// compareBool puts what is false first.
func compareBool(a, b bool) int {
	n := map[bool]int{true: 1}
	return n[a] - n[b]
}
