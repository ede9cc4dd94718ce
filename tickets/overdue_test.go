package tickets_test

import (
	"testing"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/sla"
)

func TestAFirstReplyThatWasPromisedGetsOverdueOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		set := d.chat.Settings
		set.FirstReplyMinutes = 30
		_, err := d.UpdateInboxSettings(bg, d.chat.ID, set)
		ok(t, err)
		ask := func(source string) *tickets.Ticket {
			p := d.contact(t, source)
			r, err := d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: p.ID, SourceID: source, Body: "在吗"})
			ok(t, err)
			return r.Ticket
		}
		answered, left, solved := ask("a"), ask("b"), ask("c")
		equal(t, *d.ticket(t, left.ID).FirstReplyDueAt-left.CreatedAt, int64(30*60_000))
		d.replies(t, d.wang, answered.ID, "在的")
		_, err = d.SetStatus(bg, d.wang, solved.ID, tickets.StatusSolved)
		ok(t, err)
		n, err := d.MarkOverdue(bg, 10)
		ok(t, err)
		equal(t, n, 0)
		equal(t, d.ticket(t, left.ID).FirstReply(d.now()), sla.Running)
		d.advance(31 * time.Minute)
		for _, want := range []int{1, 0} {
			n, err := d.MarkOverdue(bg, 10)
			ok(t, err)
			equal(t, n, want)
		}
		equal(t, d.ticket(t, left.ID).FirstReply(d.now()), sla.Overdue)
		equal(t, d.ticket(t, answered.ID).FirstReply(d.now()), sla.Met)
		equal(t, d.ticket(t, solved.ID).FirstReply(d.now()), sla.None)
		d.replies(t, d.wang, left.ID, "来了")
		equal(t, d.ticket(t, left.ID).FirstReply(d.now()), sla.Missed)
		entries, err := d.Timeline(bg, left.ID, 0, 100)
		ok(t, err)
		said := 0
		for _, e := range entries {
			if e.Event.Type == tickets.EventFirstOverdue {
				said++
			}
		}
		equal(t, said, 1)
	})
}

func TestAnInboxThatPromisesNothingHasNothingDue(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		r, err := d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: d.li.ID, SourceID: "x", Body: "在吗"})
		ok(t, err)
		equal(t, r.Ticket.FirstReplyDueAt == nil, true)
		d.advance(365 * 24 * time.Hour)
		n, err := d.MarkOverdue(bg, 10)
		ok(t, err)
		equal(t, n, 0)
	})
}
