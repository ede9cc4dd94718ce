package chat

import (
	"context"
	"net/http"

	"huiyin/tickets/id"
)

// Assigned is the arm of a trial that a visitor is in, as the shop's page is told of it.
type Assigned struct {
	Trial   string `json:"trial"`
	State   string `json:"state"`
	Arm     string `json:"arm"`
	Treated bool   `json:"treated"`
	Share   int    `json:"share"`
}

// Assign puts the contact of a session into a trial. Errors: NotFound, Conflict (the shop assigns).
type Assign func(ctx context.Context, contact id.ID, trial string) (Assigned, error)

// trial is GET /chat/v1/trials/{key}.
func (d *Desk) trial(c *caller, w http.ResponseWriter, r *http.Request) error {
	if d.assign == nil {
		return newProblem(codeUnknownType, "chat.error.unknown_type")
	}
	if wait := max(d.asks.take(c.k.session.ID), d.triers.take(d.address(r))); wait > 0 {
		return tooMany(wait)
	}
	got, err := d.assign(r.Context(), c.k.session.ContactID, r.PathValue("key"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, got)
	return nil
}
