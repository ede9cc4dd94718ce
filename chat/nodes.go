package chat

import (
	"encoding/json"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// The subjects on the bus. Nothing that a person wrote goes there: ids, numbers and states only.
const (
	subjectNews    = "live.news"    // a ticket has changed
	subjectTyping  = "live.typing"  // somebody types
	subjectNode    = "live.node"    // who is there on a node, and who views what
	subjectContact = "live.contact" // is this shopper connected?
	subjectEnd     = "live.end"     // sessions were revoked, or an agent changed
	subjectNotice  = "live.notice"  // an agent has a notification
)

// publish tells the other nodes. A hint that does not go out is made good by the readers' sweep.
func (d *Desk) publish(subject string, data []byte) {
	if err := d.bus.Publish(subject, data); err != nil {
		d.lost.once(time.Minute, func() { d.log.Warn("chat: hints to other nodes are lost", "error", err) })
	}
}

// listen subscribes to what other nodes tell.
func (d *Desk) listen() (cancel func(), err error) {
	var cancels []func()
	cancel = func() {
		for _, c := range cancels {
			c()
		}
	}
	for subject, take := range map[string]func([]byte){
		subjectNews:    hear(d, func(h *hub, n *news) { h.spread(n) }),
		subjectTyping:  hear(d, func(h *hub, n *typingNews) { h.keepTyping(*n) }),
		subjectNode:    hear(d, func(h *hub, b *beacon) { h.hearNode(b) }),
		subjectContact: hear(d, func(h *hub, m *contactMark) { h.hearContact(m) }),
		subjectEnd:     hear(d, func(h *hub, e *ending) { h.end(e) }),
		subjectNotice:  hear(d, func(h *hub, n *Notification) { h.notify(n) }),
	} {
		stop, err := d.bus.Subscribe(subject, func(_ string, data []byte) { take(data) })
		if err != nil {
			cancel()
			return nil, err
		}
		cancels = append(cancels, stop)
	}
	d.bus.OnReconnect(func() { d.hub.do(d.hub.refill) })
	return cancel, nil
}

// hear reads a message of another node and hands it to the hub.
func hear[T any](d *Desk, fn func(h *hub, v *T)) func([]byte) {
	return func(data []byte) {
		v := new(T)
		if err := json.Unmarshal(data, v); err != nil {
			d.log.Warn("chat: a hint of another node cannot be read", "error", err)
			return
		}
		d.hub.do(func() { fn(d.hub, v) })
	}
}

// ending tells that sessions of a contact may have been revoked, or that an agent must be looked at again.
type ending struct {
	Contact id.ID `json:"contact,omitempty"`
	Agent   id.ID `json:"agent,omitempty"`
}

// endSessions cuts the sockets of a contact's revoked sessions, on every node.
func (d *Desk) endSessions(contact id.ID) { d.ended(ending{Contact: contact}) }

// AgentChanged says that an agent's availability, role or sign-ins have changed: presence and sockets follow at once,
// on every node.
func (d *Desk) AgentChanged(agent id.ID) { d.ended(ending{Agent: agent}) }

func (d *Desk) ended(e ending) {
	d.hub.do(func() { d.hub.end(&e) })
	if b, err := json.Marshal(e); err == nil {
		d.publish(subjectEnd, b)
	}
}

// end has everybody concerned looked at again; the database says who is still welcome. On the hub.
func (h *hub) end(e *ending) {
	if e.Contact != 0 {
		h.desk.names.forget(tickets.ActorContact, e.Contact)
		for _, v := range h.visitors[e.Contact] {
			c, session := v.conn, v.sess.ID
			h.desk.spawn(func() { c.recheck(session) })
		}
	}
	if e.Agent != 0 {
		for _, a := range h.agents[e.Agent] {
			h.desk.spawn(a.recheck)
		}
	}
}

// recheck cuts a shopper whose session is over.
func (c *conn) recheck(session id.ID) {
	d := c.desk
	var alive bool
	err := d.reading(d.ctx, func() (err error) {
		alive, err = d.sessionLives(d.ctx, session)
		return err
	})
	if err == nil && !alive {
		c.close(closeSession, "session")
	}
}
