package app

import (
	"time"

	"huiyin/app/feedback"
	"huiyin/app/i18n"
)

// newFeedback makes the service of forms.
func (s *server) newFeedback(texts *i18n.Bundle) *feedback.Service {
	return feedback.New(feedback.Options{
		Store: s.Store, Tickets: s.Tickets, Sealer: s.Sealer, IDs: s.IDs, Now: time.Now, Log: s.Log, BaseURL: s.base, Text: texts.Text,
		MayWrite: s.standing.MayWrite,
	})
}
