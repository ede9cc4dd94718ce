package app

import (
	"context"
	"time"

	"huiyin/app/attempts"
	"huiyin/chat"
)

// newAttempts makes what counts order attempts; the clock lets it look for falls of the success rate.
func (s *server) newAttempts() *attempts.Service {
	return attempts.New(attempts.Options{
		Store: s.Store, Tickets: s.Tickets, Sealer: s.Sealer, IDs: s.IDs, Now: time.Now, Log: s.Log, Alert: s.alert, AlertOver: s.alertOver,
	})
}

// takeAttempt counts what a shop's page says of an order attempt.
func (s *server) takeAttempt(ctx context.Context, a chat.Attempt) error {
	return s.attempts.FromPage(ctx, attempts.Visit{Contact: a.Contact, UserAgent: a.UserAgent}, attempts.Attempt{
		ID: a.ID, Outcome: attempts.Outcome(a.Outcome), Step: a.Step, Reason: a.Reason, Order: a.Order, Page: a.Page, At: a.At,
	})
}

// AttemptsAt makes another counter of the desk's order attempts whose clock the caller sets; it tells nobody of falls.
func (d *Desk) AttemptsAt(now func() time.Time) *attempts.Service {
	return attempts.New(attempts.Options{
		Store: d.Store, Tickets: d.Tickets, Sealer: d.Sealer, IDs: d.IDs, Now: now, Log: d.Log,
		Alert: func(context.Context, string, map[string]string) {},
	})
}
