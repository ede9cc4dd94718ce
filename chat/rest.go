package chat

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
)

const bodyMax = frameMax // of a call; the same text fits whichever way it comes

// Visitor gives the handlers of the shopper's side, /chat/v1/….
func (d *Desk) Visitor() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /chat/v1/socket", d.visitorSocket)
	mux.HandleFunc("POST /chat/v1/sessions", d.handleStart)
	mux.HandleFunc("DELETE /chat/v1/sessions", d.call(d.endSession))
	mux.HandleFunc("POST /chat/v1/sessions/notice", d.call(d.takeNotice))
	mux.HandleFunc("POST /chat/v1/sessions/told", d.call(d.takeTold))
	mux.HandleFunc("POST /chat/v1/messages", d.call(d.postMessage))
	mux.HandleFunc("POST /chat/v1/uploads", d.call(d.upload))
	mux.HandleFunc("GET /chat/v1/messages", d.call(d.poll))
	mux.HandleFunc("POST /chat/v1/read", d.call(d.postRead))
	mux.HandleFunc("POST /chat/v1/typing", d.call(d.postTyping))
	mux.HandleFunc("POST /chat/v1/attempts", d.call(d.postAttempt))
	mux.HandleFunc("GET /chat/v1/trials/{key}", d.call(d.trial))
	mux.HandleFunc("OPTIONS /chat/v1/", d.preflight)
	return d.serving(mux)
}

// Agent gives the handler of the agents' side, /agent/v1/socket.
func (d *Desk) Agent() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /agent/v1/socket", d.agentSocket)
	return d.serving(mux)
}

// call is a handler for a shopper who is known by her token.
type caller struct {
	desk   *Desk
	k      *known
	inbox  *tickets.Inbox
	locale string
}

// call admits the bearer of a token: session, inbox, origin, limit, in this order.
func (d *Desk) call(fn func(c *caller, w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		letRead(w, r)
		ctx, cancel := context.WithTimeout(r.Context(), callWait)
		defer cancel()
		r = r.WithContext(ctx)
		c := &caller{desk: d, locale: localeOfRequest(r)}
		err := c.admit(r)
		if err == nil {
			err = fn(c, w, r)
		}
		if err != nil {
			d.refuse(w, c.locale, d.problem(err, "visitor", r.Pattern), "")
		}
	}
}

func (c *caller) admit(r *http.Request) (err error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return noSession()
	}
	if c.k, c.inbox, err = c.desk.admit(r.Context(), strings.TrimSpace(token)); err != nil {
		return err
	}
	c.locale = localeOf(c.k.session.Context.Locale)
	if !c.desk.mayCall(c.inbox, r.Header.Get("Origin")) {
		return denied("chat.error.origin", "allowed_origins")
	}
	if wait := c.desk.calls.take(c.k.session.ID); wait > 0 {
		return tooMany(wait)
	}
	return nil
}

func (c *caller) actor() tickets.Actor {
	return tickets.Actor{Kind: tickets.ActorContact, ID: c.k.session.ContactID}
}

// postMessage is POST /chat/v1/messages: send and ack without a socket.
func (d *Desk) postMessage(c *caller, w http.ResponseWriter, r *http.Request) error {
	in := &incoming{}
	if p := readBody(w, r, bodyMax, in); p != nil {
		return p
	}
	if wait := d.sends.take(c.k.session.ID); wait > 0 {
		p := tooMany(wait)
		d.refuse(w, c.locale, p, in.ID)
		return nil
	}
	aliases, err := d.tickets.Aliases(r.Context(), c.k.session.ContactID)
	if err != nil {
		return err
	}
	began := time.Now()
	ack, err := d.receive(r.Context(), c.k.session, aliases, in)
	if err != nil {
		d.refuse(w, c.locale, d.problem(err, "visitor", "send"), in.ID)
		return nil
	}
	d.metrics.ack.Observe(time.Since(began).Seconds())
	writeJSON(w, http.StatusOK, ack)
	return nil
}

// endSession is DELETE /chat/v1/sessions: the shopper logs out, here and on every socket of the session.
func (d *Desk) endSession(c *caller, w http.ResponseWriter, r *http.Request) error {
	s := c.k.session
	err := d.store.Write(r.Context(), func(tx *gorm.DB) error { return d.revoke(tx, "id = ?", s.ID) })
	if err != nil {
		return err
	}
	d.endSessions(s.ContactID)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// readBody reads a JSON object into v. Broken bytes, another type of a field and too much are told apart.
func readBody(w http.ResponseWriter, r *http.Request, most int64, v any) *problem {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		p := newProblem(codeTooLong, "chat.error.body_too_large")
		p.status = http.StatusRequestEntityTooLarge
		return p
	case err != nil || !validObject(b):
		return newProblem(codeBadFrame, "chat.error.bad_frame")
	}
	return decode(b, v)
}

// refuse answers a problem as JSON.
func (d *Desk) refuse(w http.ResponseWriter, locale string, p *problem, clientID string) {
	if s := p.seconds(); s > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(s))
	}
	if p.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	writeJSON(w, p.httpStatus(), struct {
		Code       code   `json:"code"`
		Message    string `json:"message"`
		RetryAfter int    `json:"retry_after,omitempty"`
		ID         string `json:"id,omitempty"`
		Setting    string `json:"setting,omitempty"`
	}{p.code, d.text(locale, p.key, p.args), p.seconds(), clientID, p.setting})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic("chat: an answer does not encode: " + err.Error())
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}
