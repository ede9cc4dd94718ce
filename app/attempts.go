package app

import (
	"time"

	"huiyin/app/attempts"
)

// newAttempts makes what counts order attempts; the clock lets it look for falls of the success rate.
func (s *server) newAttempts() *attempts.Service {
	return attempts.New(attempts.Options{
		Store: s.Store, Tickets: s.Tickets, Sealer: s.Sealer, IDs: s.IDs, Now: time.Now, Log: s.Log, Alert: s.alert, AlertOver: s.alertOver,
	})
}
