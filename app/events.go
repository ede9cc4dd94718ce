package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"huiyin/app/outbox"
	"huiyin/tickets"
)

// wakeSubject tells the other nodes that the log has grown, so that the node that runs a reader looks at once.
const wakeSubject = "events"

// insightsBatch is how many events complaints are read from at once: what was read is not read again when the desk dies.
const insightsBatch = 100

// readers lists who reacts to which event, apart from the screens, which are told right after the commit. Each has a
// cursor row, gets every event at least once, and a ticket's events in the order of its timeline.
func (s *server) readers() []outbox.Reader[tickets.Event] {
	return []outbox.Reader[tickets.Event]{
		{Name: "answers", Batch: tickets.EventsMax, Work: s.answers.Read},
		{Name: "notices", Batch: tickets.EventsMax, Work: s.notices.Read},
		{Name: "sms", Batch: tickets.EventsMax, Work: s.sms.Read},
		{Name: "mails", Batch: tickets.EventsMax, FromNow: true, Work: s.mailboxes.ReadEvents},
		{Name: "feedback", FromNow: true, Handle: s.feedback.Read},
		{Name: "webhooks", FromNow: true, Handle: s.hooks.Read},
		{Name: "insights", Batch: insightsBatch, Work: s.insights.Read},
		{Name: "statistics", Batch: tickets.EventsMax, Work: s.countEvents()},
	}
}

func (s *server) newEventPump() (*outbox.Pump[tickets.Event], error) {
	o := outbox.Options[tickets.Event]{
		Write: s.DB.Write, Read: s.DB.Read, Postgres: s.DB.Dialect() == "postgres",
		Number: func(e *tickets.Event) int64 { return e.N },
		Now:    time.Now, Log: s.Log,
	}
	if o.Postgres {
		o.Lease = func(ctx context.Context, name string, ttl time.Duration) (bool, error) {
			held, _, err := s.DB.Lease(ctx, name, s.holder, ttl)
			return held, err
		}
		o.Release = func(ctx context.Context, name string) error { return s.DB.Release(ctx, name, s.holder) }
	}
	return outbox.New(o, s.readers())
}

// countEvents feeds the metric of what happens on the desk: messages, new tickets, solved ones.
func (s *server) countEvents() func(context.Context, []tickets.Event) error {
	seen := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "huiyin_events_total", Help: "What happened on the desk, by type of event.",
	}, []string{"type"})
	s.metrics.MustRegister(seen, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "huiyin_events_backlog", Help: "How many events the slowest reader of the log is behind.",
	}, s.eventsBacklog))
	return func(_ context.Context, events []tickets.Event) error {
		for i := range events {
			switch e := &events[i]; {
			case e.Held(): // it counts when the contact gets it
			case e.Type == tickets.EventMessageReleased:
				seen.WithLabelValues(string(tickets.EventMessageCreated)).Inc()
			default:
				seen.WithLabelValues(string(e.Type)).Inc()
			}
		}
		return nil
	}
}

func (s *server) eventsBacklog() float64 {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	behind, err := s.events.Backlog(ctx)
	if err != nil {
		return -1
	}
	var most int64
	for _, n := range behind {
		most = max(most, n)
	}
	return float64(most)
}
