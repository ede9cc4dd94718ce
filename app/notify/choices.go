package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/hours"
	"huiyin/tickets/id"
)

// Choices are what an agent wants to be told of, and how.
type Choices struct {
	On        map[Kind][]Channel `json:"on"`
	QuietFrom hours.Minute       `json:"quiet_from"` // no sound, no browser and no mail between these, in the shop's zone; alike: never quiet
	QuietTo   hours.Minute       `json:"quiet_to"`
}

// DefaultChoices hold until an agent has chosen.
func DefaultChoices() Choices {
	return Choices{On: map[Kind][]Channel{
		Waiting: {Bell, Sound}, Assigned: {Bell, Desktop}, Message: {Bell, Sound, Desktop}, Unanswered: {Bell, Sound, Desktop, Mail},
		Rated: {Bell}, Task: {Bell, Mail}, Alert: {Bell, Mail},
	}}
}

// Wants tells whether she is told of a kind by a channel.
func (c Choices) Wants(k Kind, by Channel) bool { return slices.Contains(c.On[k], by) }

func choicesSetting(agent id.ID) string { return "notices/" + agent.String() }

// Choices gives what an agent has chosen.
func (s *Service) Choices(ctx context.Context, agent id.ID) (Choices, error) {
	c := DefaultChoices()
	data, found, err := s.Tickets.Setting(ctx, choicesSetting(agent))
	if err == nil && found {
		c = Choices{}
		err = json.Unmarshal(data, &c)
		if _, said := c.On[Task]; err == nil && !said && c.On != nil { // kept before there were tasks
			c.On[Task] = DefaultChoices().On[Task]
		}
	}
	if err != nil {
		return c, fmt.Errorf("read what an agent wants to be told: %w", err)
	}
	return c, nil
}

// SaveChoices replaces what an agent has chosen. Whatever is told by another channel is in the bell too. Errors: Invalid.
func (s *Service) SaveChoices(ctx context.Context, agent id.ID, c Choices) error {
	kept := Choices{On: map[Kind][]Channel{Task: {}}, QuietFrom: c.QuietFrom, QuietTo: c.QuietTo}
	for _, k := range Kinds {
		for _, by := range Channels {
			if slices.Contains(c.On[k], by) {
				kept.On[k] = append(kept.On[k], by)
			}
		}
		if len(kept.On[k]) > 0 && kept.On[k][0] != Bell {
			kept.On[k] = append([]Channel{Bell}, kept.On[k]...)
		}
	}
	data, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("encode what an agent wants to be told: %w", err)
	}
	return s.Tickets.SetSetting(ctx, choicesSetting(agent), data)
}

// Settings are the desk's choices about notices.
type Settings struct {
	UnansweredMinutes int `json:"unanswered_minutes"` // how long a chat may wait
	RepeatMinutes     int `json:"repeat_minutes"`     // how soon it is told again while nobody has read it
}

const (
	setting     = "notices"
	minutesMost = 24 * 60
)

// DefaultSettings hold until somebody has chosen.
var DefaultSettings = Settings{UnansweredMinutes: 3, RepeatMinutes: 5}

// Settings gives the settings that hold.
func (s *Service) Settings(ctx context.Context) (Settings, error) {
	set := DefaultSettings
	data, found, err := s.Tickets.Setting(ctx, setting)
	if err == nil && found {
		err = json.Unmarshal(data, &set)
	}
	if err != nil {
		return set, fmt.Errorf("read the settings of notices: %w", err)
	}
	return set, nil
}

// SaveSettings replaces the settings. Errors: Invalid (unanswered_minutes, repeat_minutes).
func (s *Service) SaveSettings(ctx context.Context, set Settings) error {
	e := fault.New(fault.Invalid, "error.invalid")
	for name, n := range map[string]int{"unanswered_minutes": set.UnansweredMinutes, "repeat_minutes": set.RepeatMinutes} {
		if n < 1 || n > minutesMost {
			e.Fields = append(e.Fields, fault.Field{Name: name, Code: "range", Key: "notices.error.minutes", Args: map[string]any{"max": minutesMost}})
		}
	}
	if len(e.Fields) > 0 {
		return e
	}
	data, err := json.Marshal(set)
	if err != nil {
		return fmt.Errorf("encode the settings of notices: %w", err)
	}
	return s.Tickets.SetSetting(ctx, setting, data)
}

// person is an agent with her choices, as one round of work needs them.
type person struct {
	*tickets.Agent
	Choices
	quiet time.Duration // how long she is not to be disturbed
}

// crew is who can be told: agents and targets, read once for a round of work.
type crew struct {
	people  map[id.ID]*person
	order   []id.ID
	targets []Target
	now     time.Time // in the shop's zone
}

func (s *Service) crew(ctx context.Context) (*crew, error) {
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return nil, err
	}
	agents, err := s.Tickets.Agents(ctx)
	if err != nil {
		return nil, err
	}
	c := &crew{people: map[id.ID]*person{}, now: s.Now().In(shop.Zone())}
	for i := range agents {
		a := &agents[i]
		if a.DisabledAt != nil {
			continue
		}
		chosen, err := s.Choices(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		c.people[a.ID] = &person{a, chosen, hours.Quiet(chosen.QuietFrom, chosen.QuietTo, c.now)}
		c.order = append(c.order, a.ID)
	}
	c.targets, err = s.Targets(ctx)
	return c, err
}
