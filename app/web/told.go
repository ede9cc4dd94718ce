package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"huiyin/app/improve/telling"
)

// toldRoutes are the door of the link by which somebody who was told of an improvement answers. Whoever has it is she.
func (s *Server) toldRoutes() []route {
	return []route{
		{http.MethodGet, "/told/:token", public, limitPage, s.toldPage},
		{http.MethodPost, "/told/:token", public, limitPage, s.answerTold},
	}
}

// toldView asks whether it is better for her.
type toldView struct {
	Page
	Action     string
	Number     int64  // of the ticket in which she was told
	Said, Did  string // what the public page says of it, where it says something
	Lang       string // of these
	Answer     string
	Wrong      string
	Improved   string // address of the public page
	Fixed, Not string // the answers' values
}

// toldPage shows the question. It changes nothing: mail programs look at links before people do.
func (s *Server) toldPage(c echo.Context) error { return s.showTold(c, nil) }

func (s *Server) answerTold(c echo.Context) error {
	s.quietly(c)
	err := s.Telling.Answer(c.Request().Context(), c.Param("token"), telling.Reply(c.FormValue("answer")))
	if err == nil {
		return c.Redirect(http.StatusSeeOther, c.Request().URL.Path)
	}
	f := s.sent(c)
	if err := f.refused(err); err != nil {
		return err
	}
	return s.showTold(c, f)
}

func (s *Server) showTold(c echo.Context, refused *form) error {
	ctx := c.Request().Context()
	s.quietly(c)
	a, err := s.Telling.Asked(ctx, c.Param("token"))
	if err != nil {
		return err
	}
	if c.QueryParam("lang") == "" {
		of(c).locale = a.Language
	}
	v := toldView{Page: s.page(c), Action: c.Request().URL.Path, Number: a.Number, Answer: string(a.Answer), Fixed: string(telling.Fixed), Not: string(telling.Still)}
	story, err := s.Telling.Story(ctx, a.Task.ID)
	if err != nil {
		return err
	}
	if story != nil && story.PublishedAt != nil {
		text, lang := story.In(v.Locale)
		v.Said, v.Did, v.Lang, v.Improved = text.Said, text.Did, lang, "/improved?lang="+v.Locale
	}
	status := http.StatusOK
	if refused != nil {
		if status, v.Wrong = refused.status(), refused.wrong("answer"); v.Wrong == "" {
			v.Wrong = refused.General()
		}
	}
	return s.render(c, status, "public/told", v)
}
