package answers

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Options are what New needs.
type Options struct {
	Tickets *tickets.Service
	BaseURL *url.URL
	Now     func() time.Time
	Log     *slog.Logger
	// Text gives a text in a language.
	Text func(locale, key string, args map[string]any) string
	// There tells whether an agent who takes chats is connected, on any node.
	There func() bool
	// Connected tells whether a contact is connected to this node.
	Connected func(contact id.ID) bool
}

// Service is the package's one type. It is safe for concurrent use.
type Service struct {
	Options
	begun time.Time
}

// New makes the service.
func New(o Options) *Service { return &Service{Options: o, begun: o.Now()} }

// Settings are the desk's choices about answers.
type Settings struct {
	// UndeliveredMinutes is how long an answer may wait before it counts as not delivered.
	UndeliveredMinutes int `json:"undelivered_minutes"`
}

const (
	setting        = "answers"
	minutesDefault = 5
	minutesMost    = 24 * 60
)

// LoadSettings gives the settings that hold.
func (s *Service) LoadSettings(ctx context.Context) (Settings, error) {
	set := Settings{UndeliveredMinutes: minutesDefault}
	data, found, err := s.Tickets.Setting(ctx, setting)
	if err == nil && found {
		err = json.Unmarshal(data, &set)
	}
	if err != nil {
		return set, fmt.Errorf("read the settings of answers: %w", err)
	}
	return set, nil
}

// CheckSettings tells what is wrong with settings. Errors: Invalid (undelivered_minutes).
func (s *Service) CheckSettings(set Settings) error {
	if set.UndeliveredMinutes < 1 || set.UndeliveredMinutes > minutesMost {
		return fault.InvalidField("undelivered_minutes", "invalid", "error.answers.minutes", map[string]any{"max": minutesMost})
	}
	return nil
}

// SaveSettings replaces the settings. Errors: Invalid (undelivered_minutes).
func (s *Service) SaveSettings(ctx context.Context, set Settings) error {
	if err := s.CheckSettings(set); err != nil {
		return err
	}
	data, err := json.Marshal(set)
	if err != nil {
		return fmt.Errorf("encode the settings of answers: %w", err)
	}
	return s.Tickets.SetSetting(ctx, setting, data)
}
