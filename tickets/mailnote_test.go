package tickets_test

import (
	"context"
	"testing"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

func TestAMailThatFailedCallsForTheDeskAgain(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		note := func(message id.ID, event tickets.EventType) {
			t.Helper()
			if err := d.db.Write(ctx, func(tx *gorm.DB) error { return d.NoteMailTx(tx, message, event, "user_unknown <x>") }); err != nil {
				t.Fatal(err)
			}
		}
		for _, tc := range []struct {
			channel    tickets.Channel
			from, want tickets.Status
			waits      bool
		}{
			{tickets.ChannelEmail, tickets.StatusPending, tickets.StatusOpen, true},
			{tickets.ChannelEmail, tickets.StatusSolved, tickets.StatusOpen, true},
			{tickets.ChannelEmail, tickets.StatusClosed, tickets.StatusClosed, false},
			{tickets.ChannelChat, tickets.StatusPending, tickets.StatusPending, false},
		} {
			box, err := d.CreateInbox(ctx, tickets.NewInbox{Channel: tc.channel, Name: "box"})
			ok(t, err)
			p, err := d.CreateContact(ctx, tickets.NewContact{Name: "Li"})
			ok(t, err)
			in, err := d.Receive(ctx, tickets.Inbound{InboxID: box.ID, ContactID: p.ID, SourceID: "1", Body: "hello"})
			ok(t, err)
			said, err := d.Post(ctx, d.wang, tickets.Outgoing{TicketID: in.Ticket.ID, Kind: tickets.KindReply, Body: "an answer"})
			ok(t, err)
			if tc.from != tickets.StatusPending {
				_, err = d.SetStatus(ctx, d.wang, in.Ticket.ID, tc.from)
				ok(t, err)
			}
			before, err := d.Ticket(ctx, in.Ticket.ID)
			ok(t, err)
			note(said.Message.ID, "")
			if now, err := d.Ticket(ctx, in.Ticket.ID); err != nil || now.LastPos != before.LastPos {
				t.Errorf("a hint changed the ticket: %v", err)
			}
			note(said.Message.ID, tickets.EventMailBounced)
			now, err := d.Ticket(ctx, in.Ticket.ID)
			ok(t, err)
			if now.Status != tc.want || (now.WaitingSince != nil) != tc.waits {
				t.Errorf("%s ticket that was %s: %s, waits %v", tc.channel, tc.from, now.Status, now.WaitingSince != nil)
			}
			entries, err := d.Timeline(ctx, in.Ticket.ID, before.LastPos, 10)
			ok(t, err)
			if e := entries[0].Event; e.Type != tickets.EventMailBounced || *e.SubjectID != said.Message.ID || e.Data != `{"reason":"user_unknownx"}` {
				t.Errorf("%+v", e)
			}
		}
		note(id.ID(7), tickets.EventMailFailed)
	})
}
