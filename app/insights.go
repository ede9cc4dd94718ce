package app

import (
	"context"
	"time"

	"huiyin/app/attempts"
	"huiyin/app/insights"
	"huiyin/tickets/id"
)

// newInsights makes what groups complaints.
func (s *server) newInsights() *insights.Service {
	return insights.New(insights.Options{
		Store: s.Store, Tickets: s.Tickets, Sealer: s.Sealer, IDs: s.IDs, Now: time.Now, Log: s.Log, Order: s.orderOf, Response: s.responseTexts, Queue: s.queueInsights, Refunds: s.refundsOf, Alert: s.alert, AlertOver: s.alertOver, Worker: s.worker, Files: s.blobs, Memory: s.cfg.InsightsMemory, Paid: s.orders.Paid, Attempts: behind(s.attempts),
	})
}

// behind counts what failed of the orders and people that complained.
func behind(s *attempts.Service) func(context.Context, [][]byte, []id.ID, time.Time, time.Time) (map[insights.Tried]int, error) {
	return func(ctx context.Context, orders [][]byte, contacts []id.ID, from, to time.Time) (map[insights.Tried]int, error) {
		list, err := s.Behind(ctx, orders, contacts, from, to)
		out := make(map[insights.Tried]int, len(list))
		for one, n := range list {
			out[insights.Tried(one)] = n
		}
		return out, err
	}
}
