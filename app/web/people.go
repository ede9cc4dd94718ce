package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"huiyin/app/auth"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// peopleRoutes are the settings of those who work here, and the doors of their links.
func (s *Server) peopleRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/settings/agents", admin, limitRead, s.agentsPage},
		{post, "/settings/invitations", admin, limitWrite, s.invite},
		{post, "/settings/invitations/:invitation/end", admin, limitWrite, s.revokeInvitation},
		{post, "/settings/invitations/:invitation/mail", admin, limitSignIn, s.mailInvitation},
		{post, "/settings/agents/:agent", admin, limitWrite, s.saveAgent},
		{post, "/settings/agents/:agent/password-link", admin, limitWrite, s.linkPassword},
		{post, "/settings/agents/:agent/disable", admin, limitWrite, s.disableAgent},
		{post, "/settings/agents/:agent/enable", admin, limitWrite, s.enableAgent},
		{get, "/settings/teams", admin, limitRead, s.teamsPage},
		{post, "/settings/teams", admin, limitWrite, s.addTeam},
		{post, "/settings/teams/:team", admin, limitWrite, s.saveTeam},
		{post, "/settings/teams/:team/end", admin, limitWrite, s.deleteTeam},

		{get, "/invitations/:token", visitor, limitSignIn, s.invitationPage},
		{post, "/invitations/:token", visitor, limitSignIn, s.acceptInvitation},
		{get, "/passwords/:token", visitor, limitSignIn, s.passwordPage},
		{post, "/passwords/:token", visitor, limitSignIn, s.setPassword},

		{post, "/preferences/password", agent, limitSignIn, s.changePassword},
		{post, "/preferences/tokens", agent, limitWrite, s.addToken},
		{post, "/preferences/tokens/:api/end", agent, limitWrite, s.revokeToken},
	}
}

// roles in the order of the lists.
var roles = []tickets.Role{tickets.RoleAgent, tickets.RoleManager, tickets.RoleAdmin}

func roleOptions(w *Words) []option {
	var out []option
	for _, r := range roles {
		out = append(out, option{string(r), w.T("people.role." + string(r))})
	}
	return out
}

type agentsPage struct {
	settingsFrame
	Error          string
	Link           string // made just now, shown for the only time
	LinkFor        string
	LinkIsPassword bool
	LinkMail       string // the invitation that can be sent by mail; empty: none
	CanMail        bool
	Mailed         bool
	Agents         []agentView
	Invitations    []auth.Invitation
	Email, Name    field
	Role           field
}

type agentView struct {
	*Words
	ID, Email    string
	Initial      string
	Shown        string // her name
	RoleText     string
	Own          bool // the reader's own row
	Disabled     bool
	Error        string
	Open         bool // unfolded: something was wrong in it
	Name, Change field
}

func (s *Server) agentsPage(c echo.Context) error { return s.showAgents(c, nil, 0) }

// showAgents shows all agents; a form that was refused belongs to the agent changed, or to an invitation (zero).
func (s *Server) showAgents(c echo.Context, refused *form, changed id.ID) error {
	frame, err := s.settings(c, "agents")
	if err != nil {
		return err
	}
	ctx, w := c.Request().Context(), frame.Words
	agents, err := s.Tickets.Agents(ctx)
	if err != nil {
		return err
	}
	f := s.empty(c, map[string]string{"role": string(tickets.RoleAgent)})
	if refused != nil && changed == 0 {
		f = refused
	}
	p := agentsPage{
		settingsFrame: frame, Error: f.General(), Mailed: c.QueryParam("mailed") != "",
		Email: f.input(field{Name: "email", Type: "email", Label: w.T("people.email"), Complete: "off", Required: true}),
		Name:  f.input(field{Name: "name", Label: w.T("people.name"), Hint: w.T("people.name_hint"), Complete: "off", Max: tickets.NameMax}),
		Role:  f.input(field{Name: "role", Type: "select", Label: w.T("people.role"), Hint: w.T("people.role_hint"), Options: roleOptions(w)}),
	}
	if p.CanMail, err = s.Mail.Ready(ctx); err != nil {
		return err
	}
	p.made(s, s.takeOnce(c, "agents"))
	if p.Invitations, err = s.Auth.Invitations(ctx); err != nil {
		return err
	}
	for i := range agents {
		f := s.empty(c, map[string]string{"name": agents[i].Name, "role": string(agents[i].Role)})
		open := refused != nil && changed == agents[i].ID
		if open {
			f = refused
		}
		p.Agents = append(p.Agents, agentViewOf(f, &agents[i], frame.Me.ID, open))
	}
	status := http.StatusOK
	if refused != nil {
		status = refused.status()
	}
	return s.render(c, status, "agent/agents", p)
}

// made shows a link that was made just now.
func (p *agentsPage) made(s *Server, o once) {
	if o.Secret == "" {
		return
	}
	p.Link, p.LinkFor, p.LinkIsPassword = s.BaseURL.JoinPath(o.Secret).String(), o.Whose, o.Kind == "password"
	if p.CanMail && !p.LinkIsPassword {
		p.LinkMail = o.ID
	}
}

