package tickets_test

import (
	"sync"
	"testing"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// mails lets a contact begin a ticket by mail.
func (d *desk) mails(t testing.TB, contact id.ID, body string, files ...id.ID) tickets.Received {
	t.Helper()
	r, err := d.Receive(bg, tickets.Inbound{InboxID: d.mail(t), ContactID: contact, Subject: "主题", Body: body, Attachments: files})
	ok(t, err)
	return r
}

func (d *desk) moves(t testing.TB, message, into id.ID) (*tickets.Ticket, *tickets.Message) {
	t.Helper()
	got, m, err := d.MoveMessage(bg, d.wang, message, into)
	ok(t, err)
	return got, m
}

func TestAMovedMessageStandsInItsNewTicketAndLeavesItsPlaceEmpty(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		file := d.upload(t, tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}, 0, "发票.pdf")
		first := d.mails(t, d.li.ID, "退款的事")
		d.replies(t, d.wang, first.Ticket.ID, "好的")
		wrong, err := d.Receive(bg, tickets.Inbound{
			InboxID: d.mail(t), ContactID: d.li.ID, TicketID: first.Ticket.ID, SourceID: "m", Body: "另一件事", Attachments: []id.ID{file},
		})
		ok(t, err)
		d.advance(time.Hour)
		d.heard()
		got, m := d.moves(t, wrong.Message.ID, 0)
		equal(t, got.ID != first.Ticket.ID, true)
		equal(t, got.Subject, "主题")
		equal(t, *got.PreviousID, first.Ticket.ID)
		equal(t, got.Status, tickets.StatusNew)
		equal(t, *got.WaitingSince, wrong.Message.CreatedAt)
		equal(t, m.CreatedAt, wrong.Message.CreatedAt)
		equal(t, *m.CopiedFrom, wrong.Message.ID)
		equal(t, m.GuestID == nil, true)
		equal(t, m.Attachments[0].ID, file) // under the same key: the same row
		lines(t, d.timeline(t, got.ID), "1 ticket.created", "2 message.created contact/1 另一件事", "3 message.moved")
		lines(t, d.timeline(t, first.Ticket.ID)[2:], "3 message.created reply/2 好的", "4 ticket.assigned",
			"5 message.created contact/3 moved", "6 message.moved", "7 ticket.status")
		source := d.ticket(t, first.Ticket.ID)
		equal(t, source.Status, tickets.StatusPending) // answered, as before the message came
		equal(t, source.WaitingSince == nil, true)
		equal(t, source.LastContactPos, 2)
		equal(t, source.Preview, "好的")
		equal(t, *d.message(t, wrong.Message.ID).MovedTo, got.ID)
		told := d.heard()
		equal(t, told[0].Type, tickets.ChangeState)
		equal(t, told[0].Message.State, tickets.StateMoved)
		equal(t, told[1].Type, tickets.ChangeMessage)

		back, m := d.moves(t, m.ID, first.Ticket.ID)
		equal(t, back.ID, first.Ticket.ID)
		equal(t, *m.Seq, 4)
		equal(t, m.Attachments[0].ID, file)
		equal(t, back.Status, tickets.StatusOpen)
		equal(t, *back.WaitingSince, wrong.Message.CreatedAt)
		equal(t, d.ticket(t, got.ID).Status, tickets.StatusClosed) // nothing of a contact is left in it
		equal(t, d.ticket(t, got.ID).MergedInto == nil, true)
		again, err := d.Receive(bg, tickets.Inbound{InboxID: d.mail(t), ContactID: d.li.ID, SourceID: "m", Body: "另一件事"})
		ok(t, err)
		equal(t, again.Duplicate, true)
		d.check(t)
	})
}

