package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"huiyin/app/insights"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const actionsShown = 50

// actionView is what somebody did, with who and when.
type actionView struct {
	ID     string
	What   string
	Who    string
	At     int64
	Group  string // its name
	Href   string
	Undone string // by whom and when; empty: it holds
	May    bool   // be undone
}

// actionsView is what the part "insight-actions" shows.
type actionsView struct {
	*Words
	List  []actionView
	Named bool   // each with its group
	From  string // address that an undo leads back to
}

// Done are actions; named says whether each names its group.
func (f insightFrame) Done(list []actionView, named bool, from string) actionsView {
	return actionsView{f.Words, list, named, from}
}

type insightHistoryPage struct {
	insightFrame
	List  []actionView
	Next  string
	Undid bool
	Error string
}

func (s *Server) insightHistory(c echo.Context) error {
	frame, err := s.insightFrame(c, "/insights/history")
	if err != nil {
		return err
	}
	p := insightHistoryPage{insightFrame: frame, Undid: c.QueryParam("undone") != ""}
	return s.showInsightHistory(c, p, http.StatusOK)
}

func (s *Server) showInsightHistory(c echo.Context, p insightHistoryPage, status int) (err error) {
	before, _ := id.Parse(c.QueryParam("before")) // zero, from the newest, when it is none
	if p.List, err = s.actionViews(c, p.Words, 0, before, actionsShown+1); err != nil {
		return err
	}
	if len(p.List) > actionsShown {
		p.List = p.List[:actionsShown]
		p.Next = "/insights/history?before=" + p.List[actionsShown-1].ID
	}
	return s.render(c, status, "agent/insight_history", p)
}

// actionViews puts actions into words.
func (s *Server) actionViews(c echo.Context, w *Words, group, before id.ID, most int) ([]actionView, error) {
	ctx := c.Request().Context()
	list, err := s.Insights.Actions(ctx, group, before, most)
	if err != nil {
		return nil, err
	}
	agents, err := s.Tickets.Agents(ctx)
	if err != nil {
		return nil, err
	}
	names := map[id.ID]string{}
	for i := range agents {
		names[agents[i].ID] = agents[i].Name
	}
	groups := map[id.ID]string{}
	name := func(one id.ID) (string, error) {
		if one == 0 {
			return w.T("insights.no_group"), nil
		}
		if _, known := groups[one]; !known {
			g, err := s.Insights.Group(ctx, one)
			if err != nil && !fault.Is(err, fault.NotFound) {
				return "", err
			}
			if groups[one] = "–"; err == nil {
				groups[one] = groupName(w, g.Called())
			}
		}
		return groups[one], nil
	}
	out := make([]actionView, 0, len(list))
	for i := range list {
		a := &list[i]
		v := actionView{ID: a.ID.String(), At: a.At.UnixMilli(), Who: w.T("insights.desk"), May: a.UndoneAt == nil}
		if a.AgentID != nil {
			v.Who = names[*a.AgentID]
		}
		if v.Group, err = name(a.GroupID); err != nil {
			return nil, err
		}
		if a.GroupID != 0 {
			v.Href = "/insights/groups/" + a.GroupID.String()
		}
		v.What = didText(w, a)
		if a.UndoneAt != nil {
			by := w.T("insights.desk")
			if a.UndoneBy != nil {
				by = names[*a.UndoneBy]
			}
			v.Undone = w.T("insights.undone_by", "who", by, "when", w.Full(a.UndoneAt.UnixMilli()))
		}
		out = append(out, v)
	}
	return out, nil
}

// didText says what an action was.
func didText(w *Words, a *insights.Action) string {
	switch a.Kind {
	case insights.DidRename:
		if a.Title == "" {
			return w.T("insights.did.unname", "was", a.Was)
		}
		return w.T("insights.did.rename", "title", a.Title)
	case insights.DidMerge:
		return w.T("insights.did.merge", "count", len(a.Others))
	case insights.DidSplit:
		return w.T("insights.did.split", "count", len(a.Fines))
	case insights.DidMove:
		return w.T("insights.did.move", "count", len(a.Voices))
	}
	return w.T("insights.did." + string(a.Kind))
}

// undoInsight takes an action back. What has changed since stays, and the history says why.
func (s *Server) undoInsight(c echo.Context) error {
	one, err := id.Parse(c.Param("action"))
	if err != nil {
		return fault.New(fault.NotFound, "insights.error.action")
	}
	err = s.Insights.Undo(c.Request().Context(), of(c).agent.ID, one)
	if fault.Is(err, fault.Conflict) {
		frame, wrong := s.insightFrame(c, "/insights/history")
		if wrong != nil {
			return wrong
		}
		f := s.sent(c)
		if wrong := f.refused(err); wrong != nil {
			return wrong
		}
		return s.showInsightHistory(c, insightHistoryPage{insightFrame: frame, Error: f.any()}, f.status())
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, withDone(localPath(c.FormValue("from"), "/insights/history"), "undone"))
}
