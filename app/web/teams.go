package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

type teamsPage struct {
	settingsFrame
	Error string
	Name  field
	Teams []teamView
}

type teamView struct {
	*Words
	ID, Shown string
	Open      bool
	Error     string
	Name      field
	Members   []memberView
	Count     int
	EndWrong  string
	Replies   int // quick replies, of which the end of the team decides
}

type memberView struct {
	ID, Name string
	In       bool
}

func (s *Server) teamsPage(c echo.Context) error { return s.showTeams(c, nil, 0) }

func (s *Server) showTeams(c echo.Context, refused *form, changed id.ID) error {
	frame, err := s.settings(c, "teams")
	if err != nil {
		return err
	}
	ctx, w := c.Request().Context(), frame.Words
	teams, err := s.Tickets.Teams(ctx)
	if err != nil {
		return err
	}
	agents, err := s.Tickets.Agents(ctx)
	if err != nil {
		return err
	}
	replies, err := s.Tickets.RepliesOfTeams(ctx)
	if err != nil {
		return err
	}
	f := s.empty(c, nil)
	if refused != nil && changed == 0 {
		f = refused
	}
	p := teamsPage{settingsFrame: frame, Error: f.General(), Name: f.input(field{Name: "name", Label: w.T("people.team"), Complete: "off", Max: tickets.NameMax, Required: true})}
	for _, team := range teams {
		in, err := s.Tickets.TeamAgents(ctx, team.ID)
		if err != nil {
			return err
		}
		f, open := s.empty(c, map[string]string{"name": team.Name}), refused != nil && changed == team.ID
		wrong := ""
		if open {
			wrong = refused.wrong("replies") + refused.wrong("shelf") // of the team's end, one of them
		}
		if open && wrong == "" {
			f = refused
		}
		v := teamView{Words: w, ID: team.ID.String(), Shown: team.Name, Open: open, Error: f.General(), Count: len(in), Replies: replies[team.ID], EndWrong: wrong,
			Name: f.input(field{Name: "name", Prefix: team.ID.String() + "-", Label: w.T("people.team"), Complete: "off", Max: tickets.NameMax, Required: true})}
		for i := range agents {
			if a := &agents[i]; a.DisabledAt == nil {
				v.Members = append(v.Members, memberView{a.ID.String(), a.Name, slices.Contains(in, a.ID)})
			}
		}
		p.Teams = append(p.Teams, v)
	}
	status := http.StatusOK
	if refused != nil {
		status = refused.status()
	}
	return s.render(c, status, "agent/teams", p)
}

func (s *Server) teamDone(c echo.Context, f *form, team id.ID, err error) error {
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showTeams(c, f, team)
	}
	return c.Redirect(http.StatusSeeOther, "/settings/teams?saved=1")
}

func (s *Server) addTeam(c echo.Context) error {
	_, err := s.Tickets.CreateTeam(c.Request().Context(), c.FormValue("name"))
	return s.teamDone(c, s.sent(c), 0, err)
}

func (s *Server) saveTeam(c echo.Context) error {
	f := s.sent(c)
	team, err := id.Parse(c.Param("team"))
	if err != nil {
		return fault.New(fault.NotFound, "error.team.unknown")
	}
	values, err := c.FormParams()
	if err != nil {
		return errBadForm
	}
	var agents []id.ID
	for _, text := range values["agent"] {
		if one, err := id.Parse(text); err == nil {
			agents = append(agents, one)
		}
	}
	err = s.Tickets.ChangeTeam(c.Request().Context(), team, c.FormValue("name"), agents)
	if fault.Is(err, fault.NotFound) {
		return err
	}
	return s.teamDone(c, f, team, err)
}

func (s *Server) deleteTeam(c echo.Context) error {
	team, err := id.Parse(c.Param("team"))
	if err != nil {
		return fault.New(fault.NotFound, "error.team.unknown")
	}
	replies := tickets.TeamReplies(c.FormValue("replies"))
	if c.FormValue("replies") == "" { // there were none when the page was made; should there be some now, none is lost
		replies = tickets.TeamRepliesMove
	}
	if err := s.Tickets.DeleteTeam(c.Request().Context(), team, replies); err != nil {
		f := s.sent(c)
		if fault.Is(err, fault.NotFound) {
			return err
		}
		return s.teamDone(c, f, team, err)
	}
	return c.Redirect(http.StatusSeeOther, "/settings/teams?saved=1")
}