func agentViewOf(f *form, a *tickets.Agent, me string, open bool) agentView {
	w, prefix := f.words, a.ID.String()+"-"
	return agentView{
		Words: w, ID: a.ID.String(), Email: a.Email, Initial: initial(a.Name), Shown: a.Name, RoleText: w.T("people.role." + string(a.Role)),
		Own: a.ID.String() == me, Disabled: a.DisabledAt != nil, Error: f.General(), Open: open,
		Name:   f.input(field{Name: "name", Prefix: prefix, Label: w.T("people.name"), Complete: "off", Max: tickets.NameMax, Required: true}),
		Change: f.input(field{Name: "role", Prefix: prefix, Type: "select", Label: w.T("people.role"), Options: roleOptions(w)}),
	}
}

// invite makes an invitation and leads to where its link is shown, for the only time.
func (s *Server) invite(c echo.Context) error {
	f := s.sent(c)
	made, token, err := s.Auth.Invite(c.Request().Context(), actor(c), auth.NewInvitation{
		Email: c.FormValue("email"), Name: c.FormValue("name"), Role: tickets.Role(c.FormValue("role")),
	})
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showAgents(c, f, 0)
	}
	return s.showOnce(c, once{For: "agents", Secret: "/invitations/" + token, Whose: made.Email, ID: made.ID.String()}, "/settings/agents")
}

// invitationHolds refuses an invitation that is over. Errors: NotFound.
func (s *Server) invitationHolds(ctx context.Context, one id.ID) error {
	open, err := s.Auth.Invitations(ctx)
	if err == nil && !slices.ContainsFunc(open, func(i auth.Invitation) bool { return i.ID == one }) {
		err = fault.New(fault.NotFound, "auth.error.link")
	}
	return err
}

// mailInvitation has an invitation sent to whom it is for.
func (s *Server) mailInvitation(c echo.Context) error {
	one, err := id.Parse(c.Param("invitation"))
	if err != nil {
		return fault.New(fault.NotFound, "web.error.not_found")
	}
	ctx := c.Request().Context()
	ready, err := s.Mail.Ready(ctx)
	if err == nil && !ready {
		err = fault.New(fault.Conflict, "mail.error.unset")
	}
	if err == nil {
		err = s.invitationHolds(ctx, one)
	}
	if err == nil {
		err = s.Mail.QueueInvitation(ctx, one)
	}
	return orRedirect(c, err, "/settings/agents?mailed=1")
}

func (s *Server) revokeInvitation(c echo.Context) error {
	one, err := id.Parse(c.Param("invitation"))
	if err != nil {
		return fault.New(fault.NotFound, "web.error.not_found")
	}
	if err := s.Auth.RevokeInvitation(c.Request().Context(), actor(c), one); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/agents?saved=1")
}

// changeAgent runs a change of the agent of the address and shows what was refused in her row.
func (s *Server) changeAgent(c echo.Context, change func(agent id.ID) error) error {
	f := s.sent(c)
	one, err := id.Parse(c.Param("agent"))
	if err != nil {
		return fault.New(fault.NotFound, "error.agent.not_found")
	}
	if err := change(one); err != nil {
		if fault.Is(err, fault.NotFound) {
			return err
		}
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showAgents(c, f, one)
	}
	s.AgentChanged(one)
	return c.Redirect(http.StatusSeeOther, "/settings/agents?saved=1")
}

func (s *Server) saveAgent(c echo.Context) error {
	return s.changeAgent(c, func(agent id.ID) error {
		return s.Tickets.ChangeAgent(c.Request().Context(), actor(c), agent, c.FormValue("name"), tickets.Role(c.FormValue("role")))
	})
}

func (s *Server) disableAgent(c echo.Context) error {
	return s.changeAgent(c, func(agent id.ID) error { return s.Auth.Disable(c.Request().Context(), actor(c), agent) })
}

func (s *Server) enableAgent(c echo.Context) error {
	return s.changeAgent(c, func(agent id.ID) error { return s.Tickets.EnableAgent(c.Request().Context(), actor(c), agent) })
}

// linkPassword makes a link by which an agent sets a new password, and leads to where it is shown, for the only time.
func (s *Server) linkPassword(c echo.Context) error {
	one, err := id.Parse(c.Param("agent"))
	if err != nil {
		return fault.New(fault.NotFound, "error.agent.not_found")
	}
	ctx := c.Request().Context()
	who, err := s.Tickets.Agent(ctx, one)
	if err != nil {
		return err
	}
	token, err := s.Auth.PasswordLink(ctx, actor(c), one, auth.PasswordLinkLife)
	if err != nil {
		return err
	}
	return s.showOnce(c, once{For: "agents", Secret: "/passwords/" + token, Whose: who.Name, Kind: "password"}, "/settings/agents")
}
