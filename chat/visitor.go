package chat

import (
	"cmp"
	"slices"
	"sync/atomic"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// visitor is a shopper's socket. The lane sets what a hello decides while neither hub nor filler knows of it.
type visitor struct {
	conn   *conn
	follow follow
	maker  maker

	sess    *session     // nil before the first hello
	aliases []id.ID      // contacts that were merged into hers
	places  []place      // by ticket; owned like follow: by the hub while live, by the filler while filling
	floor   id.ID        // tickets up to this one are not sent by themselves
	newest  atomic.Int64 // the newest ticket that she has
	greeted atomic.Bool  // has said hello
}

// place is how far one ticket was sent to a shopper.
type place struct {
	ticket   id.ID
	seq, pos int64
	byHer    int64 // read marks
	byAgents int64
	status   tickets.Status
	agent    id.ID
}

// place finds a ticket's place; nil when there is none.
func (v *visitor) place(ticket id.ID) *place {
	for i := range v.places {
		if v.places[i].ticket == ticket {
			return &v.places[i]
		}
	}
	return nil
}

// addPlace begins a ticket at seq; places stay in the order of the tickets.
func (v *visitor) addPlace(ticket id.ID, seq int64) *place {
	at, _ := slices.BinarySearchFunc(v.places, ticket, func(p place, t id.ID) int { return cmp.Compare(p.ticket, t) })
	v.places = slices.Insert(v.places, at, place{ticket: ticket, seq: seq})
	v.about(ticket)
	return &v.places[at]
}

// about notes a ticket that she has.
func (v *visitor) about(ticket id.ID) {
	for {
		was := v.newest.Load()
		if int64(ticket) <= was || v.newest.CompareAndSwap(was, int64(ticket)) {
			return
		}
	}
}

// current is the ticket that typing and reading without a ticket are about: the newest.
func (v *visitor) current() id.ID { return id.ID(v.newest.Load()) }

// apply implements follower.
func (v *visitor) apply(n *news) bool {
	p := v.place(n.Ticket)
	if p == nil {
		if n.MsgSeq == 0 && n.Ticket <= v.floor {
			return true // an old ticket that she did not ask for
		}
		p = v.addPlace(n.Ticket, 0)
	}
	if c := n.Changed; c != nil && c.State != stateReleased && c.Seq > 0 && c.Seq <= p.seq { // beyond the place it will be read as it is now
		v.conn.send(textFrame(v.conn.desk.changed(n.Ticket, *c, false)))
	}
	if n.MsgSeq == p.seq+1 && n.message != nil {
		f := v.messageOf(n)
		if f == nil {
			return false
		}
		v.conn.send(f)
		p.seq = n.MsgSeq
	}
	if n.Seq > p.seq {
		return false
	}
	return v.marks(p, n)
}

// messageOf builds the message frame of news once for all shoppers of a language.
func (v *visitor) messageOf(n *news) *frame {
	return n.once(builtKey{locale: v.maker.locale}, func() *frame {
		if m := v.maker.message(n.message, false); m != nil {
			return textFrame(m)
		}
		return nil
	})
}

// marks sends what has changed around the messages: read marks and status. Old news of a ticket is known by its pos.
func (v *visitor) marks(p *place, n *news) bool {
	if n.ByAgents > p.byAgents {
		p.byAgents = n.ByAgents
		v.conn.send(textFrame(readFrame{Type: "read", Ticket: n.Ticket, Seq: n.ByAgents, Author: author{Kind: tickets.ActorAgent}}))
	}
	if n.ByHer > p.byHer {
		p.byHer = n.ByHer
		v.conn.send(textFrame(readFrame{Type: "read", Ticket: n.Ticket, Seq: n.ByHer, Author: author{Kind: tickets.ActorContact, ID: n.Contact}}))
	}
	if n.Pos < p.pos {
		return true
	}
	p.pos = n.Pos
	if shown(n.Status) == p.status && n.Assignee == p.agent {
		return true
	}
	f := &statusFrame{Ticket: n.Ticket, Number: n.Number, Status: shown(n.Status), At: n.At}
	if n.Assignee != 0 {
		by, ok := v.maker.author(tickets.ActorAgent, n.Assignee)
		if !ok {
			return false
		}
		f.Agent = &by
	}
	p.status, p.agent = f.Status, n.Assignee
	v.conn.send(textFrame(f))
	return true
}

// ready implements follower: nothing more is due to a shopper.
func (v *visitor) ready() {}
