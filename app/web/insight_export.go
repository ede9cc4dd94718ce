package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/app/insights"
	"huiyin/app/orders"
)

// exportInsights gives the groups and aspects of the view as a table.
func (s *Server) exportInsights(c echo.Context) error {
	f := insightFrame{deskPage: deskPage{Page: s.page(c)}}
	var err error
	if f.insightView, err = s.insightOf(c); err != nil {
		return err
	}
	r, err := s.Insights.Report(c.Request().Context(), f.Filter)
	if err != nil {
		return err
	}
	names, err := s.Insights.AspectNames(c.Request().Context(), f.Locale)
	if err != nil {
		return err
	}
	head := []string{"kind", "name", "count", "before", "change", "rate", "cost", "finding", "state", "id"}
	for i, one := range head {
		head[i] = f.T("insights.column." + one)
	}
	rows := [][]string{head}
	add := func(kind, name string, n, before int, change insights.Change, rest ...string) {
		rate, known := insights.Per1000(n, r.Paid)
		text := ""
		if known {
			text = strconv.FormatFloat(rate, 'f', 3, 64)
		}
		rows = append(rows, append([]string{kind, name, strconv.Itoa(n), strconv.Itoa(before), f.change(n, before, r.Orders, change).Words, text}, rest...))
	}
	add(f.T("insights.column.all"), f.Filter.From.Format(time.DateOnly)+" – "+f.Filter.To.AddDate(0, 0, -1).Format(time.DateOnly), r.Subjects, r.SubjectsBefore, r.Change, "", "", "", "")
	rows = append(rows, []string{f.T("insights.column.none"), "", strconv.Itoa(r.Ungrouped), "", "", "", "", "", "", ""})
	for _, list := range [][]insights.Row{r.Groups, r.Muted} {
		for i := range list {
			g := &list[i]
			why, state := "", ""
			if g.Finding != nil {
				why = f.why(g.Finding)
			}
			if g.State == insights.Muted {
				state = f.T("insights.muted")
			}
			add(f.T("insights.column.group"), groupName(f.Words, g.Called()), g.N, g.Before, g.Change, moneyCell(g.Costs), why, state, g.ID.String())
		}
	}
	for _, a := range r.Aspects {
		name, known := names[a.Name]
		if !known {
			name = f.T("insights.aspect.other")
		}
		add(f.T("insights.column.aspect"), name, a.N, a.Before, a.Change, "", "", "", "")
	}
	return sendTable(c, "insights-"+f.Filter.From.Format("20060102"), f.T("insights.title"), rows)
}

// moneyCell is a cost as a spreadsheet reads it: a number where there is one currency.
func moneyCell(list []insights.Money) string {
	if len(list) == 1 {
		return orders.Decimal(list[0].Amount, list[0].Currency)
	}
	return moneyText(list)
}

// exportInsightGroup gives the counts of one group as a table.
func (s *Server) exportInsightGroup(c echo.Context) error {
	p := insightGroupPage{insightFrame: insightFrame{deskPage: deskPage{Page: s.page(c)}}}
	var err error
	if p.insightView, err = s.insightOf(c); err != nil {
		return err
	}
	g, err := s.insightGroupNamed(c, c.Param("group"))
	if err != nil {
		return err
	}
	d, err := s.Insights.Detail(c.Request().Context(), g.ID, p.Filter)
	if err != nil {
		return err
	}
	p.head(d)
	if err := s.fillSplits(c.Request().Context(), &p, d); err != nil {
		return err
	}
	rows := [][]string{{p.T("insights.column.kind"), p.T("insights.column.name"), p.T("insights.column.count"), p.T("insights.column.before")}}
	rows = append(rows, []string{p.T("insights.column.group"), p.Name, strconv.Itoa(d.N), strconv.Itoa(d.Before)})
	for i, from := range d.Filter.Points() {
		rows = append(rows, []string{p.T("insights.column.days"), from.Format(time.DateOnly), strconv.Itoa(d.Trend[i]), ""})
	}
	for _, split := range []struct {
		name  string
		parts []insights.Part
	}{{"channel", d.Channels}, {"language", d.Languages}, {"team", d.Teams}, {"product", d.Products}, {"step", d.Steps}, {"reason", d.Reasons}} {
		names := p.splitNames(split.name)
		for i, one := range split.parts {
			name := one.Word
			if i < len(names) {
				name = names[i]
			}
			rows = append(rows, []string{p.T("insights.by." + split.name), name, strconv.Itoa(one.N), ""})
		}
	}
	for _, one := range d.Fines {
		rows = append(rows, []string{p.T("insights.fines"), groupName(p.Words, one.Called()), strconv.Itoa(one.N), strconv.Itoa(one.Before)})
	}
	return sendTable(c, "insights-"+g.ID.String()+"-"+p.Filter.From.Format("20060102"), p.T("insights.title"), rows)
}

