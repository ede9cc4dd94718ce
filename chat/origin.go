package chat

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"huiyin/tickets"
)

// mayCall tells whether a page of this origin may speak for shoppers of the inbox. Programs send none; the desk's own
// pages always may.
func (d *Desk) mayCall(inbox *tickets.Inbox, origin string) bool {
	if origin == "" || sameOrigin(origin, d.origin) {
		return true
	}
	for _, allowed := range inbox.Settings.AllowedOrigins {
		if sameOrigin(origin, allowed) {
			return true
		}
	}
	return false
}

// sameOrigin compares scheme, host and port as browsers do.
func sameOrigin(a, b string) bool {
	x, y := originOf(a), originOf(b)
	return x != "" && x == y
}

// originOf is the normal form of an origin or address; empty when it has none ("null", a file).
func originOf(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	port := u.Port()
	if port == "" || (u.Scheme == "http" && port == "80") || (u.Scheme == "https" && port == "443") {
		return u.Scheme + "://" + host
	}
	return u.Scheme + "://" + host + ":" + port
}

// anyInbox tells whether some chat inbox lets this origin in: all that can be said at a preflight, which comes without
// the inbox's key.
func (d *Desk) anyInbox(ctx context.Context, origin string) bool {
	if sameOrigin(origin, d.origin) {
		return true
	}
	boxes, err := d.tickets.Inboxes(ctx)
	if err != nil {
		d.log.ErrorContext(ctx, "chat: preflight", "error", err)
		return false
	}
	for i := range boxes {
		if boxes[i].Channel == tickets.ChannelChat && boxes[i].DisabledAt == nil && d.mayCall(&boxes[i], origin) {
			return true
		}
	}
	return false
}

// preflight answers what a browser asks before a call from another site.
func (d *Desk) preflight(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	h := w.Header()
	h.Add("Vary", "Origin")
	if origin != "" && d.anyInbox(r.Context(), origin) {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		h.Set("Access-Control-Max-Age", "600")
	}
	w.WriteHeader(http.StatusNoContent)
}

// letRead lets the page read the answer. No call uses cookies, so there is nothing of the browser's to protect. A
// refusal may be read as well: it says which setting to change.
func letRead(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Origin")
	if origin := r.Header.Get("Origin"); origin != "" {
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
	}
}

// sameSite tells whether an agent's socket comes from the desk's own pages. Browsers always say where a socket comes
// from; what says nothing is a program.
func (d *Desk) sameSite(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || sameOrigin(origin, d.origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}
