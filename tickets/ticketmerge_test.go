package tickets_test

import (
	"sync"
	"testing"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// twoMatters are two tickets of one contact, by e-mail; the first waits.
func (d *desk) twoMatters(t *testing.T) (from, into *tickets.Ticket) {
	t.Helper()
	box, err := d.CreateInbox(bg, tickets.NewInbox{Channel: tickets.ChannelEmail, Name: "邮箱"})
	ok(t, err)
	take := func(source string) *tickets.Ticket {
		r, err := d.Receive(bg, tickets.Inbound{InboxID: box.ID, ContactID: d.li.ID, SourceID: source, Subject: source, Body: source})
		ok(t, err)
		return r.Ticket
	}
	return take("one"), take("two")
}

func TestAMergedTicketIsClosedAndItsContactWaitsInTheOther(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		from, into := d.twoMatters(t)
		d.advance(1000)
		d.replies(t, d.wang, into.ID, "answered")
		since := *d.ticket(t, from.ID).WaitingSince
		before, err := d.Counts(bg, d.wang.ID)
		ok(t, err)
		for range 2 { // a second click changes nothing
			got, err := d.MergeTicket(bg, d.wang, from.ID, into.ID)
			ok(t, err)
			equal(t, got.ID, into.ID)
		}
		f, i := d.ticket(t, from.ID), d.ticket(t, into.ID)
		equal(t, f.Status, tickets.StatusClosed)
		equal(t, *f.MergedInto, into.ID)
		equal(t, i.Status, tickets.StatusOpen)
		equal(t, *i.WaitingSince, since)
		merged, err := d.MergedTickets(bg, into.ID)
		ok(t, err)
		equal(t, len(merged), 1)
		equal(t, merged[0].Subject, "one")
		kinds := map[tickets.EventType]int{}
		for _, ticket := range []id.ID{from.ID, into.ID} {
			entries, err := d.Timeline(bg, ticket, 0, 100)
			ok(t, err)
			for _, e := range entries {
				kinds[e.Event.Type]++
			}
		}
		equal(t, kinds[tickets.EventTicketMerged], 1)
		equal(t, kinds[tickets.EventTicketTook], 1)

		d.advance(1000)
		got, err := d.UnmergeTicket(bg, d.wang, from.ID)
		ok(t, err)
		back := d.ticket(t, into.ID)
		equal(t, back.Status, tickets.StatusPending) // nobody waits there any more
		equal(t, back.WaitingSince == nil, true)
		equal(t, got.MergedInto == nil, true)
		equal(t, got.Status, tickets.StatusNew)
		equal(t, *got.WaitingSince, since)
		equal(t, d.ticket(t, from.ID).MergedInto == nil, true)
		after, err := d.Counts(bg, d.wang.ID)
		ok(t, err)
		equal(t, after.Unassigned, before.Unassigned)
		refused(t, second(d.UnmergeTicket(bg, d.wang, from.ID)), fault.Conflict, "error.merge.none")
	})
}

func TestATicketIsMergedOnlyIntoWhatFits(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		from, into := d.twoMatters(t)
		other := d.contact(t, "韩梅梅")
		r, err := d.Receive(bg, tickets.Inbound{InboxID: from.InboxID, ContactID: other.ID, SourceID: "x", Body: "x"})
		ok(t, err)
		refused(t, second(d.MergeTicket(bg, d.wang, from.ID, from.ID)), fault.Invalid, "error.merge.same")
		refused(t, second(d.MergeTicket(bg, d.wang, from.ID, r.Ticket.ID)), fault.Conflict, "error.merge.other_contact")
		refused(t, second(d.MergeTicket(bg, d.wang, from.ID, 17)), fault.NotFound, "error.ticket.not_found")
		refused(t, second(d.MergeTicket(bg, tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}, from.ID, into.ID)), fault.Denied, "error.denied")
		_, err = d.SetStatus(bg, d.wang, into.ID, tickets.StatusClosed)
		ok(t, err)
		refused(t, second(d.MergeTicket(bg, d.wang, from.ID, into.ID)), fault.Conflict, "error.merge.closed")
		equal(t, d.ticket(t, from.ID).Status, tickets.StatusNew)
	})
}

func TestAMergeFollowsTheOther(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		one, two := d.twoMatters(t)
		r, err := d.Receive(bg, tickets.Inbound{InboxID: one.InboxID, ContactID: d.li.ID, SourceID: "three", Body: "three"})
		ok(t, err)
		three := r.Ticket
		ok(t, second(d.MergeTicket(bg, d.wang, one.ID, two.ID)))
		got, err := d.MergeTicket(bg, d.wang, three.ID, one.ID) // one has gone into two
		ok(t, err)
		equal(t, got.ID, two.ID)
		r, err = d.Receive(bg, tickets.Inbound{InboxID: one.InboxID, ContactID: d.li.ID, SourceID: "an answer", TicketID: one.ID, Body: "an answer"})
		ok(t, err)
		equal(t, r.Ticket.ID, two.ID) // what comes for the one goes to the other
		refused(t, second(d.MergeTicket(bg, d.wang, two.ID, three.ID)), fault.Invalid, "error.merge.same")
		got, err = d.MergeTicket(bg, d.wang, one.ID, three.ID) // both are in two already
		ok(t, err)
		equal(t, got.ID, two.ID)
		r, err = d.Receive(bg, tickets.Inbound{InboxID: one.InboxID, ContactID: d.li.ID, SourceID: "four", Body: "four"})
		ok(t, err)
		refused(t, second(d.MergeTicket(bg, d.wang, one.ID, r.Ticket.ID)), fault.Conflict, "error.merge.already")
		ok(t, second(d.MergeTicket(bg, d.wang, two.ID, r.Ticket.ID)))
		merged, err := d.MergedTickets(bg, r.Ticket.ID)
		ok(t, err)
		equal(t, len(merged), 3) // those that two had taken in, too
	})
}

func TestTwoMergesOfTwoTicketsIntoEachOtherDoNotCross(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		one, two := d.twoMatters(t)
		var both sync.WaitGroup
		errs := make([]error, 2)
		both.Go(func() { _, errs[0] = d.MergeTicket(bg, d.wang, one.ID, two.ID) })
		both.Go(func() { _, errs[1] = d.MergeTicket(bg, d.zhao, two.ID, one.ID) })
		both.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("%v, %v: one should win", errs[0], errs[1])
		}
		a, b := d.ticket(t, one.ID), d.ticket(t, two.ID)
		if (a.MergedInto == nil) == (b.MergedInto == nil) {
			t.Errorf("merged: %v, %v", a.MergedInto, b.MergedInto)
		}
	})
}
