package app

import (
	"context"
	"time"

	"huiyin/app/feedback"
	"huiyin/app/insights"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// InsightsAt makes another service of the desk's complaints whose clock the caller sets; what it is asked to do it does itself.
func (d *Desk) InsightsAt(now func() time.Time) *insights.Service {
	return insights.New(insights.Options{Store: d.Store, Tickets: d.TicketsAt(now), Sealer: d.Sealer, IDs: d.IDs, Now: now, Log: d.Log})
}

// orderOf gives the goods of an order and whose it is.
func (s *server) orderOf(ctx context.Context, number string) (skus []string, contact id.ID, err error) {
	o, err := s.orders.ByNumber(ctx, number)
	if fault.Is(err, fault.NotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	for _, line := range o.Lines {
		skus = append(skus, line.SKU)
	}
	return skus, o.ContactID, nil
}

// responseTexts gives what somebody wrote in a form.
func (s *server) responseTexts(ctx context.Context, response id.ID) (*insights.Response, error) {
	r, err := s.feedback.Response(ctx, response)
	if err != nil {
		return nil, err
	}
	out := &insights.Response{ID: r.ID, Contact: r.ContactID, At: time.UnixMilli(r.CreatedAt)}
	if r.TicketID != nil {
		out.Ticket = *r.TicketID
	}
	if r.OrderVerified {
		out.Order = r.Order
	}
	d, err := s.feedback.Definition(ctx, r.FormID, r.Version)
	if err != nil {
		return nil, err
	}
	for _, q := range d.Questions() {
		if q.Kind == feedback.KindText {
			out.Texts = append(out.Texts, r.Answers[q.ID]...)
		}
	}
	return out, nil
}

// refundsOf tells what was given back for orders.
func (s *server) refundsOf(ctx context.Context, hashes [][]byte) (map[string]insights.Refund, error) {
	list, err := s.orders.RefundedOf(ctx, hashes)
	out := make(map[string]insights.Refund, len(list))
	for hash, one := range list {
		out[hash] = insights.Refund(one)
	}
	return out, err
}
