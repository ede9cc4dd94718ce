package attempts

import (
	"context"
	"encoding/json"
	"fmt"
)

const settingName = "attempts"

// Settings are what a manager may choose.
type Settings struct {
	On     bool `json:"on"`     // a fall is told
	Least  int  `json:"least"`  // attempts below which no span is judged
	Points int  `json:"points"` // percentage points of a fall below which nobody is told
	Days   int  `json:"days"`   // single attempts are kept so long; their counts stay
}

// DefaultSettings hold until somebody has chosen.
var DefaultSettings = Settings{On: true, Least: 20, Points: 5, Days: 90}

// Settings gives them.
func (s *Service) Settings(ctx context.Context) (Settings, error) {
	out := DefaultSettings
	data, set, err := s.Tickets.Setting(ctx, settingName)
	if err == nil && set {
		err = json.Unmarshal(data, &out)
	}
	if err != nil {
		return DefaultSettings, fmt.Errorf("read the settings of order attempts: %w", err)
	}
	return out, nil
}

// SaveSettings replaces them. Errors: Invalid, fields least, points and days.
func (s *Service) SaveSettings(ctx context.Context, l Settings) error {
	w := &wrong{}
	for _, one := range []struct {
		name      string
		n, lo, hi int
	}{{"least", l.Least, 5, 10000}, {"points", l.Points, 1, 50}, {"days", l.Days, 1, 3650}} {
		if one.n < one.lo || one.n > one.hi {
			w.add(one.name, "range", "attempts.error.range", map[string]any{"min": one.lo, "max": one.hi})
		}
	}
	if err := w.err(); err != nil {
		return err
	}
	data, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return s.Tickets.SetSetting(ctx, settingName, data)
}
