package sms

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Options are what New needs.
type Options struct {
	Store   tickets.Store
	Tickets *tickets.Service
	IDs     *id.Maker
	BaseURL *url.URL
	Now     func() time.Time
	Log     *slog.Logger
	// Do sends a request to an outer address.
	Do Do
	// Queue inserts the job of a ticket into a transaction, once while it waits.
	Queue func(tx *gorm.DB, job SendText) error
	// Alert tells the administrators that the gateway keeps failing, AlertOver that it works again. nil: only the log.
	Alert     func(ctx context.Context, kind string, args map[string]string)
	AlertOver func(ctx context.Context, kind string)
}

// Service is the package's one type. It is safe for concurrent use.
type Service struct{ Options }

// New makes the service.
func New(o Options) *Service {
	if o.Alert == nil {
		o.Alert = func(ctx context.Context, kind string, args map[string]string) {
			o.Log.WarnContext(ctx, "alert", "kind", kind, "reason", args["reason"])
		}
	}
	if o.AlertOver == nil {
		o.AlertOver = func(context.Context, string) {}
	}
	return &Service{o}
}

// SendText is the job that tells a ticket's contact of an answer; Pos is the place of the event in the ticket's
// timeline, which names the silence.
type SendText struct {
	Ticket id.ID `json:"ticket"`
	Pos    int64 `json:"pos"`
}

// Kind names the job.
func (SendText) Kind() string { return "sms" }

// Read takes events of the log and inserts a job for each answer that was not taken. Again for the same event is
// harmless.
func (s *Service) Read(ctx context.Context, events []tickets.Event) error {
	for i := range events {
		e := &events[i]
		if e.Type != tickets.EventUndelivered || e.TicketID == nil || e.Pos == nil {
			continue
		}
		job := SendText{Ticket: *e.TicketID, Pos: *e.Pos}
		if err := s.Store.Write(ctx, func(tx *gorm.DB) error { return s.Queue(tx, job) }); err != nil {
			return fmt.Errorf("queue a text message for ticket %s: %w", job.Ticket, err)
		}
	}
	return nil
}

// Outcome is what came of a test message.
type Outcome struct {
	Failure *FailureError // nil: the gateway took it
	Took    time.Duration
}

// Try sends a test message with the kept settings to a number, whatever the hour, and tells what happened. Errors:
// Invalid (the settings).
func (s *Service) Try(ctx context.Context, phone string) (Outcome, error) {
	set, err := s.Settings(ctx)
	if err != nil {
		return Outcome{}, err
	}
	set.Enabled = true
	if err := set.check(); err != nil {
		return Outcome{}, err
	}
	number, err := s.Tickets.TextNumber(ctx, phone)
	if err != nil {
		return Outcome{}, err
	}
	begun := time.Now()
	err = s.send(ctx, &set, s.message(number, "test"))
	out := Outcome{Took: time.Since(begun)}
	errors.As(err, &out.Failure)
	return out, nil
}

func (s *Service) message(phone, token string) message {
	return message{phone: phone, token: token, link: s.BaseURL.JoinPath("t", token).String(), at: s.Now(), nonce: rand.Text()}
}
