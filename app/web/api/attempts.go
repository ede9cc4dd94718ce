package api

import (
	"context"
	"net/http"
	"time"

	"huiyin/app/attempts"
	"huiyin/tickets/fault"
)

// attemptIn is an order attempt.
type attemptIn struct {
	ID      string           `json:"id"`
	Origin  string           `json:"origin"`
	Outcome attempts.Outcome `json:"outcome"`
	Step    string           `json:"step"`
	Reason  string           `json:"reason"`
	Device  string           `json:"device"`
	Order   string           `json:"order"`
	Session string           `json:"session"`
	Detail  string           `json:"detail"`
	Page    string           `json:"page"`
	Trial   string           `json:"trial"`
	Arm     string           `json:"arm"`
	At      string           `json:"at"`
	Contact *contactIn       `json:"contact"`
	// UserAgent is the shopper's, by which the device is known where it is not given. It is not kept.
	UserAgent string `json:"user_agent"`
}

// attemptsIn is one attempt, or a batch of them under items. A list alone is read as such a batch.
type attemptsIn struct {
	attemptIn
	Items *[]attemptIn `json:"items"`
}

type attemptsOut struct {
	Stored int `json:"stored"`
	Known  int `json:"known"`
}

// postAttempts stores attempts, in pieces and known by their ids.
func (a *API) postAttempts(c *Call) error {
	var in attemptsIn
	if err := c.ReadBatch(&in); err != nil {
		return err
	}
	list, batch, err := in.list()
	if err != nil {
		return err
	}
	return c.OnceLong(func(ctx context.Context) (done, error) {
		got, err := a.Attempts.Post(ctx, list, batch)
		if err != nil {
			return done{}, err
		}
		status := http.StatusCreated
		if got.Stored == 0 {
			status = http.StatusOK
		}
		return done{status, attemptsOut(got), nil}, nil
	})
}

// list gives the attempts of a body. Errors: Invalid.
func (in *attemptsIn) list() (list []attempts.Attempt, batch bool, err error) {
	if in.Items == nil {
		one, err := in.attempt("")
		return []attempts.Attempt{one}, false, err
	}
	if in.attemptIn != (attemptIn{}) {
		return nil, true, fault.InvalidField("items", "invalid", "attempts.error.both", nil)
	}
	list = make([]attempts.Attempt, len(*in.Items))
	for i := range *in.Items {
		if list[i], err = (*in.Items)[i].attempt(attempts.ItemPrefix(i)); err != nil {
			return nil, true, err
		}
	}
	return list, true, nil
}

func (in *attemptIn) attempt(prefix string) (attempts.Attempt, error) {
	out := attempts.Attempt{
		ID: in.ID, Origin: in.Origin, Outcome: in.Outcome, Step: in.Step, Reason: in.Reason, Device: in.Device, Order: in.Order, Session: in.Session, Detail: in.Detail,
		Page: in.Page, Trial: in.Trial, Arm: in.Arm, UserAgent: in.UserAgent,
	}
	if in.Contact != nil {
		if out.Contact = in.Contact.ref(); out.Contact.Empty() {
			return out, fault.InvalidField(prefix+"contact", "required", "error.contact.reference", nil)
		}
	}
	if in.At != "" {
		at, err := time.Parse(time.RFC3339, in.At)
		if err != nil {
			return out, fault.InvalidField(prefix+"at", "invalid", "api.error.time", nil)
		}
		out.At = at
	}
	return out, nil
}
