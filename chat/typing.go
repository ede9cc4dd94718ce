package chat

import (
	"encoding/json"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// typingLife is how long a typing mark holds without being renewed.
const typingLife = 5 * time.Second

// typingNews says that somebody writes, or has stopped. It is shown for a moment and stored nowhere.
type typingNews struct {
	Ticket  id.ID             `json:"ticket"`
	Contact id.ID             `json:"contact"`
	Inbox   id.ID             `json:"inbox"`
	Kind    tickets.ActorKind `json:"kind"`
	Who     id.ID             `json:"who"`
	On      bool              `json:"on"`
	Note    bool              `json:"note,omitempty"` // an internal note: colleagues only
}

type typingKey struct{ ticket, who id.ID }

// typingMark is a mark that is shown.
type typingMark struct {
	timer *time.Timer
	news  typingNews
}

// typed shows a mark here and on the other nodes.
func (d *Desk) typed(n typingNews) {
	d.hub.do(func() { d.hub.keepTyping(n) })
	if b, err := json.Marshal(n); err == nil {
		d.publish(subjectTyping, b)
	}
}

// keepTyping keeps a mark until it is taken back or its time is over. Renewals are not told again. On the hub.
func (h *hub) keepTyping(n typingNews) {
	key := typingKey{n.Ticket, n.Who}
	old := h.typing[key]
	switch {
	case old == nil && !n.On:
		return
	case old != nil:
		old.timer.Stop()
		delete(h.typing, key)
	}
	if n.On {
		mark := &typingMark{news: n}
		mark.timer = time.AfterFunc(typingLife, func() { h.do(func() { h.typingOver(key, mark) }) })
		h.typing[key] = mark
		if old != nil && old.news.Note == n.Note {
			return
		}
	}
	h.showTyping(n)
}

func (h *hub) typingOver(key typingKey, mark *typingMark) {
	if h.typing[key] != mark {
		return
	}
	delete(h.typing, key)
	mark.news.On = false
	h.showTyping(mark.news)
}

// showTyping tells the other side, and colleagues. A name that is not known yet is not worth a wait: the next mark has
// it.
func (h *hub) showTyping(n typingNews) {
	frames := map[string]*frame{}
	show := func(c *conn, k maker) {
		f, ok := frames[k.locale]
		if !ok {
			by, known := k.author(n.Kind, n.Who)
			if !known {
				h.learn(n.Kind, n.Who)
				return
			}
			t := typingFrame{Type: "typing", Ticket: n.Ticket, On: n.On, Author: by}
			if n.Note {
				t.Kind = tickets.KindNote
			}
			f = textFrame(t)
			frames[k.locale] = f
		}
		c.send(f)
	}
	for _, f := range h.followed[n.Ticket] {
		if n.Kind != tickets.ActorAgent || f.agent.actor.ID != n.Who {
			show(f.agent.conn, f.agent.maker)
		}
	}
	if n.Kind == tickets.ActorContact || n.Note {
		return
	}
	for _, v := range h.visitors[n.Contact] {
		if v.sess.InboxID == n.Inbox && !v.silent() {
			show(v.conn, v.maker)
		}
	}
}

// learn fetches a name in the background.
func (h *hub) learn(kind tickets.ActorKind, who id.ID) {
	d := h.desk
	d.spawn(func() {
		_ = d.reading(d.ctx, func() error { return d.names.need(d.ctx, kind, who) })
	})
}
