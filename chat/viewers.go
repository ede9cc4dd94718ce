package chat

import (
	"slices"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// showMoved tells who follows a ticket whose viewers have changed.
func (h *hub) showMoved(before, after []view) {
	changed := map[id.ID]bool{}
	for _, v := range before {
		if !slices.Contains(after, v) {
			changed[v.Ticket] = true
		}
	}
	for _, v := range after {
		if !slices.Contains(before, v) {
			changed[v.Ticket] = true
		}
	}
	for ticket := range changed {
		h.showViewers(ticket)
	}
}

// viewers gives the agents who have a ticket open, on any node, in the order of their ids.
func (h *hub) viewers(ticket id.ID) (out []id.ID) {
	for _, f := range h.followed[ticket] {
		out = append(out, f.agent.actor.ID)
	}
	for _, n := range h.there.nodes {
		for _, v := range n.views {
			if v.Ticket == ticket {
				out = append(out, v.Agent)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// showViewers tells everybody who has the ticket open, or lists on her screen, who has it open. Names that are not known
// yet are fetched first.
func (h *hub) showViewers(ticket id.ID) {
	if len(h.followed[ticket]) == 0 && len(h.watchers) == 0 {
		return
	}
	built, ok := h.viewersFrame(ticket)
	if !ok {
		h.viewersLater(ticket, h.viewers(ticket))
		return
	}
	told := map[*agent]bool{}
	for _, one := range h.followed[ticket] {
		one.agent.conn.send(built)
		told[one.agent] = true
	}
	for a := range h.watchers {
		if !told[a] {
			a.conn.send(built)
		}
	}
}

// viewersFrame says who has a ticket open; false: a name is not known yet.
func (h *hub) viewersFrame(ticket id.ID) (*frame, bool) {
	who := h.viewers(ticket)
	f := viewersFrame{Type: "viewers", Ticket: ticket, Viewers: make([]author, 0, len(who))}
	for _, one := range who {
		by, ok := h.desk.maker(english).author(tickets.ActorAgent, one)
		if !ok {
			return nil, false
		}
		f.Viewers = append(f.Viewers, by)
	}
	return textFrame(f), true
}

// showAllViewers tells somebody whose screen has just begun to show lists which tickets are open, and with whom.
func (h *hub) showAllViewers(a *agent) {
	open := map[id.ID]bool{}
	for ticket := range h.followed {
		open[ticket] = true
	}
	for _, n := range h.there.nodes {
		for _, v := range n.views {
			open[v.Ticket] = true
		}
	}
	for ticket := range open {
		if built, ok := h.viewersFrame(ticket); ok {
			a.conn.send(built)
		} else {
			h.viewersLater(ticket, h.viewers(ticket))
		}
	}
}

func (h *hub) viewersLater(ticket id.ID, who []id.ID) {
	d := h.desk
	d.spawn(func() {
		err := d.reading(d.ctx, func() error {
			for _, one := range who {
				if err := d.names.need(d.ctx, tickets.ActorAgent, one); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			d.hub.do(func() { h.showViewers(ticket) })
		}
	})
}
