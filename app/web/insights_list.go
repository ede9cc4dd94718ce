package web

import (
	"context"
	"math"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/app/insights"
	"huiyin/app/orders"
	"huiyin/tickets/id"
)

const (
	insightRows   = 30  // of the list, before somebody asks for all
	insightAll    = 500 // no list has more
	findingsShown = 5
)

type insightsPage struct {
	insightFrame
	Few      bool // too few complaints to group
	FewText  string
	Tags     []tagGroup // then all of them by tag
	Total    insightCount
	Grouped  string // per cent
	Open     string // how many are in no group, in words
	OpenHref string
	Rated    bool // orders are known
	Costed   bool
	Sorts    []successLink
	Findings []findingView
	Rows     []insightRow
	Muted    []insightRow
	More     string // address of all rows
	Aspects  []barView
	Export   string
	Book     string
}

// insightCount is a count in words.
type insightCount struct {
	N      string
	Href   string // of the tickets behind it
	Rate   string // per 1,000 orders; empty: unknown
	Change changeView
}

// countedLine is a count with the words around it.
type countedLine struct {
	*Words
	Count insightCount
}

// Counted is a count with the words around it.
func (f insightFrame) Counted(c insightCount) countedLine { return countedLine{f.Words, c} }

// changeView is what has become of a count since the period before.
type changeView struct {
	Text     string
	Words    string // Text, and of what it is the change where that could be taken for the count's
	Tone     string // up, down, or empty
	Was      string // the count before, in words
	PerOrder bool   // the change is that per order
	WasRate  string // then: per 1,000 orders before
	WasPer   string // the same in words
}

// insightRow is a group in the list.
type insightRow struct {
	Place  int
	Name   string
	Href   string
	Quote  string
	Spark  spark
	Tags   []tagView
	Cost   string
	Task   string       // address that makes a task of it
	Done   *insightTask // what is done about it; nil: nothing
	Pinned bool
	Count  insightCount
}

// rowLine is what the part "insight-row" shows.
type rowLine struct {
	*Words
	Row insightRow
}

// Line is a row with the words around it.
func (p insightsPage) Line(row insightRow) rowLine { return rowLine{p.Words, row} }

type tagView struct{ Text, Tone string }

// findingView is a group that stood out, with why.
type findingView struct{ Name, Href, Kind, Tone, Why string }

func (s *Server) insightsPage(c echo.Context) error {
	frame, err := s.insightFrame(c, "/insights")
	if err != nil {
		return err
	}
	p := insightsPage{insightFrame: frame}
	r, err := s.Insights.Report(c.Request().Context(), p.Filter)
	if err != nil {
		return err
	}
	if r.Known < insights.Needed {
		p.Few, p.FewText = true, p.T("insights.few", "count", insights.Needed-r.Known)
		if p.Tags, err = s.byTag(c, p.Words); err != nil {
			return err
		}
		return s.render(c, p.status(), "agent/insights", p)
	}
	most := insightRows
	if c.QueryParam("all") != "" {
		most = insightAll
	}
	if err := s.fillInsights(c.Request().Context(), &p, r, most); err != nil {
		return err
	}
	return s.render(c, p.status(), "agent/insights", p)
}

// fillInsights puts a report into words and pictures.
func (s *Server) fillInsights(ctx context.Context, p *insightsPage, r *insights.Report, most int) error {
	p.Rated, p.Costed = r.Paid > 0, !p.Narrow
	p.Total = p.count(r.Subjects, r.SubjectsBefore, r.Orders, r.Change, p.address("/insights/texts"))
	if p.Grouped = p.T("insights.change.none"); r.Subjects > 0 {
		p.Grouped = p.Number(100-r.UngroupedShare()) + "%"
	}
	p.Open = p.T("insights.open", "count", r.Ungrouped, "share", r.UngroupedShare())
	p.OpenHref = p.address("/insights/ungrouped")
	for _, one := range insights.Sorts() {
		if (one == insights.ByRate && !p.Rated) || (one == insights.ByCost && !p.Costed) {
			continue
		}
		p.Sorts = append(p.Sorts, successLink{p.T("insights.sort." + string(one)), p.address("/insights", "sort", string(one)), one == p.Sort})
	}
	shown := r.Groups[:min(len(r.Groups), most)]
	if len(shown) < len(r.Groups) {
		p.More = p.address("/insights", "all", "1")
	}
	groups := make([]id.ID, len(shown))
	for i := range shown {
		groups[i] = shown[i].ID
	}
	quotes, err := s.Insights.Samples(ctx, groups, p.language())
	if err != nil {
		return err
	}
	tasks, err := s.tasksOfGroups(ctx)
	if err != nil {
		return err
	}
	for i := range shown {
		row := p.row(&shown[i], r, quotes[shown[i].ID].Text, i+1)
		if list := tasks[shown[i].ID]; len(list) > 0 {
			row.Done = new(insightTaskOf(p.Words, &list[0]))
		}
		p.Rows = append(p.Rows, row)
	}
	for i := range r.Muted {
		p.Muted = append(p.Muted, p.row(&r.Muted[i], r, "", 0))
	}
	p.findings(r)
	p.Export, p.Book = p.address("/insights/export"), p.address("/insights/export", "as", "xlsx")
	return s.fillAspects(ctx, p, r)
}

