package chat

import (
	"encoding/json"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

const (
	contactLife  = 75 * time.Second // what another node said of a shopper holds so long; it is asked again before
	contactGrace = 5 * time.Second  // a page change is no goodbye
)

// contactMark says that a shopper is connected to a node, or asks who has her.
type contactMark struct {
	Node    string `json:"node"`
	Contact id.ID  `json:"contact"`
	On      bool   `json:"on,omitempty"`
	Ask     bool   `json:"ask,omitempty"`
}

// enterVisitor lets a shopper in. On the hub.
func (h *hub) enterVisitor(v *visitor) {
	who := v.sess.ContactID
	h.visitors[who] = append(h.visitors[who], v)
	if len(h.visitors[who]) == 1 {
		h.tellContact(contactMark{Contact: who, On: true})
		h.showContact(who)
	}
}

// leaveVisitor lets her go. That she is gone is shown after a moment. On the hub.
func (h *hub) leaveVisitor(v *visitor) {
	who := v.sess.ContactID
	without(h.visitors, who, v)
	if len(h.visitors[who]) > 0 {
		return
	}
	h.tellContact(contactMark{Contact: who})
	h.showContactLater(who)
}

func (h *hub) showContactLater(who id.ID) {
	if h.looked(who) {
		time.AfterFunc(contactGrace, func() { h.do(func() { h.showContact(who) }) })
	}
}

func (h *hub) tellContact(m contactMark) {
	m.Node = h.desk.node
	if data, err := json.Marshal(m); err == nil {
		h.desk.publish(subjectContact, data)
	}
}

// hearContact takes what another node says of a shopper, as far as somebody here looks at a ticket of hers.
func (h *hub) hearContact(m *contactMark) {
	if m.Ask {
		if len(h.visitors[m.Contact]) > 0 {
			h.tellContact(contactMark{Contact: m.Contact, On: true})
		}
		return
	}
	if !h.looked(m.Contact) {
		return
	}
	if m.On {
		if h.there.elsewhere[m.Contact] == nil {
			h.there.elsewhere[m.Contact] = map[string]time.Time{}
		}
		h.there.elsewhere[m.Contact][m.Node] = time.Now().Add(contactLife)
		h.showContact(m.Contact)
		return
	}
	h.forgetContact(m.Contact, func(node string, _ time.Time) bool { return node == m.Node })
	h.showContactLater(m.Contact)
}

func (h *hub) forgetContact(who id.ID, which func(node string, until time.Time) bool) {
	for node, until := range h.there.elsewhere[who] {
		if which(node, until) {
			delete(h.there.elsewhere[who], node)
		}
	}
	if len(h.there.elsewhere[who]) == 0 {
		delete(h.there.elsewhere, who)
	}
}

// expireContacts asks again for the shoppers that agents here look at, and forgets what was not said again.
func (h *hub) expireContacts(now time.Time) {
	for who := range h.there.elsewhere {
		h.forgetContact(who, func(_ string, until time.Time) bool { return now.After(until) || !h.looked(who) })
		h.showContact(who)
	}
	if !h.desk.bus.Remote() {
		return
	}
	asked := map[id.ID]bool{}
	for _, all := range h.followed {
		for _, f := range all {
			if !asked[f.contact] && f.contact != 0 {
				asked[f.contact] = true
				h.tellContact(contactMark{Contact: f.contact, Ask: true})
			}
		}
	}
}

// looked tells whether an agent here has a ticket of the contact open.
func (h *hub) looked(who id.ID) bool { return h.lookers[who] > 0 }

// here tells whether a shopper is connected, anywhere.
func (h *hub) here(who id.ID) bool {
	return len(h.visitors[who]) > 0 || len(h.there.elsewhere[who]) > 0
}

// showContact tells the agents who have a ticket of hers open whether she is there, each when it has changed.
func (h *hub) showContact(who id.ID) {
	if !h.looked(who) {
		return
	}
	on := h.here(who)
	for _, all := range h.followed {
		for _, f := range all {
			if f.contact == who && f.greeted && f.there != on {
				f.showContact(on)
			}
		}
	}
}

// showContact tells one agent.
func (f *agentFollow) showContact(on bool) {
	by, _ := f.agent.maker.author(tickets.ActorContact, f.contact)
	f.there = on
	f.agent.conn.send(textFrame(presenceFrame{Type: "presence", Ticket: f.ticket, Author: &by, Online: on}))
}