func TestTheOnlyMessageClosesItsTicketAndComesBackIntoIt(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		from, into := d.mails(t, d.li.ID, "接着说"), d.mails(t, d.li.ID, "原来的")
		d.status(t, into.Ticket.ID, tickets.StatusSolved)
		got, m := d.moves(t, from.Message.ID, into.Ticket.ID)
		equal(t, got.Status, tickets.StatusOpen)
		source := d.ticket(t, from.Ticket.ID)
		equal(t, source.Status, tickets.StatusClosed)
		equal(t, source.MergedInto == nil, true)
		equal(t, source.WaitingSince == nil, true)
		back, _ := d.moves(t, m.ID, from.Ticket.ID)
		equal(t, back.Status, tickets.StatusNew)
		equal(t, back.ClosedAt == nil, true)
		equal(t, *back.WaitingSince, from.Message.CreatedAt)
		// but what somebody closed by hand stays closed
		_, m = d.moves(t, d.lastMessage(t, from.Ticket.ID), into.Ticket.ID)
		d.check(t)
		other := d.mails(t, d.li.ID, "别的")
		d.status(t, other.Ticket.ID, tickets.StatusClosed)
		_, _, err := d.MoveMessage(bg, d.wang, m.ID, other.Ticket.ID)
		refused(t, err, fault.Conflict, "error.ticket.closed")
		d.check(t)
	})
}

func (d *desk) lastMessage(t *testing.T, ticket id.ID) (last id.ID) {
	t.Helper()
	page, err := d.Timeline(bg, ticket, 0, 0)
	ok(t, err)
	for _, e := range page {
		if e.Message != nil {
			last = e.Message.ID
		}
	}
	return last
}

func TestAMessageMovedToAnotherPersonIsUnderHerKeyAndItsWriterAGuest(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		mei := d.contact(t, "韩梅梅").ID
		file := d.upload(t, tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}, 0, "发票.pdf")
		d.mails(t, d.li.ID, "别的")
		from, into := d.mails(t, d.li.ID, "给梅梅的", file), d.mails(t, mei, "你好")
		got, m := d.moves(t, from.Message.ID, into.Ticket.ID)
		equal(t, got.ID, into.Ticket.ID)
		equal(t, *m.GuestID, d.li.ID)
		equal(t, m.Body, "给梅梅的")
		equal(t, d.takePart(t, into.Ticket.ID), "李雷")
		copied := m.Attachments[0]
		equal(t, copied.ID != file, true)
		equal(t, copied.KeyID, d.ticket(t, into.Ticket.ID).KeyID)
		_, err := d.Attachment(bg, file)
		refused(t, err, fault.NotFound, "error.file.not_found")
		d.erases(t, d.li.ID) // who wrote it takes it with her
		lines(t, d.timeline(t, into.Ticket.ID)[2:3], "3 message.created contact/2 erased")
		_, err = d.Attachment(bg, copied.ID)
		refused(t, err, fault.NotFound, "error.file.not_found")
		lines(t, d.timeline(t, into.Ticket.ID)[1:2], "2 message.created contact/1 你好")
		d.check(t)
	})
}

func TestAGuestsMessageBeginsATicketOfHerOwn(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		mei := d.contact(t, "韩梅梅").ID
		first := d.mails(t, d.li.ID, "你好")
		file := d.upload(t, tickets.Actor{Kind: tickets.ActorContact, ID: mei}, 0, "梅.pdf")
		r, err := d.Receive(bg, tickets.Inbound{
			InboxID: d.mail(t), ContactID: mei, TicketID: first.Ticket.ID, Joins: true, Body: "我有别的事", Attachments: []id.ID{file},
		})
		ok(t, err)
		got, m := d.moves(t, r.Message.ID, 0)
		equal(t, got.ContactID, mei)
		equal(t, m.GuestID == nil, true)
		equal(t, m.Attachments[0].ID, file)
		equal(t, d.ticket(t, first.Ticket.ID).Status, tickets.StatusNew)
		equal(t, *d.ticket(t, first.Ticket.ID).WaitingSince, first.Message.CreatedAt)
		d.erases(t, d.li.ID) // the source is forgotten, her own ticket is not
		lines(t, d.timeline(t, got.ID)[1:2], "2 message.created contact/1 我有别的事")
		d.check(t)
	})
}

