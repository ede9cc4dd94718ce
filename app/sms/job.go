package sms

import (
	"context"
	"errors"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/hours"
)

// AgainError says that the job has to come back: after Wait where it is set (a quiet hour; the attempt does not count), else
// with growing pauses.
type AgainError struct {
	Wait  time.Duration
	Cause error
}

// Error names the cause.
func (a *AgainError) Error() string {
	if a.Cause != nil {
		return a.Cause.Error()
	}
	return "sms: a quiet hour"
}

// Unwrap gives the cause.
func (a *AgainError) Unwrap() error { return a.Cause }

// Attempts is how often a message is tried: with River's pauses, over some three hours.
const Attempts = 10

const failing = "texts.failing" // the alert

// Work tells one contact of an answer, if she still has to be told. attempt counts from 1. An *AgainError asks to come back.
func (s *Service) Work(ctx context.Context, job SendText, attempt int) error {
	set, err := s.Settings(ctx)
	if err != nil || !set.Enabled {
		return err
	}
	wish, err := s.wanted(ctx, job)
	if wish == nil || err != nil {
		return err
	}
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return err
	}
	if wait := hours.Quiet(set.QuietFrom, set.QuietTo, s.Now().In(shop.Zone())); wait > 0 {
		return &AgainError{Wait: wait}
	}
	row, err := s.claim(ctx, &set, job, wish)
	if row == nil || err != nil {
		return err
	}
	if row.state == stateFailed {
		return s.Tickets.NoteText(ctx, job.Ticket, row.reason)
	}
	token, err := s.Tickets.NewLink(ctx, job.Ticket)
	if err != nil {
		return err
	}
	return s.settle(ctx, job, row, attempt, s.send(ctx, &set, s.message(wish.Phone, token)))
}

// wanted gives the number, unless the contact has come back, the wish was withdrawn or the ticket is gone.
func (s *Service) wanted(ctx context.Context, job SendText) (*tickets.TextWish, error) {
	waits, err := s.Tickets.StillUndelivered(ctx, job.Ticket)
	if !waits || err != nil {
		return nil, err
	}
	return s.Tickets.TextWish(ctx, job.Ticket)
}

// settle writes down what came of it.
func (s *Service) settle(ctx context.Context, job SendText, row *sendRow, attempt int, err error) error {
	var f *FailureError
	switch {
	case err == nil:
		if err := s.mark(ctx, row, stateSent); err != nil {
			return err
		}
		s.AlertOver(ctx, failing)
		return s.Tickets.NoteText(ctx, job.Ticket, "")
	case !errors.As(err, &f):
		return err
	case f.Final || attempt >= Attempts:
		if err := s.mark(ctx, row, stateFailed); err != nil {
			return err
		}
		s.complain(ctx, f)
		return s.Tickets.NoteText(ctx, job.Ticket, f.Reason)
	}
	if err := s.mark(ctx, row, stateRetry); err != nil {
		return err
	}
	s.complain(ctx, f)
	return &AgainError{Cause: err}
}

// complain raises the alert when several messages in a row have not gone out; a wrong number is nobody's fault here.
func (s *Service) complain(ctx context.Context, f *FailureError) {
	if f.Reason == "number" {
		return
	}
	bad, err := s.allFailed(ctx)
	if err != nil {
		s.Log.WarnContext(ctx, "count failed text messages", "error", err)
	}
	if bad {
		s.Alert(ctx, failing, map[string]string{"reason": f.Reason, "detail": f.Detail})
	}
}
