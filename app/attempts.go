package app

import (
	"context"
	"strings"
	"time"

	"huiyin/app/attempts"
	"huiyin/app/i18n"
	"huiyin/app/privacy"
	"huiyin/chat"
	"huiyin/tickets/id"
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

// attemptsPart is what an export holds of a person's order attempts.
func attemptsPart(s *attempts.Service, texts *i18n.Bundle) privacy.Part {
	return privacy.Part{Name: "order_attempts", Each: func(ctx context.Context, contact id.ID, locale string, fn func(privacy.Record) error) error {
		list, err := s.Export(ctx, contact)
		if err != nil {
			return err
		}
		for _, one := range list {
			r := privacy.Record{When: one.When, Title: strings.TrimSpace(texts.Text(locale, "success.outcome."+string(one.Outcome), nil) + " " + one.Order), Data: map[string]any{
				"at": one.At, "origin": one.Origin, "outcome": one.Outcome, "step": one.Step, "reason": one.Reason, "device": one.Device, "order": one.Order,
				"detail": one.Detail, "page": one.Page,
			}}
			for _, line := range []string{one.Step, one.Reason, one.Device, one.Detail, one.Page} {
				if line != "" {
					r.Lines = append(r.Lines, line)
				}
			}
			if err := fn(r); err != nil {
				return err
			}
		}
		return nil
	}}
}