func (f *insightFrame) count(n, before int, o insights.Orders, change insights.Change, href string) insightCount {
	out := insightCount{N: f.Number(n), Change: f.change(n, before, o, change)}
	if n > 0 {
		out.Href = href
	}
	if rate, ok := insights.Per1000(n, o.Paid); ok {
		out.Rate = perThousand(rate)
	}
	return out
}

// perThousand is a rate as people read it: small ones with two digits.
func perThousand(rate float64) string {
	digits := 1
	if rate < 1 {
		digits = 2
	}
	return strconv.FormatFloat(rate, 'f', digits, 64)
}

// change puts a change into words; what is no more than noise is called that.
func (f *insightFrame) change(n, before int, o insights.Orders, c insights.Change) changeView {
	v := changeView{Was: f.T("insights.was", "count", before)}
	switch {
	case c.Up() && before == 0:
		v.Text, v.Tone = f.T("insights.change.fresh"), "up"
	case c.Up() && c.Ratio >= 1.95:
		v.Text, v.Tone = f.T("insights.change.times", "times", strconv.FormatFloat(c.Ratio, 'f', 1, 64)), "up"
	case c.Up():
		v.Text, v.Tone = f.T("insights.change.up", "percent", strconv.Itoa(int((c.Ratio-1)*100+.5))), "up"
	case c.Marked:
		v.Text, v.Tone = f.T("insights.change.down", "percent", strconv.Itoa(int((1-c.Ratio)*100+.5))), "down"
	case n+before == 0:
		v.Text = f.T("insights.change.none")
	default:
		v.Text = f.T("insights.change.same")
	}
	v.Words = v.Text
	if !o.Compared() {
		return v
	}
	v.PerOrder = true
	rate, _ := insights.Per1000(before, o.PaidBefore)
	v.WasRate = perThousand(rate)
	v.WasPer = f.T("insights.per_1000", "rate", v.WasRate)
	if v.Tone != "" && before > 0 {
		v.Words = f.T("insights.per_1000", "rate", v.Text)
	}
	return v
}

func (p *insightsPage) row(g *insights.Row, r *insights.Report, quote string, place int) insightRow {
	one := g.ID.String()
	out := insightRow{
		Place: place, Name: groupName(p.Words, g.Called()), Href: p.address("/insights/groups/" + one), Quote: quote, Pinned: g.Pinned, Task: "/improve/new?group=" + one,
		Count: p.count(g.N, g.Before, r.Orders, g.Change, p.address("/insights/texts", "group", one)), Cost: moneyText(g.Costs),
	}
	out.Spark = sparkOf(g.Trend, out.Count.Change.Tone)
	if g.Finding != nil {
		out.Tags = append(out.Tags, p.findingTag(g.Finding))
	}
	return out
}

// moneyText are sums side by side: those of two currencies are never one.
func moneyText(list []insights.Money) string {
	var out []string
	for _, m := range list {
		out = append(out, orders.Money(&m.Amount, m.Currency))
	}
	return strings.Join(out, " + ")
}

func (f *insightFrame) findingTag(d *insights.Finding) tagView {
	if d.New {
		return tagView{f.T("insights.finding.new"), "warn"}
	}
	return tagView{f.T("insights.finding.rise"), "bad"}
}

// findings are the groups that stood out lately, the least likely by chance first; of each why.
func (p *insightsPage) findings(r *insights.Report) {
	for i := range r.Groups {
		g := &r.Groups[i]
		if g.Finding == nil || len(p.Findings) == findingsShown {
			continue
		}
		tag := p.findingTag(g.Finding)
		p.Findings = append(p.Findings, findingView{groupName(p.Words, g.Called()), p.address("/insights/groups/" + g.ID.String()), tag.Text, tag.Tone, p.why(g.Finding)})
	}
}

// why says what a finding rests on.
func (f *insightFrame) why(d *insights.Finding) string {
	if d.New {
		return f.T("insights.why.new", "count", d.Observed, "day", f.Date(d.Day.UnixMilli()), "days", d.Days)
	}
	if d.Expected < almostNone {
		return f.T("insights.why.from_none", "count", d.Observed, "day", f.Date(d.Day.UnixMilli()), "days", d.Days, "chance", f.chanceText(d.Chance))
	}
	return f.T("insights.why.rise", "count", d.Observed, "day", f.Date(d.Day.UnixMilli()), "days", d.Days, "expected", decimal(d.Expected), "chance", f.chanceText(d.Chance))
}

// almostNone expected complaints would be shown as 0.0.
const almostNone = .05

// chanceText is a small chance as a number that people can picture: one in so many, rounded to one digit.
func (f *insightFrame) chanceText(chance float64) string {
	times := math.Min(1e6, 1/chance)
	digit := math.Pow(10, math.Floor(math.Log10(times)))
	return "1 / " + f.Number(int(math.Round(times/digit)*digit))
}

func (s *Server) fillAspects(ctx context.Context, p *insightsPage, r *insights.Report) error {
	names, err := s.Insights.AspectNames(ctx, p.Locale)
	if err != nil {
		return err
	}
	for _, one := range r.Aspects {
		if one.N == 0 {
			continue
		}
		name, known := names[one.Name]
		if !known {
			name = p.T("insights.aspect.other")
		}
		p.Aspects = append(p.Aspects, barView{
			Name: name, N: p.Number(one.N), Share: (one.N*100 + r.Subjects/2) / max(r.Subjects, 1), Href: p.address("/insights/texts", "aspect", one.Name), Tone: "plain",
		})
	}
	return nil
}
