package main

import (
	"context"
	"time"

	"huiyin/app"
	"huiyin/app/attempts"
	"huiyin/app/demo"
	"huiyin/tickets"
)

// tries is where the sample shop's order attempts go.
func tries(desk *app.Desk) demo.Tries {
	var clock time.Time
	counter := desk.AttemptsAt(func() time.Time { return clock })
	return demo.Tries{
		Post: func(ctx context.Context, now time.Time, list []demo.Try) error {
			clock = now
			for len(list) > 0 {
				n := min(len(list), attempts.BatchMost)
				if _, err := counter.Post(ctx, attemptsOf(list[:n]), true); err != nil {
					return err
				}
				list = list[n:]
			}
			return nil
		},
		Look: func(ctx context.Context, now time.Time) error {
			clock = now
			return counter.Look(ctx)
		},
	}
}

func attemptsOf(list []demo.Try) []attempts.Attempt {
	out := make([]attempts.Attempt, len(list))
	for i, t := range list {
		out[i] = attempts.Attempt{
			ID: t.ID, Outcome: attempts.Outcome(t.Outcome), Step: t.Step, Reason: t.Reason, Device: t.Device, Order: t.Order, At: t.At,
			Contact: tickets.ContactRef{ExternalID: t.Shopper},
		}
	}
	return out
}
