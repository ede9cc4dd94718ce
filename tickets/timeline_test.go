package tickets_test

import (
	"fmt"
	"testing"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func TestATimelineIsReadForwardsAndBackwardsInPages(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "1").Ticket.ID
		for i := range 30 {
			d.hears(t, "", fmt.Sprint(i+2))
		}
		whole, err := d.Timeline(bg, ticket, 0, 200)
		ok(t, err)
		equal(t, len(whole), 32)
		for i, e := range whole {
			equal(t, *e.Event.Pos, int64(i+1))
		}
		page, err := d.Timeline(bg, ticket, 10, 5)
		ok(t, err)
		equal(t, len(page), 5)
		equal(t, *page[0].Event.Pos, 11)

		var back []int64
		for before := int64(0); ; {
			page, err := d.TimelineBefore(bg, ticket, before, 7)
			ok(t, err)
			if len(page) == 0 {
				break
			}
			for i := len(page) - 1; i >= 0; i-- {
				back = append(back, *page[i].Event.Pos)
			}
			before = *page[0].Event.Pos
		}
		equal(t, len(back), 32)
		equal(t, back[0], 32)
		equal(t, back[31], 1)

		seen, err := d.Visible(bg, ticket, 28, 2)
		ok(t, err)
		equal(t, len(seen), 2)
		equal(t, *seen[0].Seq, 29)
		equal(t, seen[0].Body, "29")
	})
}

func TestPagesHaveAMostSize(t *testing.T) {
	d := onSQLite(t)
	ticket := d.hears(t, "", "1").Ticket.ID
	for range 250 {
		d.hears(t, "", "x")
	}
	for limit, want := range map[int]int{0: tickets.PageUsual, -1: tickets.PageUsual, 3: 3, 1 << 30: tickets.PageMax} {
		entries, err := d.Timeline(bg, ticket, 0, limit)
		ok(t, err)
		messages, err := d.Visible(bg, ticket, 0, limit)
		ok(t, err)
		if len(entries) != want || len(messages) != want {
			t.Errorf("limit %d gives %d entries, %d messages, want %d", limit, len(entries), len(messages), want)
		}
	}
	events, err := d.EventsAfter(bg, 0, 1<<30)
	ok(t, err)
	if len(events) < 251 || len(events) > tickets.EventsMax {
		t.Errorf("got %d events", len(events))
	}
	rest, err := d.EventsAfter(bg, events[9].N, 3)
	ok(t, err)
	equal(t, len(rest), 3)
	equal(t, rest[0].N, events[10].N)
}

func TestAContactsTicketsComeByInboxFromEitherEnd(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		box := d.inbox(t, tickets.ChannelAPI)
		var all []id.ID
		for range 5 {
			r, err := d.Receive(bg, tickets.Inbound{InboxID: box.ID, ContactID: d.li.ID, Body: "你好"})
			ok(t, err)
			all = append(all, r.Ticket.ID)
		}
		chat := d.hears(t, "", "你好").Ticket.ID
		d.hearsFrom(t, d.contact(t, "").ID, "", "你好")

		page, err := d.ContactTickets(bg, d.li.ID, 0, all[3], 10)
		ok(t, err)
		equal(t, len(page), 2)
		equal(t, page[0].ID, all[4])
		equal(t, page[1].ID, chat)
		page, err = d.ContactTickets(bg, d.li.ID, d.chat.ID, 0, 10)
		ok(t, err)
		equal(t, len(page), 1)
		equal(t, page[0].Preview, "你好")
		page, err = d.EarlierTickets(bg, d.li.ID, 0, 2)
		ok(t, err)
		equal(t, page[0].ID, chat)
		page, err = d.EarlierTickets(bg, d.li.ID, page[1].ID, 2)
		ok(t, err)
		equal(t, page[0].ID, all[3])
	})
}

func TestATicketThatIsNoneIsNotFound(t *testing.T) {
	d := onSQLite(t)
	_, err := d.Ticket(bg, 17)
	refused(t, err, fault.NotFound, "error.ticket.not_found")
	_, err = d.TicketByNumber(bg, 17)
	refused(t, err, fault.NotFound, "error.ticket.not_found")
	none, err := d.CurrentChat(bg, d.chat.ID, d.li.ID)
	ok(t, err)
	if none != nil {
		t.Errorf("got %+v", none)
	}
	page, err := d.Timeline(bg, 17, 0, 10)
	ok(t, err)
	equal(t, len(page), 0)
}
