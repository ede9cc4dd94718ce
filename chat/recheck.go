package chat

import (
	"context"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// recheckVisitors ends the sockets of sessions that their inbox no longer lets in: it was switched off, or takes signed
// shoppers only. What they send is refused at once (receive.go); this ends what they hear, on every node, without a word
// between the nodes. Inboxes are few and kept in memory.
func (d *Desk) recheckVisitors() {
	boxes := map[id.ID]bool{}
	d.hub.call(func() {
		for _, all := range d.hub.visitors {
			for _, v := range all {
				boxes[v.sess.InboxID] = true
			}
		}
	})
	for box := range boxes {
		ctx, cancel := context.WithTimeout(d.ctx, jobWait)
		inbox, err := d.tickets.Inbox(ctx, box)
		cancel()
		switch {
		case err != nil:
			d.log.Warn("chat: an inbox could not be read", "error", err)
		case inbox.DisabledAt != nil || inbox.Settings.EnforceIdentity:
			d.hub.do(func() { d.hub.turnOut(inbox) })
		}
	}
}

// turnOut closes whom an inbox does not let in. On the hub.
func (h *hub) turnOut(inbox *tickets.Inbox) {
	for _, all := range h.visitors {
		for _, v := range all {
			if v.sess.InboxID != inbox.ID {
				continue
			}
			if p := v.sess.refused(inbox); p != nil {
				h.desk.spawn(func() { v.conn.close(p.closeCode(), string(p.code)) })
			}
		}
	}
}
