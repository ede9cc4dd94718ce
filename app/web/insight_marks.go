package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/app/insights"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

type insightMarksPage struct {
	insightFrame
	List   []insightMark
	Fields []field
	Years  []yearView
	Saved  bool
	Error  string
}

// yearView are the campaigns of a year that one click marks.
type yearView struct {
	Year  string
	Names []string // with their days
	Done  bool     // all are marked
}

func (s *Server) insightMarks(c echo.Context) error { return s.showInsightMarks(c, nil) }

func (s *Server) showInsightMarks(c echo.Context, refused *form) error {
	frame, err := s.insightFrame(c, "/insights/marks")
	if err != nil {
		return err
	}
	p := insightMarksPage{insightFrame: frame, Saved: c.QueryParam("saved") != ""}
	all, err := s.Insights.Marks(c.Request().Context(), time.Time{}, time.Time{})
	if err != nil {
		return err
	}
	for i := len(all) - 1; i >= 0; i-- {
		p.List = append(p.List, p.mark(all[i]))
	}
	year := p.Now.In(p.Zone).Year()
	for _, one := range []int{year - 1, year, year + 1} {
		v := yearView{Year: strconv.Itoa(one), Done: true}
		for _, m := range insights.CampaignsOf(one, p.Zone) {
			v.Names = append(v.Names, p.T("insights.mark.line", "title", m.Title, "days", p.mark(m).Days))
			v.Done = v.Done && marked(all, m)
		}
		p.Years = append(p.Years, v)
	}
	f, status := refused, http.StatusOK
	if f == nil {
		f = s.empty(c, nil)
	} else {
		status, p.Error = f.status(), f.General()
	}
	p.Fields = []field{
		f.input(field{Name: "title", Label: p.T("insights.mark.title"), Hint: p.T("insights.mark.title_hint"), Max: 60, Required: true}),
		f.input(field{Name: "kind", Type: "select", Label: p.T("insights.mark.kind"), Options: []option{
			{string(insights.Campaign), p.T("insights.mark.campaign")}, {string(insights.Release), p.T("insights.mark.release")},
		}}),
		f.input(field{Name: "from", Type: "date", Class: "short", Label: p.T("insights.mark.from"), Required: true}),
		f.input(field{Name: "to", Type: "date", Class: "short", Label: p.T("insights.mark.to"), Hint: p.T("insights.mark.to_hint")}),
	}
	return s.render(c, status, "agent/insight_marks", p)
}

func marked(all []insights.Mark, m insights.Mark) bool {
	for i := range all {
		if all[i].Kind == m.Kind && all[i].Title == m.Title {
			return true
		}
	}
	return false
}

func (s *Server) addInsightMark(c echo.Context) error {
	w := s.words(c)
	m := insights.Mark{Kind: insights.MarkKind(c.FormValue("kind")), Title: c.FormValue("title")}
	m.From, _ = time.ParseInLocation(time.DateOnly, c.FormValue("from"), w.Zone) // zero, which AddMark refuses, when it is none
	if m.To = m.From; c.FormValue("to") != "" {
		m.To, _ = time.ParseInLocation(time.DateOnly, c.FormValue("to"), w.Zone)
	}
	if _, err := s.Insights.AddMark(c.Request().Context(), of(c).agent.ID, m); err != nil {
		f := s.sent(c)
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showInsightMarks(c, f)
	}
	return c.Redirect(http.StatusSeeOther, "/insights/marks?saved=1")
}

// addInsightYear marks the campaigns of a year; those that are marked already stay as they are.
func (s *Server) addInsightYear(c echo.Context) error {
	w := s.words(c)
	year, err := strconv.Atoi(c.FormValue("year"))
	if err != nil || year < 2000 || year > 2100 {
		return fault.InvalidField("year", "invalid", "web.error.bad_request", nil)
	}
	all, err := s.Insights.Marks(c.Request().Context(), time.Time{}, time.Time{})
	if err != nil {
		return err
	}
	for _, m := range insights.CampaignsOf(year, w.Zone) {
		if marked(all, m) {
			continue
		}
		if _, err := s.Insights.AddMark(c.Request().Context(), of(c).agent.ID, m); err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, "/insights/marks?saved=1")
}

func (s *Server) dropInsightMark(c echo.Context) error {
	one, err := id.Parse(c.Param("mark"))
	if err != nil {
		return fault.New(fault.NotFound, "insights.error.mark_gone")
	}
	if err := s.Insights.DropMark(c.Request().Context(), one); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/insights/marks?saved=1")
}
