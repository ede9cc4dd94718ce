package api

import (
	"net/http"
	"time"

	"huiyin/app/idempotency"
	"huiyin/tickets/fault"
)

// newLink is what POST /links takes.
type newLink struct {
	Target    string  `json:"target"`
	ExpiresAt *string `json:"expires_at"`
}

type linkOut struct {
	URL       string `json:"url"`
	Code      string `json:"code"`
	Target    string `json:"target"`
	ExpiresAt string `json:"expires_at"`
}

// shorten makes a short address for a text message.
func (a *API) shorten(c *Call) error {
	var in newLink
	if err := c.Read(&in); err != nil {
		return err
	}
	var expires int64
	if in.ExpiresAt != nil {
		at, err := time.Parse(time.RFC3339, *in.ExpiresAt)
		if err != nil {
			return fault.InvalidField("expires_at", "invalid", "api.error.time", nil)
		}
		expires = at.UnixMilli()
	}
	return c.Once(func(tx idempotency.Tx) (done, error) {
		l, err := a.Feedback.ShortenTx(tx, in.Target, expires)
		if err != nil {
			return done{}, err
		}
		return done{http.StatusCreated, linkOut{l.URL, l.Code, l.Target, stamp(l.ExpiresAt)}, nil}, nil
	})
}
