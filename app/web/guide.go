package web

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
)

// guideRoutes are the four steps from an empty desk to the first chat that was answered.
func (s *Server) guideRoutes() []route {
	return []route{
		{http.MethodGet, "/settings/guide", admin, limitRead, s.guide},
		{http.MethodGet, "/settings/guide/steps", admin, limitRead, s.guideSteps},
		{http.MethodPost, "/settings/guide/later", admin, limitWrite, s.skipStep},
	}
}

// guidePage shows how far the desk is. Each step's state is a fact of the desk, so that it is right whichever way
// somebody has gone; one can be left for later.
type guidePage struct {
	settingsFrame
	Steps             []guideStep
	Done              int
	Over              bool // every step is done or left for later
	Seen              *tickets.SeenSite
	later             []string
	ShopName          string
	Snippet, ChatPage string
	InboxHref         string
	HasSite           bool
	Trial             tickets.Trial
}

type guideStep struct {
	Name string // desk, chat, colleague, test
	Done bool
	Late bool // left for later
	Now  bool // the first one that is to be done
}

func (s *Server) guide(c echo.Context) error {
	p, err := s.guideOf(c)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "agent/guide", p)
}

func (s *Server) guideSteps(c echo.Context) error {
	p, err := s.guideOf(c)
	if err != nil {
		return err
	}
	return s.renderPart(c, "agent/guide", "guide-steps", p)
}

// laterSetting names the steps of the guide that somebody has left for later.
const laterSetting = "guide.later"

// skipStep leaves a step for later, or takes it up again.
func (s *Server) skipStep(c echo.Context) error {
	ctx, step := c.Request().Context(), c.FormValue("step")
	later, err := s.laterSteps(ctx)
	if err != nil {
		return err
	}
	if slices.Contains(later, step) {
		later = slices.DeleteFunc(later, func(one string) bool { return one == step })
	} else if slices.Contains(guideNames, step) {
		later = append(later, step)
	}
	value, err := json.Marshal(later)
	if err != nil {
		return err
	}
	if err := s.Tickets.SetSetting(ctx, laterSetting, value); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/guide")
}

func (s *Server) laterSteps(ctx context.Context) (later []string, err error) {
	value, found, err := s.Tickets.Setting(ctx, laterSetting)
	if err == nil && found {
		err = json.Unmarshal(value, &later)
	}
	return later, err
}

var guideNames = []string{"desk", "chat", "colleague", "test"}

func (s *Server) guideOf(c echo.Context) (*guidePage, error) {
	frame, err := s.settings(c, "guide")
	if err != nil {
		return nil, err
	}
	ctx := c.Request().Context()
	p := &guidePage{settingsFrame: frame, ShopName: frame.Shop.Name}
	inboxes, err := s.Tickets.Inboxes(ctx)
	if err != nil {
		return nil, err
	}
	desk := strings.TrimSuffix(s.BaseURL.String(), "/")
	for i := range inboxes {
		box := &inboxes[i]
		if box.Channel != tickets.ChannelChat || box.DisabledAt != nil {
			continue
		}
		p.HasSite = p.HasSite || len(box.Settings.AllowedOrigins) > 0
		// the newest: it is the one that is being set up
		sites, err := s.Tickets.SeenSites(ctx, box)
		if err != nil {
			return nil, err
		}
		if p.Seen = nil; len(sites) > 0 {
			p.Seen = &sites[0]
		}
		p.ChatPage = desk + "/c/" + box.Key
		p.Snippet, p.InboxHref = s.snippet(box), inboxPath(box)
	}
	agents, err := s.Tickets.CountAgents(ctx)
	if err != nil {
		return nil, err
	}
	invitations, err := s.Auth.Invitations(ctx)
	if err != nil {
		return nil, err
	}
	if p.Trial, err = s.Tickets.FirstChat(ctx); err != nil {
		return nil, err
	}
	if p.later, err = s.laterSteps(ctx); err != nil {
		return nil, err
	}
	done := []bool{p.ShopName != "", p.HasSite, agents > 1 || len(invitations) > 0, p.Trial.Answered}
	for i, name := range guideNames {
		p.add(name, done[i])
	}
	p.Over = !slices.ContainsFunc(p.Steps, func(one guideStep) bool { return one.Now })
	return p, nil
}

func (p *guidePage) add(name string, done bool) {
	late := !done && slices.Contains(p.later, name)
	first := !done && !late
	for _, step := range p.Steps {
		first = first && !step.Now
	}
	if done {
		p.Done++
	}
	p.Steps = append(p.Steps, guideStep{Name: name, Done: done, Late: late, Now: first})
}
