package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"huiyin/app/auth"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// joinPage is the page of a link that makes somebody an agent, or gives one a new password.
type joinPage struct {
	Page
	Title, Help    string
	Error          string
	Action         string
	Email          string // whose it is
	Name, Password field
	Named          bool // it asks for the name too
	Button         string
}

func (s *Server) invitationPage(c echo.Context) error { return s.showInvitation(c, nil) }

func (s *Server) showInvitation(c echo.Context, refused *form) error {
	token := c.Param("token")
	invitation, err := s.Auth.InvitationOf(c.Request().Context(), token)
	if err != nil {
		return err
	}
	f := refused
	if f == nil {
		f = s.empty(c, map[string]string{"name": invitation.Name})
	}
	p := s.join(c, f, invitation.Email, "/invitations/"+token)
	p.Title, p.Help, p.Button = p.T("people.join.title", "shop", p.Shop.Name), p.T("people.join.help"), p.T("people.join.button")
	p.Named, p.Name = true, f.input(field{Name: "name", Label: p.T("auth.field.name"), Hint: p.T("auth.hint.name"), Complete: "name", Max: tickets.NameMax, Required: true})
	return s.render(c, f.status(), "public/join", p)
}

// join is what both pages have. Nobody may learn the address of such a page from where she goes next.
func (s *Server) join(c echo.Context, f *form, email, action string) joinPage {
	c.Response().Header().Set("Referrer-Policy", "no-referrer")
	c.Response().Header().Set("Cache-Control", "no-store")
	p := joinPage{Page: s.page(c), Error: f.General(), Email: email, Action: action}
	p.Password = f.input(field{Name: "password", Type: "password", Label: p.T("auth.field.password"), Hint: p.T("auth.hint.password", "min", auth.PasswordMin),
		Complete: "new-password", Required: true})
	return p
}

// acceptInvitation makes the invited an agent and lets her in.
func (s *Server) acceptInvitation(c echo.Context) error {
	f, ctx := s.sent(c), c.Request().Context()
	agent, err := s.Auth.AcceptInvitation(ctx, c.Param("token"), c.FormValue("name"), c.FormValue("password"), of(c).locale)
	return s.letIn(c, f, agent, err, s.showInvitation)
}

func (s *Server) letIn(c echo.Context, f *form, agent *tickets.Agent, err error, again func(echo.Context, *form) error) error {
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return again(c, f)
	}
	if err := s.Auth.Begin(c.Request().Context(), agent.ID); err != nil {
		return err
	}
	s.AgentChanged(agent.ID)
	return c.Redirect(http.StatusSeeOther, "/tickets")
}

func (s *Server) passwordPage(c echo.Context) error { return s.showPassword(c, nil) }

func (s *Server) showPassword(c echo.Context, refused *form) error {
	token := c.Param("token")
	agent, err := s.Auth.PasswordLinkOf(c.Request().Context(), token)
	if err != nil {
		return err
	}
	f := refused
	if f == nil {
		f = s.empty(c, nil)
	}
	p := s.join(c, f, agent.Email, "/passwords/"+token)
	p.Title, p.Help, p.Button = p.T("people.password.title"), p.T("people.password.help"), p.T("people.password.button")
	return s.render(c, f.status(), "public/join", p)
}

// setPassword sets a new password by a link and lets her in; all her earlier sessions end.
func (s *Server) setPassword(c echo.Context) error {
	f := s.sent(c)
	agent, err := s.Auth.SetPasswordByLink(c.Request().Context(), c.Param("token"), c.FormValue("password"))
	return s.letIn(c, f, agent, err, s.showPassword)
}

// changePassword changes one's own password: all sessions end and this browser gets a new one.
func (s *Server) changePassword(c echo.Context) error {
	f, ctx, me := s.sent(c), c.Request().Context(), of(c).agent
	err := s.Auth.ChangePassword(ctx, me, c.FormValue("current"), c.FormValue("password"), address(c))
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showPreferences(c, f)
	}
	if err := s.Auth.Begin(ctx, me.ID); err != nil {
		return err
	}
	s.AgentChanged(me.ID)
	return c.Redirect(http.StatusSeeOther, "/preferences?saved=1")
}

// addToken makes an API token and leads to where it is shown, for the only time.
func (s *Server) addToken(c echo.Context) error {
	f, ctx, me := s.sent(c), c.Request().Context(), of(c).agent
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	var scopes []auth.Scope
	for _, word := range values["scope"] {
		scopes = append(scopes, auth.Scope(word))
	}
	token, err := s.Auth.AddTokenOf(ctx, me.ID, c.FormValue("name"), scopes...)
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showPreferences(c, f)
	}
	return s.showOnce(c, once{For: "token", Secret: token}, "/preferences#tokens")
}

func (s *Server) revokeToken(c echo.Context) error {
	one, err := id.Parse(c.Param("api"))
	if err != nil {
		one = 0 // which is nobody's
	}
	if err := s.Auth.RevokeToken(c.Request().Context(), of(c).agent.ID, one); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/preferences?saved=1")
}
