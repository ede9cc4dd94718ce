package chat

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"

	"github.com/gorilla/websocket"

	"huiyin/tickets"
)

// The subprotocols.
const (
	visitorProtocol = "huiyin.chat.v1"
	agentProtocol   = "huiyin.agent.v1"
)

// The upgraders differ by protocol only. Where a page may speak from is checked at hello, for shoppers, and before the
// upgrade, for agents. Buffers are small because thousands of sockets are idle; our writer needs none.
var (
	visitorUpgrader = upgrader(visitorProtocol)
	agentUpgrader   = upgrader(agentProtocol)
	idleBuffers     = &sync.Pool{}
)

func upgrader(protocol string) *websocket.Upgrader {
	return &websocket.Upgrader{
		HandshakeTimeout: writeWait, ReadBufferSize: 512, WriteBufferSize: 512, WriteBufferPool: idleBuffers,
		Subprotocols: []string{protocol}, CheckOrigin: func(*http.Request) bool { return true },
	}
}

// visitorSocket is GET /chat/v1/socket. Nobody is known before hello. The handler returns at once: the connection goes
// on without its request.
func (d *Desk) visitorSocket(w http.ResponseWriter, r *http.Request) {
	locale, origin := localeOfRequest(r), r.Header.Get("Origin")
	d.socket(w, r, locale, visitorUpgrader, func(ws *websocket.Conn) *conn {
		c := newConn(d, ws, "visitor")
		c.origin = origin
		c.party = &visitor{conn: c}
		return c
	})
}

// agentSocket is GET /agent/v1/socket.
func (d *Desk) agentSocket(w http.ResponseWriter, r *http.Request) {
	locale := localeOfRequest(r)
	if !d.sameSite(r) {
		d.refuse(w, locale, denied("chat.error.origin", "url"), "")
		return
	}
	// The copy outlives the request: it is shown to AuthAgent again and again.
	kept := r.Clone(context.WithoutCancel(r.Context()))
	kept.Body, kept.Response = http.NoBody, nil
	actor, chosen, err := d.authAgent(kept)
	if err != nil || actor.Kind != tickets.ActorAgent {
		d.refuseAgent(w, locale, err)
		return
	}
	if chosen != "" {
		locale = localeOf(chosen)
	}
	me, err := d.tickets.Agent(r.Context(), actor.ID)
	if err != nil || me.DisabledAt != nil {
		d.refuseAgent(w, locale, err)
		return
	}
	d.names.put(tickets.ActorAgent, me.ID, me.Name)
	d.socket(w, r, locale, agentUpgrader, func(ws *websocket.Conn) *conn {
		c := newConn(d, ws, "agent")
		c.party = newAgent(c, actor, me, kept)
		return c
	})
}

func (d *Desk) refuseAgent(w http.ResponseWriter, locale string, err error) {
	if err != nil && ours(err) {
		d.refuse(w, locale, d.problem(err, "agent", "socket"), "")
		return
	}
	p := denied("chat.error.sign_in", "")
	p.status = http.StatusUnauthorized
	d.refuse(w, locale, p, "")
}

// socket upgrades a request within the address's limit and starts the reader.
func (d *Desk) socket(w http.ResponseWriter, r *http.Request, locale string, up *websocket.Upgrader, made func(*websocket.Conn) *conn) {
	protocol := up.Subprotocols[0]
	if offered := websocket.Subprotocols(r); len(offered) > 0 && !slices.Contains(offered, protocol) {
		p := newProblem(codeInvalid, "chat.error.protocol", "protocol", protocol)
		p.status = http.StatusBadRequest
		d.refuse(w, locale, p, "")
		return
	}
	from := d.address(r)
	if !d.sockets.hold(from) {
		d.metrics.cuts.WithLabelValues("address").Inc()
		d.refuse(w, locale, tooMany(helloWait), "")
		return
	}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil { // the library has answered
		d.sockets.give(from)
		return
	}
	c := made(ws)
	c.from = from
	c.setLocale(locale)
	if !d.joined(c) {
		d.sockets.give(from)
		c.turnAway()
		return
	}
	c.party.begin()
	d.spawn(c.read)
}

// problem turns an error into what the client is told, and logs what is our own fault, without anything of the
// client's.
func (d *Desk) problem(err error, side, what string) *problem {
	if ours(err) && !errors.Is(err, context.Canceled) && !errors.Is(err, errGone) {
		d.log.Error("chat: a request failed", "side", side, "frame", what, "error", err)
	}
	return problemOf(err)
}

// frameTypes are the types that an error may name.
var frameTypes = []string{
	"hello", "send", "typing", "read", "recall", "ping", "subscribe", "unsubscribe", "watch",
}

// errorFrame answers a frame that cannot be done, in the person's language.
func (d *Desk) errorFrame(locale string, in *incoming, p *problem) *errorFrame {
	f := &errorFrame{
		Type: "error", Code: p.code, Message: d.text(locale, p.key, p.args), RetryAfter: p.seconds(), Setting: p.setting,
	}
	const echoMax = 64 // what a client sent is given back only as far as it can be one of its own ids
	if len(in.ID) <= echoMax*4 {
		f.ID = in.ID
	}
	if slices.Contains(frameTypes, in.Type) {
		f.Frame = in.Type
	}
	if len(in.Ticket) <= echoMax {
		f.Ticket = in.Ticket
	}
	return f
}
