package hooks

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"gorm.io/gorm"

	"huiyin/app/egress"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// pauses are how long a delivery waits after its first, second … failure; the last one again and again.
var pauses = []time.Duration{
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour,
}

// Outcome is what came of one request.
type Outcome struct {
	Status int    // of the answer; 0: there was none
	Word   string // why there was none
	Took   time.Duration
}

// Good tells whether the receiver took it.
func (o Outcome) Good() bool { return o.Status >= 200 && o.Status < 300 }

// Work sends what is due to a hook. more tells that something still is, and the worker was wanted by others.
func (s *Service) Work(ctx context.Context, job Drain) (more bool, err error) {
	h, err := s.Hook(ctx, job.Hook)
	switch {
	case fault.Is(err, fault.NotFound):
		return false, s.forget(ctx, job.Hook)
	case err != nil:
		return false, err
	case h.State != StateOn:
		return false, s.giveUp(ctx, h.ID)
	}
	begun := time.Now()
	for failures := 0; failures < stopAfter; {
		d, err := s.due(ctx, h.ID)
		if d == nil || err != nil {
			return false, err
		}
		if time.Since(begun) > drainFor {
			return true, nil
		}
		good, err := s.deliver(ctx, h, d)
		if err != nil {
			return false, err
		}
		if failures++; good {
			failures = 0
		}
		if h.State != StateOn {
			return false, s.giveUp(ctx, h.ID)
		}
	}
	return false, nil
}

// deliver sends one delivery and writes down what came of it.
func (s *Service) deliver(ctx context.Context, h *Hook, d *Delivery) (good bool, err error) {
	body, err := s.build(ctx, d)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return false, err
	}
	if body == nil {
		return true, s.settle(ctx, d, stateFailed, Outcome{Word: "gone"}, 0)
	}
	out, err := s.send(ctx, h, d.ID.String(), d.Event, body)
	if err != nil {
		return false, err
	}
	d.Attempts++
	pause := pauses[min(d.Attempts, len(pauses))-1]
	switch {
	case out.Good():
		if err := s.settle(ctx, d, stateSent, out, 0); err != nil {
			return false, err
		}
		s.AlertOver(ctx, alertFailing)
		return true, nil
	case out.Status == http.StatusGone:
		h.State = StateGone
		if err := s.end(ctx, h); err != nil {
			return false, err
		}
		return false, s.settle(ctx, d, stateFailed, out, 0)
	case s.Now().Add(pause).Sub(time.UnixMilli(d.queued)) > TryFor:
		s.Alert(ctx, alertFailing, map[string]string{"hook": h.Host(), "reason": out.Word, "status": strconv.Itoa(out.Status)})
		return false, s.settle(ctx, d, stateFailed, out, 0)
	}
	return false, s.settle(ctx, d, stateWaiting, out, pause)
}

// send makes one request. The error is the caller's end; everything else is an Outcome.
func (s *Service) send(ctx context.Context, h *Hook, delivery, event string, body []byte) (Outcome, error) {
	at, begun := strconv.FormatInt(s.Now().Unix(), 10), time.Now()
	a, err := s.HTTP.Do(ctx, egress.Request{Method: http.MethodPost, URL: h.URL, Body: body, Header: http.Header{
		"Content-Type": {"application/json"}, "X-Huiyin-Event": {event}, "X-Huiyin-Delivery": {delivery},
		"X-Huiyin-Timestamp": {at}, "X-Huiyin-Signature": {Sign(h.secret, at, body)},
	}})
	out := Outcome{Status: a.Status, Took: time.Since(begun)}
	var no *egress.Error
	if errors.As(err, &no) {
		if no.Kind == egress.KindStopped {
			return out, err
		}
		out.Word = no.Word()
	}
	return out, nil
}

// Try sends a test to a hook at once, whatever its state, and tells what happened. It leaves no row. Errors: NotFound.
func (s *Service) Try(ctx context.Context, hook id.ID) (Outcome, error) {
	h, err := s.Hook(ctx, hook)
	if err != nil {
		return Outcome{}, err
	}
	delivery := s.IDs.Next().String()
	body, err := json.Marshal(payload{ID: delivery, Event: EventPing, At: stamp(tickets.Millis(s.Now())), Data: map[string]any{}})
	if err != nil {
		return Outcome{}, err
	}
	return s.send(ctx, h, delivery, EventPing, body)
}

// settle writes down how far a delivery has come. The row may have been replayed meanwhile: then it waits again.
func (s *Service) settle(ctx context.Context, d *Delivery, state string, out Outcome, pause time.Duration) error {
	now := s.Now()
	return s.Store.Write(context.WithoutCancel(ctx), func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE webhook_deliveries SET state = ?, attempts = ?, status = ?, reason = ?, next_at = ?, updated_at = ? WHERE id = ? AND state = ? AND queued_at = ?`,
			state, d.Attempts, out.Status, out.Word, tickets.Millis(now.Add(pause)), tickets.Millis(now), int64(d.ID), stateWaiting, d.queued).Error
	})
}

// end switches a hook off whose receiver is gone for good, and tells the administrators.
func (s *Service) end(ctx context.Context, h *Hook) error {
	err := s.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE webhooks SET state = ?, updated_at = ? WHERE id = ? AND state = ?`, StateGone, tickets.Millis(s.Now()), int64(h.ID), StateOn).Error
	})
	if err == nil {
		s.Alert(ctx, alertOff, map[string]string{"hook": h.Host()})
	}
	return err
}
