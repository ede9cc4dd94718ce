package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
)

// guideRoutes are the four steps from an empty desk to the first chat that was answered.
func (s *Server) guideRoutes() []route {
	return []route{{http.MethodGet, "/settings/guide", admin, limitRead, s.guide}}
}

// guidePage shows how far the desk is. Each step's state is a fact of the desk, so that it is right whichever way
// somebody has gone, and nothing has to be ticked off.
type guidePage struct {
	settingsFrame
	Steps             []guideStep
	Done              int
	ShopName          string
	Snippet, ChatPage string
	InboxHref         string
	HasSite           bool
	Trial             tickets.Trial
}

type guideStep struct {
	Name string // desk, chat, colleague, test
	Done bool
	Now  bool // the first one that is not done
}

func (s *Server) guide(c echo.Context) error {
	frame, err := s.settings(c, "guide")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	p := guidePage{settingsFrame: frame, ShopName: frame.Shop.Name}
	inboxes, err := s.Tickets.Inboxes(ctx)
	if err != nil {
		return err
	}
	desk := strings.TrimSuffix(s.BaseURL.String(), "/")
	for i := range inboxes {
		box := &inboxes[i]
		if box.Channel != tickets.ChannelChat || box.DisabledAt != nil {
			continue
		}
		p.HasSite = p.HasSite || len(box.Settings.AllowedOrigins) > 0
		// the newest: it is the one that is being set up
		p.ChatPage = desk + "/c/" + box.Key
		p.Snippet, p.InboxHref = s.snippet(box), inboxPath(box)
	}
	agents, err := s.Tickets.CountAgents(ctx)
	if err != nil {
		return err
	}
	invitations, err := s.Auth.Invitations(ctx)
	if err != nil {
		return err
	}
	if p.Trial, err = s.Tickets.FirstChat(ctx); err != nil {
		return err
	}
	p.add("desk", p.ShopName != "")
	p.add("chat", p.HasSite)
	p.add("colleague", agents > 1 || len(invitations) > 0)
	p.add("test", p.Trial.Answered)
	return s.render(c, http.StatusOK, "agent/guide", p)
}

func (p *guidePage) add(name string, done bool) {
	first := !done
	for _, step := range p.Steps {
		first = first && step.Done
	}
	if done {
		p.Done++
	}
	p.Steps = append(p.Steps, guideStep{Name: name, Done: done, Now: first})
}
