package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Services are what the demo needs of the desk that it fills.
type Services struct {
	// Tickets is the desk's own domain service.
	Tickets *tickets.Service
	// New makes a domain service on the same store whose clock the caller sets: the past is played through it.
	New func(now func() time.Time) *tickets.Service
	// AddAgent adds somebody who can sign in with the password.
	AddAgent func(ctx context.Context, email, name string, role tickets.Role, password string) (*tickets.Agent, error)
	// Origins are the sites that may show the chat, beside the desk itself.
	Origins []string
	// Tries takes the shop's order attempts, Opinions what shoppers answered in its form.
	Tries    Tries
	Opinions Opinions
	// Year takes the shop's last year.
	Year Year
	Now  func() time.Time
	Seed uint64 // another seed gives other conversations
}

// ErrOtherDesk is returned by Open for a desk that has agents and is no demo: it is left alone.
var ErrOtherDesk = errors.New("the data folder holds a desk that is no demo: choose another folder")

// setting is where the desk remembers that it is the demo's.
const setting = "demo.shop"

// Shop is the sample shop on its desk.
type Shop struct {
	services Services
	filled   bool // by an earlier start
	kept
}

// kept is what the desk remembers of the shop.
type kept struct {
	Inboxes map[string]id.ID `json:"inboxes"` // by language
	Agents  []id.ID          `json:"agents"`  // in the order of staff
	Teams   []id.ID          `json:"teams"`
	Closed  map[string]id.ID `json:"closed"` // inboxes that are hardly ever open, by language
}

// Open makes the shop's inboxes, teams and agents, or finds those of an earlier start on the same data. Errors:
// ErrOtherDesk.
func Open(ctx context.Context, services Services) (*Shop, error) {
	s := &Shop{services: services}
	value, found, err := services.Tickets.Setting(ctx, setting)
	if err != nil {
		return nil, err
	}
	if found {
		s.filled = true
		return s, json.Unmarshal(value, &s.kept)
	}
	n, err := services.Tickets.CountAgents(ctx)
	if err != nil {
		return nil, err
	}
	if n > 0 {
		return nil, ErrOtherDesk
	}
	if err := s.make(ctx); err != nil {
		return nil, fmt.Errorf("make the sample shop: %w", err)
	}
	if err := services.Tickets.SaveShop(ctx, shopSettings); err != nil {
		return nil, err
	}
	if value, err = json.Marshal(s.kept); err != nil {
		return nil, err
	}
	return s, services.Tickets.SetSetting(ctx, setting, value)
}

func (s *Shop) make(ctx context.Context) error {
	s.Inboxes, s.Closed = map[string]id.ID{}, map[string]id.ID{}
	for _, locale := range []string{zh, en} {
		box, err := s.services.Tickets.CreateInbox(ctx, tickets.NewInbox{
			Channel: tickets.ChannelChat, Name: inboxNames[locale],
			Settings: tickets.InboxSettings{AllowedOrigins: s.services.Origins, Greeting: greetings[locale], Hotline: hotlines[locale], Hours: openings[locale]},
		})
		if err != nil {
			return err
		}
		s.Inboxes[locale] = box.ID
		closed, err := s.services.Tickets.CreateInbox(ctx, tickets.NewInbox{
			Channel: tickets.ChannelChat, Name: closedNames[locale],
			Settings: tickets.InboxSettings{AllowedOrigins: s.services.Origins, Greeting: greetings[locale], Hotline: hotlines[locale], Hours: rareWeek()},
		})
		if err != nil {
			return err
		}
		s.Closed[locale] = closed.ID
	}
	for _, p := range staff {
		agent, err := s.services.AddAgent(ctx, p.email, p.name, p.role, Password)
		if err != nil {
			return err
		}
		s.Agents = append(s.Agents, agent.ID)
	}
	if err := s.makeTeams(ctx); err != nil {
		return err
	}
	return s.makeReplies(ctx)
}

func (s *Shop) makeTeams(ctx context.Context) error {
	for place, name := range teamNames {
		team, err := s.services.Tickets.CreateTeam(ctx, name)
		if err != nil {
			return err
		}
		s.Teams = append(s.Teams, team.ID)
		for i, p := range staff {
			if !p.in(place) {
				continue
			}
			if err := s.services.Tickets.AddTeamAgent(ctx, team.ID, s.Agents[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// ClosedInbox is a chat of the shop that nobody answers now, in a language. Errors: NotFound.
func (s *Shop) ClosedInbox(ctx context.Context, locale string) (*tickets.Inbox, error) {
	box, ok := s.Closed[locale]
	if !ok {
		return nil, fault.New(fault.NotFound, "error.inbox.not_found")
	}
	return s.services.Tickets.Inbox(ctx, box)
}

// Inbox is the shop's chat in a language, "zh-CN" or "en". Errors: NotFound.
func (s *Shop) Inbox(ctx context.Context, locale string) (*tickets.Inbox, error) {
	box, ok := s.Inboxes[locale]
	if !ok {
		return nil, fault.New(fault.NotFound, "error.inbox.not_found")
	}
	return s.services.Tickets.Inbox(ctx, box)
}