// splitNames are the names of a split as the page shows them.
func (p *insightGroupPage) splitNames(name string) (out []string) {
	for _, one := range p.Splits {
		if one.ID == name {
			for _, bar := range one.Bars {
				out = append(out, bar.Name)
			}
		}
	}
	return out
}

// textsExported is how many texts a table holds, the newest ones.
const textsExported = 1000

// exportInsightTexts gives the texts behind a number as a table: what was said and where, not by whom.
func (s *Server) exportInsightTexts(c echo.Context) error {
	p := insightTextsPage{insightFrame: insightFrame{deskPage: deskPage{Page: s.page(c)}}}
	var err error
	if p.insightView, err = s.insightOf(c); err != nil {
		return err
	}
	chosen, err := s.chosenTexts(c, &p)
	if err != nil {
		return err
	}
	list, err := s.Insights.Subjects(c.Request().Context(), chosen, insights.Cursor{}, textsExported)
	if err != nil {
		return err
	}
	views, err := s.textViews(c, p.Words, list)
	if err != nil {
		return err
	}
	rows := [][]string{{p.T("insights.column.at"), p.T("insights.column.channel"), p.T("insights.column.language"), p.T("insights.column.ticket"), p.T("insights.column.text")}}
	for i, v := range views {
		rows = append(rows, []string{p.at(v.At).Format("2006-01-02 15:04"), v.Channel, p.T("insights.language." + list[i].Language), strings.TrimPrefix(v.Ticket, "#"), v.Text})
	}
	s.Log.InfoContext(c.Request().Context(), "texts of insights exported", "agent", of(c).agent.ID, "rows", len(rows)-1)
	return sendTable(c, "insight-texts-"+p.Filter.From.Format("20060102"), p.T("insights.title"), rows)
}

// actionsExported is how many actions a table holds, the newest ones.
const actionsExported = 200

func (s *Server) exportInsightHistory(c echo.Context) error {
	w := s.words(c)
	list, err := s.actionViews(c, w, 0, 0, actionsExported)
	if err != nil {
		return err
	}
	rows := [][]string{{w.T("insights.column.at"), w.T("insights.column.who"), w.T("insights.column.what"), w.T("insights.column.group"), w.T("insights.column.undone")}}
	for _, a := range list {
		rows = append(rows, []string{w.at(a.At).Format("2006-01-02 15:04"), a.Who, a.What, a.Group, a.Undone})
	}
	return sendTable(c, "insight-history", w.T("insights.part.history"), rows)
}

func (s *Server) exportInsightMarks(c echo.Context) error {
	w := s.words(c)
	list, err := s.Insights.Marks(c.Request().Context(), time.Time{}, time.Time{})
	if err != nil {
		return err
	}
	rows := [][]string{{w.T("insights.column.kind"), w.T("insights.column.name"), w.T("insights.column.from"), w.T("insights.column.to")}}
	for _, m := range list {
		rows = append(rows, []string{w.T("insights.mark." + string(m.Kind)), m.Title, m.From.Format(time.DateOnly), m.To.Format(time.DateOnly)})
	}
	return sendTable(c, "insight-marks", w.T("insights.part.marks"), rows)
}
