package chat

import (
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// agentFollow is an agent's place in one ticket. Agents count by pos, over everything in it.
type agentFollow struct {
	agent   *agent
	ticket  id.ID
	follow  follow
	contact id.ID // whose ticket it is; owned by the hub

	last     int64       // pos up to which everything was sent; owned like follow, as what follows
	fields   ticketState // fields as they were told last
	byHer    int64
	byAgents int64
	greeted  bool // the past is delivered
	there    bool // the contact was said to be connected
}

// enterFollow lets an agent look at a ticket. On the hub.
func (h *hub) enterFollow(f *agentFollow) {
	h.followed[f.ticket] = append(h.followed[f.ticket], f)
	h.lookers[f.contact]++
	h.beatSoon()
	h.tellContact(contactMark{Contact: f.contact, Ask: true})
}

// leaveFollow ends it. On the hub.
func (h *hub) leaveFollow(f *agentFollow) {
	without(h.followed, f.ticket, f)
	if h.lookers[f.contact]--; h.lookers[f.contact] <= 0 {
		delete(h.lookers, f.contact)
	}
	if mark := h.typing[typingKey{f.ticket, f.agent.actor.ID}]; mark != nil {
		mark.timer.Stop()
		h.typingOver(typingKey{f.ticket, f.agent.actor.ID}, mark)
	}
	h.beatSoon()
	h.showViewers(f.ticket)
}

// handOver notes that the ticket is another contact's now: an anonymous visitor has signed in.
func (h *hub) handOver(f *agentFollow, to id.ID) {
	if h.lookers[f.contact]--; h.lookers[f.contact] <= 0 {
		delete(h.lookers, f.contact)
	}
	f.contact = to
	h.lookers[to]++
	if k, found := f.agent.passes.find(f.ticket); found {
		k.contact = to
		f.agent.passes.keep(k)
	}
	h.tellContact(contactMark{Contact: to, Ask: true})
	h.showContactLater(to)
}

// apply implements follower.
func (f *agentFollow) apply(n *news) bool {
	if n.Contact != f.contact {
		f.follow.hub.handOver(f, n.Contact)
	}
	if c := n.Changed; c != nil && c.Pos <= f.last { // beyond the place it will be read as it is now
		f.agent.conn.send(textFrame(f.agent.conn.desk.changed(n.Ticket, *c, true)))
	}
	for i := range n.events {
		e := &n.events[i]
		if e.Pos == nil || *e.Pos <= f.last {
			continue
		}
		if *e.Pos != f.last+1 {
			return false
		}
		built := n.once(builtKey{agents: true, locale: f.agent.maker.locale, pos: *e.Pos}, func() *frame { return f.entry(e, n.message) })
		if built == nil {
			return false
		}
		f.agent.conn.send(built)
		f.last = *e.Pos
	}
	if n.Pos > f.last {
		return false
	}
	f.marks(n)
	if n.ticket == nil {
		return n.Type == tickets.ChangeRead // of other nodes' fields only the database knows
	}
	return f.tell(n.ticket, n.Type == tickets.ChangeTicket && n.ticket.Tags != nil)
}

// entry builds the frame of one row of the timeline: a message where it is the row of one.
func (f *agentFollow) entry(e *tickets.Event, m *tickets.Message) *frame {
	k := f.agent.maker
	if e.Type != tickets.EventMessageCreated {
		if ev := k.event(e); ev != nil {
			return textFrame(ev)
		}
		return nil
	}
	if m == nil || e.SubjectID == nil || *e.SubjectID != m.ID {
		return nil
	}
	if built := k.message(m, true); built != nil {
		return textFrame(built)
	}
	return nil
}

func (f *agentFollow) marks(n *news) {
	if n.ByHer > f.byHer {
		f.byHer = n.ByHer
		by, _ := f.agent.maker.author(tickets.ActorContact, n.Contact)
		f.agent.conn.send(textFrame(readFrame{Type: "read", Ticket: n.Ticket, Seq: n.ByHer, Author: by}))
	}
	if n.ByAgents > f.byAgents {
		f.byAgents = n.ByAgents
		f.agent.conn.send(textFrame(readFrame{Type: "read", Ticket: n.Ticket, Seq: n.ByAgents, Author: author{Kind: tickets.ActorAgent}}))
	}
}

// tell sends the fields that have changed since they were told last; older rows are left alone.
func (f *agentFollow) tell(t *tickets.Ticket, tags bool) bool {
	if t.UpdatedAt < f.fields.updatedAt && t.LastPos <= f.fields.pos {
		return true
	}
	now, ok := f.agent.maker.state(t)
	if !ok {
		return false
	}
	if !tags {
		now.tags = f.fields.tags
	}
	if now.same(&f.fields) {
		f.fields.updatedAt, f.fields.pos = now.updatedAt, now.pos
		return true
	}
	f.agent.conn.send(now.frame(t.ID, &f.fields, f.fields.number == 0))
	f.fields = now
	return true
}

// ready implements follower: the first time it says that the past is complete, and who else is there.
func (f *agentFollow) ready() {
	if f.greeted {
		return
	}
	h := f.follow.hub
	f.greeted = true
	f.agent.conn.send(textFrame(subscribedFrame{Type: "subscribed", Ticket: f.ticket, Pos: f.last}))
	h.showViewers(f.ticket)
	f.showContact(h.here(f.contact))
	// Another node may know of her, and answers in a moment.
	time.AfterFunc(contactGrace, func() { h.do(func() { h.showContact(f.contact) }) })
}
