package app

import (
	"time"

	"huiyin/app/insights"
)

// newInsights makes what groups complaints.
func (s *server) newInsights() *insights.Service {
	return insights.New(insights.Options{Store: s.Store, Tickets: s.Tickets, Sealer: s.Sealer, IDs: s.IDs, Now: time.Now, Log: s.Log})
}
