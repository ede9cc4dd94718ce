package chat

import (
	"net/http"
	"sync/atomic"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// agent is an agent's socket.
type agent struct {
	conn    *conn
	actor   tickets.Actor
	maker   maker
	request *http.Request // shown to AuthAgent again and again

	passes    passes
	available atomic.Bool            // takes chats: not away
	follows   map[id.ID]*agentFollow // by ticket; owned by the lane
	writing   lanes[string]          // of what she writes, by ticket; owned by the reader
}

// newAgent makes the party of an agent who is signed in.
func newAgent(c *conn, actor tickets.Actor, me *tickets.Agent, r *http.Request) *agent {
	a := &agent{conn: c, actor: actor, request: r, follows: map[id.ID]*agentFollow{}, writing: lanes[string]{}}
	a.actor.Role = me.Role
	a.available.Store(me.Availability != "away")
	return a
}

// begin implements party: the hub hears of her before her first frame is read.
func (a *agent) begin() {
	d := a.conn.desk
	d.hub.do(func() {
		h := d.hub
		a.maker = d.maker(a.conn.language())
		h.agents[a.actor.ID] = append(h.agents[a.actor.ID], a)
		h.weigh()
		h.beatSoon()
		me, _ := a.maker.author(tickets.ActorAgent, a.actor.ID)
		a.conn.send(textFrame(agentWelcomeFrame{Type: "welcome", Agent: me, Online: h.there.online.Load()}))
	})
}

// silent implements party: an agent is known from the start.
func (a *agent) silent() bool { return false }

// ended implements party.
func (a *agent) ended() {
	d := a.conn.desk
	a.conn.lane.push(d.spawn, func() {
		for _, f := range a.follows {
			f.follow.finish(func() { d.hub.leaveFollow(f) })
		}
		d.hub.call(func() {
			without(d.hub.agents, a.actor.ID, a)
			delete(d.hub.watchers, a)
			d.hub.weigh()
			d.hub.beatSoon()
		})
	})
}

// recheck asks again who this is: an ended sign-in, or an agent who was disabled, loses the socket; availability and
// role follow.
func (a *agent) recheck() {
	d := a.conn.desk
	who, _, err := d.authAgent(a.request)
	if err == nil && who.ID != a.actor.ID {
		err = fault.New(fault.Unauthenticated, "chat.error.sign_in")
	}
	if err != nil && ours(err) {
		d.log.Warn("chat: a sign-in could not be checked", "error", err)
		return
	}
	if err != nil {
		a.conn.close(closeSession, "signed out")
		return
	}
	var me *tickets.Agent
	err = d.reading(d.ctx, func() (err error) {
		me, err = d.tickets.Agent(d.ctx, a.actor.ID)
		return err
	})
	switch {
	case fault.Is(err, fault.NotFound) || (err == nil && me.DisabledAt != nil):
		a.conn.close(closeSession, "disabled")
	case err == nil:
		d.names.put(tickets.ActorAgent, me.ID, me.Name)
		if on := me.Availability != "away"; a.available.Swap(on) != on {
			d.hub.do(func() { d.hub.weigh(); d.hub.beatSoon() })
		}
	}
}
