package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/app/insights"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// insightByHand runs a change of the group of the address and shows what became of it; what is refused is said on its page.
func (s *Server) insightByHand(c echo.Context, done string, change func(by id.ID, g *insights.Group) (next id.ID, err error)) error {
	g, err := s.insightGroupNamed(c, c.Param("group"))
	if err != nil {
		return err
	}
	next, err := change(of(c).agent.ID, g)
	if err != nil {
		f := s.sent(c)
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showInsightGroup(c, f)
	}
	return c.Redirect(http.StatusSeeOther, "/insights/groups/"+next.String()+"?done="+done)
}

func (s *Server) renameInsight(c echo.Context) error {
	return s.insightByHand(c, "name", func(by id.ID, g *insights.Group) (id.ID, error) {
		_, err := s.Insights.Rename(c.Request().Context(), by, g.ID, c.FormValue("title"))
		return g.ID, err
	})
}

// mergeInsight merges the group into another that was chosen, or the one named by other into it.
func (s *Server) mergeInsight(c echo.Context) error {
	return s.insightByHand(c, "merge", func(by id.ID, g *insights.Group) (id.ID, error) {
		into, others := g.ID, []id.ID{0}
		if text := c.FormValue("other"); text != "" {
			other, err := id.Parse(text)
			if err != nil {
				return 0, fault.New(fault.NotFound, "insights.error.group")
			}
			others[0] = other
		} else {
			chosen, err := s.chosenGroup(c, "into")
			if err != nil {
				return 0, err
			}
			into, others[0] = chosen, g.ID
		}
		_, err := s.Insights.Merge(c.Request().Context(), by, into, others)
		return into, err
	})
}

func (s *Server) splitInsight(c echo.Context) error {
	return s.insightByHand(c, "split", func(by id.ID, g *insights.Group) (id.ID, error) {
		fines, err := formIDs(c, "fine")
		if err != nil {
			return 0, err
		}
		next, _, err := s.Insights.Split(c.Request().Context(), by, g.ID, fines, strings.TrimSpace(c.FormValue("split")))
		return next, renamedField(err, "title", "split")
	})
}

// renamedField calls a field of an error as the form calls it.
func renamedField(err error, from, to string) error {
	e := fault.As(err)
	if e == nil {
		return err
	}
	out := *e
	out.Fields = nil
	for _, f := range e.Fields {
		if f.Name == from {
			f.Name = to
		}
		out.Fields = append(out.Fields, f)
	}
	return &out
}

// formIDs reads the ids of boxes that were ticked.
func formIDs(c echo.Context, name string) (out []id.ID, err error) {
	values, err := c.FormParams()
	if err != nil {
		return nil, err
	}
	for _, text := range values[name] {
		one, err := id.Parse(text)
		if err != nil {
			return nil, fault.InvalidField(name, "invalid", "web.error.bad_request", nil)
		}
		out = append(out, one)
	}
	return out, nil
}

func (s *Server) muteInsight(c echo.Context) error {
	return s.insightByHand(c, "mute", func(by id.ID, g *insights.Group) (id.ID, error) {
		_, err := s.Insights.Mute(c.Request().Context(), by, g.ID, c.FormValue("on") != "")
		return g.ID, err
	})
}

func (s *Server) pinInsight(c echo.Context) error {
	return s.insightByHand(c, "pin", func(by id.ID, g *insights.Group) (id.ID, error) {
		_, err := s.Insights.Pin(c.Request().Context(), by, g.ID, c.FormValue("on") != "")
		return g.ID, err
	})
}

// answerTwin refuses the group that was offered as the same in the other language; it is taken by merging.
func (s *Server) answerTwin(c echo.Context) error {
	return s.insightByHand(c, "twin", func(by id.ID, g *insights.Group) (id.ID, error) {
		_, err := s.Insights.RefuseTwin(c.Request().Context(), by, g.ID)
		return g.ID, err
	})
}

// moveInsights moves texts to another group, or to none.
func (s *Server) moveInsights(c echo.Context) error {
	voices, err := formIDs(c, "voice")
	if err != nil {
		return err
	}
	to := id.ID(0)
	if c.FormValue("nowhere") == "" {
		if to, err = s.chosenGroup(c, "to"); err != nil {
			return err
		}
	}
	if len(voices) == 0 {
		return fault.InvalidField("voice", "required", "insights.error.no_texts", nil)
	}
	if _, err := s.Insights.Move(c.Request().Context(), of(c).agent.ID, voices, to); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, withDone(localPath(c.FormValue("from"), "/insights"), "moved"))
}

// withDone says in an address that something was done.
func withDone(path, done string) string {
	sign := "?"
	if strings.Contains(path, "?") {
		sign = "&"
	}
	return path + sign + done + "=1"
}
