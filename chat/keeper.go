package chat

import (
	"context"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// In ticks of the keeper, which are seconds.
const (
	pingSlots = 30 // connections are pinged in as many portions, each once in a round
	sweepEach = 30
	beatEach  = 10
	headsMax  = 500 // tickets or contacts in one question of the sweep
)

// keep is the keeper's goroutine: all clocks of the desk. A node without connections and without neighbours does
// nothing here but count.
func (d *Desk) keep(halt <-chan struct{}) {
	t := time.NewTicker(d.pace.tick)
	defer t.Stop()
	for n := 1; ; n++ {
		select {
		case <-t.C:
		case <-halt:
			d.farewell()
			return
		}
		d.ping(n % pingSlots)
		if n%beatEach == 0 && d.bus.Remote() {
			d.hub.do(d.hub.beat)
		}
		if n%beatEach == 0 {
			d.hub.do(func() { d.hub.expire(time.Now()) })
			d.spawn(d.recheckVisitors)
		}
		if n%sweepEach == 0 {
			d.hub.do(func() { d.hub.expireContacts(time.Now()) })
			d.recheckAgents()
			d.spawn(d.tellOutlooks)
			d.sweep()
		}
	}
}

// ping sends a ping to one portion of the connections. Each has a writer of its own, so that one that is stuck does not
// hold up the others.
func (d *Desk) ping(slot int) {
	var due []*conn
	d.mu.Lock()
	for c := range d.conns {
		if c.slot == slot {
			due = append(due, c)
		}
	}
	d.mu.Unlock()
	for _, c := range due {
		c.push(pingFrame)
	}
}

// farewell tells the other nodes at once that nobody is here any more.
func (d *Desk) farewell() {
	d.publish(subjectNode, []byte(`{"node":"`+d.node+`","gone":true}`))
}

// recheckAgents looks at every sign-in again.
func (d *Desk) recheckAgents() {
	d.hub.do(func() {
		for _, all := range d.hub.agents {
			for _, a := range all {
				d.spawn(a.recheck)
			}
		}
	})
}

// sweep compares what was sent with what is stored, for tickets that are followed: a partition between nodes may lose
// hints without a sign. Inside one process nothing is lost.
func (d *Desk) sweep() {
	if !d.bus.Remote() {
		return
	}
	var followed, contacts []id.ID
	ok := d.hub.call(func() {
		for ticket := range d.hub.followed {
			followed = append(followed, ticket)
		}
		for contact := range d.hub.visitors {
			contacts = append(contacts, contact)
		}
	})
	if !ok {
		return
	}
	d.sweepPart(followed, d.tickets.Heads)
	d.sweepPart(contacts, d.tickets.ContactHeads)
}

func (d *Desk) sweepPart(ids []id.ID, ask func(context.Context, []id.ID) ([]tickets.Head, error)) {
	for len(ids) > 0 {
		part := ids[:min(headsMax, len(ids))]
		ids = ids[len(part):]
		ctx, cancel := context.WithTimeout(d.ctx, jobWait)
		heads, err := ask(ctx, part)
		cancel()
		if err != nil {
			d.log.Warn("chat: the sweep could not read", "error", err)
			return
		}
		d.hub.call(func() {
			for _, one := range heads {
				d.hub.compare(one)
			}
		})
	}
}

// compare has everybody read again who is behind the head of a ticket. On the hub.
func (h *hub) compare(one tickets.Head) {
	for _, f := range h.followed[one.Ticket] {
		if !f.follow.filling && f.last < one.LastPos {
			f.follow.again()
		}
	}
	for _, v := range h.visitors[one.Contact] {
		if v.sess.InboxID != one.Inbox || v.follow.filling {
			continue
		}
		p := v.place(one.Ticket)
		if (p == nil && one.Ticket > v.floor) || (p != nil && (p.seq < one.LastSeq || p.pos < one.LastPos)) {
			v.follow.again()
		}
	}
}
