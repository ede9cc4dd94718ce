package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"huiyin/tickets/fault"
)

type signInPage struct {
	Page
	Error    string
	Next     string
	Email    field
	Password field
}

func (s *Server) signInPage(c echo.Context) error {
	if of(c).agent != nil {
		return c.Redirect(http.StatusSeeOther, localPath(c.QueryParam("next"), "/tickets"))
	}
	if needed, err := s.Auth.SetupNeeded(c.Request().Context()); err != nil || needed {
		return orRedirect(c, err, "/setup")
	}
	f := s.empty(c, nil)
	return s.showSignIn(c, f, c.QueryParam("next"))
}

func (s *Server) showSignIn(c echo.Context, f *form, next string) error {
	w := f.words
	return s.render(c, f.status(), "public/sign_in", signInPage{
		Page: s.page(c), Error: f.General(), Next: localPath(next, ""),
		Email: f.input(field{Name: "email", Type: "email", Label: w.T("auth.field.email"), Complete: "username", Required: true, Focus: f.err == nil}),
		Password: f.input(field{Name: "password", Type: "password", Label: w.T("auth.field.password"), Complete: "current-password",
			Required: true, Focus: f.err != nil}),
	})
}

func (s *Server) signIn(c echo.Context) error {
	f, ctx := s.sent(c), c.Request().Context()
	agent, err := s.Auth.SignIn(ctx, c.FormValue("email"), c.FormValue("password"), address(c))
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showSignIn(c, f, c.FormValue("next"))
	}
	if err := s.Auth.Begin(ctx, agent.ID); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, localPath(c.FormValue("next"), "/tickets"))
}

func (s *Server) signOut(c echo.Context) error {
	who := of(c).agent
	if err := s.Auth.End(c.Request().Context()); err != nil {
		return err
	}
	if who != nil {
		s.AgentChanged(who.ID)
	}
	return c.Redirect(http.StatusSeeOther, "/sign-in")
}

// orRedirect passes an error on, or leads to a path when there is none.
func orRedirect(c echo.Context, err error, path string) error {
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, path)
}

var errBadForm = fault.New(fault.Invalid, "web.error.bad_request")
