package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"huiyin/app/insights"
	"huiyin/app/insights/grouping/lexicon"
)

type insightLexiconPage struct {
	insightFrame
	Lines   field
	All     bool // texts that do not complain are kept too
	Built   string
	Aspects int
	Saved   bool
	Error   string
}

func (s *Server) insightLexicon(c echo.Context) error {
	w, err := s.Insights.Wording(c.Request().Context())
	if err != nil {
		return err
	}
	return s.showInsightLexicon(c, s.empty(c, map[string]string{"lines": w.Lines}), w.AllTexts)
}

func (s *Server) showInsightLexicon(c echo.Context, f *form, all bool) error {
	frame, err := s.insightFrame(c, "/insights/lexicon")
	if err != nil {
		return err
	}
	p := insightLexiconPage{insightFrame: frame, All: all, Built: lexicon.ShopsText(), Saved: c.QueryParam("saved") != "", Error: f.General()}
	p.Lines = f.input(field{Name: "lines", Type: "textarea", Rows: 12, Class: "code", Label: p.T("insights.lexicon.own"), Hint: p.T("insights.lexicon.own_hint")})
	return s.render(c, f.status(), "agent/insight_lexicon", p)
}

func (s *Server) saveInsightLexicon(c echo.Context) error {
	w := insights.Wording{Lines: c.FormValue("lines"), AllTexts: c.FormValue("all") != ""}
	if err := s.Insights.SaveWording(c.Request().Context(), w); err != nil {
		f := s.sent(c)
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showInsightLexicon(c, f, w.AllTexts)
	}
	return c.Redirect(http.StatusSeeOther, "/insights/lexicon?saved=1")
}
