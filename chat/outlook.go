package chat

import (
	"context"
	"sync"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/hours"
	"huiyin/tickets/id"
)

// What a shopper is told at once: whether somebody is there, and when an answer can be expected. An inbox is online when
// an agent who takes chats is connected, on any node, and the inbox's hours are open; tickets.Outlook has the rest.

// There tells whether an agent who takes chats is connected, on any node.
func (d *Desk) There() bool { return d.hub.there.online.Load() }

// outlook tells what to expect of an inbox. When the database does not answer, it promises nothing.
func (d *Desk) outlook(ctx context.Context, box *tickets.Inbox) tickets.Outlook {
	o, err := d.tickets.Outlook(ctx, box, d.There())
	if err != nil {
		d.lost.once(time.Minute, func() { d.log.Warn("chat: cannot tell when answers come", "error", err) })
		return tickets.Outlook{Online: d.There(), Open: true}
	}
	return o
}

// told is what the shoppers of each inbox were told last.
type told struct {
	mu   sync.Mutex
	last map[id.ID]tickets.Outlook
}

// news tells whether an outlook differs from what was told last, and remembers it.
func (t *told) news(inbox id.ID, o tickets.Outlook) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	was, ok := t.last[inbox]
	t.last[inbox] = o
	return !ok || !was.Same(o)
}

// listeners are who hears of an inbox's outlook.
type listeners struct {
	conns   []*conn
	waiters []*waiter
}

// listenersByInbox gathers the shoppers who are here. On the hub.
func (h *hub) listenersByInbox() map[id.ID]*listeners {
	all := map[id.ID]*listeners{}
	of := func(inbox id.ID) *listeners {
		if all[inbox] == nil {
			all[inbox] = &listeners{}
		}
		return all[inbox]
	}
	for _, list := range h.visitors {
		for _, v := range list {
			if !v.silent() {
				l := of(v.sess.InboxID)
				l.conns = append(l.conns, v.conn)
			}
		}
	}
	for _, list := range h.waiters {
		for _, w := range list {
			l := of(w.inbox)
			l.waiters = append(l.waiters, w)
		}
	}
	return all
}

// tellOutlooks tells the shoppers of each inbox whose outlook has changed: an agent came or went, a door opened or
// closed, answers became slower. The keeper calls it by the clock, the hub when presence turns.
func (d *Desk) tellOutlooks() {
	var all map[id.ID]*listeners
	if !d.hub.call(func() { all = d.hub.listenersByInbox() }) {
		return
	}
	for inbox, l := range all {
		ctx, cancel := context.WithTimeout(d.ctx, jobWait)
		box, err := d.tickets.Inbox(ctx, inbox)
		if err == nil {
			if o := d.outlook(ctx, box); d.told.news(inbox, o) {
				for _, w := range l.waiters {
					w.wake()
				}
				d.tellSlowly(l.conns, textFrame(outlookFrame{Type: "presence", Online: o.Online, AnswerBy: stampOf(o.AnswerBy)}))
			}
		}
		cancel()
	}
}

// stampOf is a time, or null for none.
func stampOf(ms *int64) *stamp {
	if ms == nil {
		return nil
	}
	s := stamp(*ms)
	return &s
}

// startHours is one line of the week in a session's answer: a day of the week, or a date of its own.
type startHours struct {
	Day    string        `json:"day,omitempty"`  // mon … sun
	Date   string        `json:"date,omitempty"` // 2026-10-01
	Label  string        `json:"label,omitempty"`
	Ranges []hours.Range `json:"ranges"`
}

var dayNames = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// fillHours adds the inbox's week, Monday first, with the special days of the next month, in the shop's zone. A desk that
// is always open has none.
func (d *Desk) fillHours(ctx context.Context, a *startAnswer, box *tickets.Inbox) error {
	shop, err := d.tickets.Shop(ctx)
	if err != nil {
		return err
	}
	week, zone, now := box.Settings.Hours, shop.Zone(), d.now()
	a.Zone = zone.String()
	a.HoursText = week.Lines(now, zone, func(key string, args map[string]any) string { return d.text(a.Locale, key, args) })
	if week.Weekly() {
		for i := 1; i <= 7; i++ {
			a.Hours = append(a.Hours, startHours{Day: dayNames[i%7], Ranges: append([]hours.Range{}, week.Days[i%7]...)})
		}
	}
	for _, s := range week.Soon(now, zone) {
		a.Hours = append(a.Hours, startHours{Date: s.Date, Label: s.Label, Ranges: append([]hours.Range{}, s.Ranges...)})
	}
	return nil
}

// Connected tells whether a shopper is connected to this node, by socket or by a waiting poll.
func (d *Desk) Connected(contact id.ID) bool {
	var here bool
	d.hub.call(func() { here = len(d.hub.visitors[contact]) > 0 || len(d.hub.waiters[contact]) > 0 })
	return here
}

// WaitNews waits until something of a contact's tickets may have changed, or the context ends. It holds nothing of the
// database; the ticket's page lives by it.
func (d *Desk) WaitNews(ctx context.Context, contact, inbox id.ID) {
	if !d.pollers.hold(struct{}{}) {
		return
	}
	defer d.pollers.give(struct{}{})
	me := &waiter{contact: contact, inbox: inbox, news: make(chan struct{}, 1)}
	if !d.hub.call(func() { d.hub.waiters[contact] = append(d.hub.waiters[contact], me) }) {
		return
	}
	defer d.hub.do(func() { without(d.hub.waiters, contact, me) })
	select {
	case <-me.news:
	case <-ctx.Done():
	case <-d.closing:
	}
}
