package chat

import (
	"encoding/json"
	"slices"
	"sync/atomic"
	"time"

	"huiyin/tickets/id"
)

const (
	nodeLife     = 30 * time.Second // another node that is silent for so long, three beacons, is gone
	offlineGrace = 10 * time.Second // an agent who reloads her page has not gone home
	viewsMax     = 1000             // places in one beacon
)

// presence is who is there: which agents answer, on which node, and which tickets they look at. Owned by the hub but
// for online, which everybody may read.
type presence struct {
	online    atomic.Bool
	nodes     map[string]*nodeState          // the other nodes
	elsewhere map[id.ID]map[string]time.Time // contacts of followed tickets that are connected to other nodes, until when
	leaving   *time.Timer                    // runs while the last agent may come back
	dirty     bool                           // a beacon is due
}

type nodeState struct {
	until  time.Time
	agents []id.ID
	views  []view
}

// view is an agent who has a ticket open.
type view struct {
	Ticket id.ID `json:"t"`
	Agent  id.ID `json:"a"`
}

// beacon is what a node tells of itself: at once when it changes, and again before it would be taken for dead.
type beacon struct {
	Node   string  `json:"node"`
	Agents []id.ID `json:"agents,omitempty"`
	Views  []view  `json:"views,omitempty"`
	Gone   bool    `json:"gone,omitempty"`
}

func newPresence() presence {
	return presence{nodes: map[string]*nodeState{}, elsewhere: map[id.ID]map[string]time.Time{}}
}

// answering gives the agents of this node who take chats.
func (h *hub) answering() (out []id.ID) {
	for who, all := range h.agents {
		if slices.ContainsFunc(all, func(a *agent) bool { return a.available.Load() }) {
			out = append(out, who)
		}
	}
	return out
}

// weigh decides whether the desk is online, and tells everybody when that has changed. It goes online at once and
// offline after a while. On the hub.
func (h *hub) weigh() {
	on := len(h.answering()) > 0
	for _, n := range h.there.nodes {
		on = on || len(n.agents) > 0
	}
	switch {
	case on && h.there.leaving != nil:
		h.there.leaving.Stop()
		h.there.leaving = nil
	case on == h.there.online.Load():
	case on:
		h.turn(true)
	case h.there.leaving == nil:
		var timer *time.Timer
		timer = time.AfterFunc(offlineGrace, func() {
			h.do(func() {
				if h.there.leaving == timer {
					h.there.leaving = nil
					h.turn(false)
				}
			})
		})
		h.there.leaving = timer
	}
}

// turn tells everybody that the desk is online or not, each shopper what it means for her inbox. Thousands are told a
// few at a time.
func (h *hub) turn(on bool) {
	h.there.online.Store(on)
	f := textFrame(presenceFrame{Type: "presence", Online: on})
	var all []*conn
	for _, list := range h.agents {
		for _, a := range list {
			all = append(all, a.conn)
		}
	}
	h.desk.spawn(func() {
		h.desk.tellOutlooks()
		h.desk.tellSlowly(all, f)
	})
}

// tellSlowly sends one frame to many, so that not all their writers run at once.
func (d *Desk) tellSlowly(all []*conn, f *frame) {
	const few, rest = 100, 10 * time.Millisecond
	for i, c := range all {
		c.send(f)
		if i%few == few-1 && !d.pause(rest) {
			return
		}
	}
}

// beat tells the other nodes who is here. On the hub.
func (h *hub) beat() {
	h.there.dirty = false
	b := beacon{Node: h.desk.node, Agents: h.answering()}
	for ticket, all := range h.followed {
		for _, f := range all {
			if len(b.Views) < viewsMax {
				b.Views = append(b.Views, view{ticket, f.agent.actor.ID})
			}
		}
	}
	if data, err := json.Marshal(b); err == nil {
		h.desk.publish(subjectNode, data)
	}
}

// beatSoon sends one beacon for all the changes of a moment.
func (h *hub) beatSoon() {
	if h.there.dirty {
		return
	}
	h.there.dirty = true
	time.AfterFunc(20*time.Millisecond, func() { h.do(h.beat) })
}

// hearNode takes another node's beacon. On the hub.
func (h *hub) hearNode(b *beacon) {
	old := h.there.nodes[b.Node]
	var before []view
	if old != nil {
		before = old.views
	} else if !b.Gone {
		h.beatSoon() // it has just come: it does not know us either
	}
	if b.Gone {
		delete(h.there.nodes, b.Node)
	} else {
		h.there.nodes[b.Node] = &nodeState{until: time.Now().Add(nodeLife), agents: b.Agents, views: b.Views}
	}
	h.showMoved(before, b.Views)
	h.weigh()
}

// expire forgets nodes that are silent. On the hub.
func (h *hub) expire(now time.Time) {
	for name, n := range h.there.nodes {
		if now.After(n.until) {
			delete(h.there.nodes, name)
			h.showMoved(n.views, nil)
			h.weigh()
		}
	}
}