func TestAnAutomaticReplyMovesNothingWhereItGoesButBeginsATicketLikeAMessage(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		first, second := d.mails(t, d.li.ID, "你好"), d.mails(t, d.li.ID, "再见")
		d.replies(t, d.wang, second.Ticket.ID, "再见")
		r, err := d.Receive(bg, tickets.Inbound{InboxID: d.mail(t), ContactID: d.li.ID, TicketID: first.Ticket.ID, Aside: true, Body: "我在休假"})
		ok(t, err)
		got, m := d.moves(t, r.Message.ID, second.Ticket.ID)
		equal(t, m.Kind, tickets.KindNote)
		equal(t, got.Status, tickets.StatusPending)
		equal(t, d.ticket(t, first.Ticket.ID).Status, tickets.StatusNew)
		got, m = d.moves(t, m.ID, 0)
		equal(t, m.Kind, tickets.KindContact)
		equal(t, got.WaitingSince != nil, true)
		d.check(t)
	})
}

func TestWhatCannotBeMoved(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		from, into := d.mails(t, d.li.ID, "你好"), d.mails(t, d.li.ID, "另外")
		move := func(a tickets.Actor, message, into id.ID) error {
			_, _, err := d.MoveMessage(bg, a, message, into)
			return err
		}
		one := from.Message.ID
		refused(t, move(tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}, one, 0), fault.Denied, "error.denied")
		refused(t, move(d.wang, 17, 0), fault.NotFound, "error.message.not_found")
		refused(t, move(d.wang, one, 17), fault.NotFound, "error.ticket.not_found")
		refused(t, move(d.wang, one, from.Ticket.ID), fault.Conflict, "error.move.same")
		reply := d.replies(t, d.wang, from.Ticket.ID, "您好").Message.ID
		refused(t, move(d.wang, reply, 0), fault.Conflict, "error.move.kind")
		refused(t, move(d.wang, d.holds(t, d.wang, from.Ticket.ID, "稍等"), 0), fault.Conflict, "error.move.kind")
		d.status(t, into.Ticket.ID, tickets.StatusSpam)
		refused(t, move(d.wang, one, into.Ticket.ID), fault.Conflict, "error.ticket.spam")
		third, fourth := d.mails(t, d.li.ID, "三"), d.mails(t, d.li.ID, "四")
		ok(t, second(d.MergeTicket(bg, d.wang, third.Ticket.ID, fourth.Ticket.ID)))
		got, _ := d.moves(t, one, third.Ticket.ID) // where it went
		equal(t, got.ID, fourth.Ticket.ID)
		refused(t, move(d.wang, one, 0), fault.Conflict, "error.move.state")
		chat := d.hears(t, "", "在吗")
		refused(t, move(d.wang, chat.Message.ID, 0), fault.Conflict, "error.ticket.other_open")
		gone := d.contact(t, "").ID
		last := d.mails(t, gone, "再见").Message.ID
		d.erasesOnly(t, gone)
		refused(t, move(d.wang, last, 0), fault.Conflict, "error.contact.erased")
		refused(t, move(d.wang, last, fourth.Ticket.ID), fault.Conflict, "error.contact.erased")
		d.check(t)
	})
}

func TestAMessageMovedByManyAtOnceIsMovedOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		file := d.upload(t, tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}, 0, "发票.pdf")
		mei := d.contact(t, "韩梅梅").ID
		from := d.mails(t, d.li.ID, "你好", file)
		targets := []id.ID{0, d.mails(t, mei, "一").Ticket.ID, d.mails(t, d.li.ID, "二").Ticket.ID, 0}
		moved := make(chan id.ID, len(targets))
		var wg sync.WaitGroup
		for _, into := range targets {
			wg.Go(func() {
				switch got, _, err := d.MoveMessage(bg, d.wang, from.Message.ID, into); {
				case err == nil:
					moved <- got.ID
				case !fault.Is(err, fault.Conflict):
					t.Errorf("move: %v", err)
				}
			})
		}
		wg.Wait()
		equal(t, len(moved), 1)
		equal(t, d.count(t, `SELECT COUNT(*) FROM attachments a JOIN messages m ON m.id = a.message_id WHERE m.state = '' AND a.state = 'ready'`), 1)
		d.check(t)
	})
}
