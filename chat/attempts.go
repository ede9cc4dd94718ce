package chat

import (
	"context"
	"net/http"
	"time"

	"huiyin/tickets/id"
)

const (
	attemptMax  = 8 << 10            // bytes of the call
	attemptPast = 7 * 24 * time.Hour // an attempt may have waited so long for a network
)

// Attempt is what a shop's page says of a try to order: a claim of whoever looks at the page.
type Attempt struct {
	Contact   id.ID // of the session
	UserAgent string

	ID      string // made by the page, so that sending it twice counts once
	Outcome string
	Step    string
	Reason  string
	Order   string
	Page    string // address
	At      time.Time
}

// attemptIn is the body of POST /chat/v1/attempts. Ago is how many milliseconds ago it was: clocks of phones are off.
type attemptIn struct {
	ID      string `json:"id"`
	Outcome string `json:"outcome"`
	Step    string `json:"step"`
	Reason  string `json:"reason"`
	Order   string `json:"order"`
	Page    string `json:"page"`
	Ago     int64  `json:"ago"`
}

// postAttempt is POST /chat/v1/attempts. Many shoppers share an address, and one session has few orders to try.
func (d *Desk) postAttempt(c *caller, w http.ResponseWriter, r *http.Request) error {
	in := &attemptIn{}
	if p := readBody(w, r, attemptMax, in); p != nil {
		return p
	}
	if d.attempt == nil {
		return newProblem(codeUnknownType, "chat.error.unknown_type")
	}
	if wait := max(d.tries.take(c.k.session.ID), d.triers.take(d.address(r))); wait > 0 {
		return tooMany(wait)
	}
	if in.ID == "" || len(in.ID) > clientIDMax {
		return newProblem(codeInvalid, "chat.error.id_missing")
	}
	ago := min(max(time.Duration(in.Ago)*time.Millisecond, 0), attemptPast)
	err := d.attempt(r.Context(), Attempt{
		Contact: c.k.session.ContactID, UserAgent: r.UserAgent(), ID: in.ID, Outcome: in.Outcome, Step: in.Step, Reason: in.Reason,
		Order: in.Order, Page: in.Page, At: d.now().Add(-ago),
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// TakeAttempt takes an attempt. Errors: Invalid.
type TakeAttempt func(ctx context.Context, a Attempt) error
