package tickets_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// joins lets a contact write by mail into a ticket that she has proof of.
func (d *desk) joins(t testing.TB, ticket, contact id.ID, body string) tickets.Received {
	t.Helper()
	r, err := d.Receive(bg, tickets.Inbound{
		InboxID: d.mail(t), ContactID: contact, TicketID: ticket, Joins: true, Body: body, SourceID: strings.Repeat("a", 90) + body,
	})
	ok(t, err)
	return r
}

// mail gives the desk's inbox for mails.
func (d *desk) mail(t testing.TB) id.ID {
	t.Helper()
	boxes, err := d.Inboxes(bg)
	ok(t, err)
	for i := range boxes {
		if boxes[i].Channel == tickets.ChannelEmail {
			return boxes[i].ID
		}
	}
	return d.inbox(t, tickets.ChannelEmail).ID
}

func (d *desk) guestMessages(t *testing.T, contact id.ID) []tickets.Message {
	t.Helper()
	list, err := d.GuestMessages(bg, contact, 0, 0)
	ok(t, err)
	return list
}

// erases erases a person to the end.
func (d *desk) erases(t *testing.T, contact id.ID) {
	t.Helper()
	d.write(t, func(tx *gorm.DB) error {
		_, err := d.EraseContactTx(tx, tickets.Actor{Kind: tickets.ActorSystem}, contact, tickets.ErasedOnRequest)
		return err
	})
	ok(t, d.EmptyMessages(bg, contact))
}

func TestAProvenMessageOfSomebodyElseGoesIntoTheTicket(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		mei := d.contact(t, "韩梅梅").ID
		ticket := d.hears(t, "", "你好").Ticket.ID
		d.replies(t, d.wang, ticket, "您好")
		r := d.joins(t, ticket, mei, "我补充一句")
		equal(t, r.Ticket.ID, ticket)
		equal(t, r.Created, false)
		equal(t, r.Message.Kind, tickets.KindContact)
		equal(t, r.Message.AuthorID, mei)
		equal(t, *r.Message.GuestID, mei)
		equal(t, r.Ticket.Status, tickets.StatusOpen)
		equal(t, r.Ticket.WaitingSince != nil, true)
		equal(t, d.takePart(t, ticket), "韩梅梅")
		equal(t, d.joins(t, ticket, mei, "我补充一句").Duplicate, true)
		equal(t, d.joins(t, ticket, mei, "再补充一句").Duplicate, false)
		lines(t, d.timeline(t, ticket)[4:], "5 message.created contact/3 我补充一句", "6 participant.added", "7 message.created contact/4 再补充一句")

		// sealed with the key of the ticket's contact: whoever erases her erases all of her ticket
		d.erases(t, d.li.ID)
		lines(t, d.timeline(t, ticket)[4:5], "5 message.created contact/3 erased")
		d.check(t)
	})
}

func TestWithoutProofNobodyWritesInTheTicketOfAnother(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		mei := d.contact(t, "韩梅梅").ID
		ticket := d.hears(t, "", "你好").Ticket.ID
		_, err := d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: mei, TicketID: ticket, Body: "我"})
		refused(t, err, fault.Denied, "error.denied")
		_, err = d.Receive(bg, tickets.Inbound{InboxID: d.mail(t), ContactID: d.li.ID, TicketID: ticket, Body: "我"})
		refused(t, err, fault.Denied, "error.denied")
		_, err = d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: mei, TicketID: ticket, Aside: true, Body: "我"})
		refused(t, err, fault.Denied, "error.denied")
		_, err = d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: mei, Joins: true, Body: "我"})
		refused(t, err, fault.Invalid, "error.ticket.not_found")
		_, err = d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: mei, Body: "我", BeginAs: tickets.StatusPending})
		refused(t, err, fault.Invalid, "error.ticket.status")
		// what she may see of tickets are her own
		d.joins(t, ticket, mei, "我")
		list, err := d.ContactTickets(bg, mei, 0, 0, 10)
		ok(t, err)
		equal(t, len(list), 0)
		her := tickets.Actor{Kind: tickets.ActorContact, ID: mei}
		_, err = d.Recall(bg, her, ticket, 2)
		refused(t, err, fault.NotFound, "error.ticket.not_found")
		_, err = d.Recall(bg, tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}, ticket, 2)
		refused(t, err, fault.Denied, "error.denied") // nor does the contact take a guest's word back
	})
}

func TestWhereTheTicketDoesNotGoOnANewOneOfTheWriterBegins(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		mei := d.contact(t, "韩梅梅").ID
		for name, end := range map[string]func(ticket id.ID){
			"closed": func(ticket id.ID) { d.status(t, ticket, tickets.StatusClosed) },
			"spam":   func(ticket id.ID) { d.status(t, ticket, tickets.StatusSpam) },
			"solved long ago": func(ticket id.ID) {
				d.status(t, ticket, tickets.StatusSolved)
				d.advance(8 * 24 * time.Hour)
			},
		} {
			ticket := d.hears(t, "", "你好").Ticket.ID
			end(ticket)
			for who, writer := range map[string]id.ID{"contact": d.li.ID, "guest": mei} {
				r := d.joins(t, ticket, writer, name+" "+who)
				if !r.Created || r.Ticket.ContactID != writer || r.Ticket.PreviousID == nil || *r.Ticket.PreviousID != ticket ||
					r.Ticket.InboxID != d.mail(t) || r.Message.GuestID != nil {
					t.Errorf("%s, %s: %+v", name, who, r.Ticket)
				}
			}
			equal(t, d.takePart(t, ticket), "")
		}
		// the ticket of somebody who was erased does not go on either
		ticket := d.hears(t, "", "你好").Ticket.ID
		d.erases(t, d.li.ID)
		equal(t, d.joins(t, ticket, mei, "还在吗").Created, true)
		d.check(t)
	})
}

func TestAMessageToAChatThatIsOverGoesToTheOpenOne(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		old := d.hears(t, "", "你好").Ticket.ID
		d.status(t, old, tickets.StatusClosed)
		open := d.hears(t, "", "还有").Ticket.ID
		r, err := d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: d.li.ID, TicketID: old, Body: "旧的"})
		ok(t, err)
		equal(t, r.Ticket.ID, open)
	})
}

func TestABlockedWriterIsKeptApartAndNotDropped(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		box := d.mail(t)
		open, err := d.Receive(bg, tickets.Inbound{InboxID: box, ContactID: d.li.ID, Body: "你好"})
		ok(t, err)
		_, err = d.UpdateContact(bg, d.wang, d.li.ID, tickets.ContactChange{Blocked: new(true)})
		ok(t, err)
		_, err = d.Receive(bg, tickets.Inbound{InboxID: box, ContactID: d.li.ID, Body: "喂"})
		refused(t, err, fault.Denied, "error.contact.blocked")
		for _, status := range []tickets.Status{tickets.StatusSpam, tickets.StatusClosed} {
			for _, in := range []id.ID{0, open.Ticket.ID} {
				r, err := d.Receive(bg, tickets.Inbound{InboxID: box, ContactID: d.li.ID, TicketID: in, Body: "喂", BeginAs: status})
				ok(t, err)
				got := d.ticket(t, r.Ticket.ID)
				if !r.Created || got.Status != status || got.WaitingSince != nil || got.FirstReplyDueAt != nil || (got.ClosedAt != nil) != (status == tickets.StatusClosed) {
					t.Errorf("%s: %+v", status, got)
				}
			}
		}
		events, err := d.EventsAfter(bg, 0, 0)
		ok(t, err)
		quiet := 0
		for i := range events {
			if events[i].Quiet() {
				quiet++
			}
		}
		equal(t, quiet, 8) // a ticket and a message each
		d.check(t)
	})
}

func TestAnAutomaticReplyIsKeptAsideAndMovesNothing(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		d.replies(t, d.wang, ticket, "您好")
		d.status(t, ticket, tickets.StatusSolved)
		before := d.ticket(t, ticket)
		r, err := d.Receive(bg, tickets.Inbound{
			InboxID: d.mail(t), ContactID: d.contact(t, "韩梅梅").ID, TicketID: ticket, Joins: true, Aside: true, Body: "我在休假", SourceID: "auto",
		})
		ok(t, err)
		after := d.ticket(t, ticket)
		equal(t, r.Message.Kind, tickets.KindNote)
		equal(t, r.Message.Seq == nil, true)
		equal(t, r.Reopened, false)
		equal(t, after.Status, tickets.StatusSolved)
		equal(t, after.LastSeq, before.LastSeq)
		equal(t, after.LastContactPos, before.LastContactPos)
		equal(t, after.WaitingSince == nil, true)
		equal(t, after.Preview, before.Preview)
		equal(t, d.takePart(t, ticket), "")
		seen := before.LastPos
		_, err = d.Post(bg, d.zhao, tickets.Outgoing{TicketID: ticket, Kind: tickets.KindReply, Body: "好", Seen: &seen})
		ok(t, err) // nobody has to see it first
		d.status(t, ticket, tickets.StatusClosed)
		_, err = d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: d.li.ID, TicketID: ticket, Aside: true, Body: "自动回复"})
		ok(t, err)
		equal(t, d.ticket(t, ticket).Status, tickets.StatusClosed)
		d.check(t)
	})
}

func TestWhatTheCallerDoesBesideAMessageStandsOrFallsWithIt(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		calls := 0
		in := tickets.Inbound{InboxID: d.chat.ID, ContactID: d.li.ID, SourceID: "a", Body: "你好", Also: func(tx *gorm.DB, r tickets.Received) error {
			calls++
			if calls == 1 {
				return errors.New("no room")
			}
			_, err := d.AddParticipantsTx(tx, tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}, r.Ticket.ID, []id.ID{d.contactTx(t, tx)})
			return err
		}}
		if _, err := d.Receive(bg, in); err == nil {
			t.Fatal("the caller's error was lost")
		}
		equal(t, d.count(t, `SELECT COUNT(*) FROM tickets`), 0)
		r, err := d.Receive(bg, in)
		ok(t, err)
		equal(t, d.takePart(t, r.Ticket.ID), "抄送")
		again, err := d.Receive(bg, in)
		ok(t, err)
		equal(t, again.Duplicate, true)
		equal(t, calls, 2)
		d.check(t)
	})
}

func (d *desk) contactTx(t *testing.T, tx *gorm.DB) id.ID {
	t.Helper()
	p, err := d.CreateContactTx(tx, tickets.NewContact{Name: "抄送"})
	ok(t, err)
	return p.ID
}

func TestAMailBringsUpToAHundredFilesAndOthersTen(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		files := func(n int) (out []id.ID) {
			for i := range n {
				out = append(out, d.upload(t, tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}, 0, fmt.Sprint(i)))
			}
			return out
		}
		r, err := d.Receive(bg, tickets.Inbound{InboxID: d.mail(t), ContactID: d.li.ID, Attachments: files(100)})
		ok(t, err)
		equal(t, len(r.Message.Attachments), 100)
		_, err = d.Receive(bg, tickets.Inbound{InboxID: d.mail(t), ContactID: d.li.ID, Attachments: files(101)})
		refused(t, err, fault.Invalid, "error.message.attachments")
		d.hears(t, "", "你好")
		_, err = d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: d.li.ID, Attachments: files(11)})
		refused(t, err, fault.Invalid, "error.message.attachments")
	})
}

// upload notes a file without a content.
func (d *desk) upload(t *testing.T, by tickets.Actor, ticket id.ID, name string) id.ID {
	t.Helper()
	key := d.ticketKey(t, by, ticket)
	one := d.ids.Next()
	_, err := d.AddAttachment(bg, tickets.NewAttachment{ID: one, By: by, TicketID: ticket, KeyID: key, Name: name, Type: "text/plain", Size: 1, File: one.String()})
	ok(t, err)
	return one
}

func (d *desk) ticketKey(t *testing.T, by tickets.Actor, ticket id.ID) id.ID {
	t.Helper()
	if by.Kind == tickets.ActorContact {
		p, err := d.Contact(bg, by.ID)
		ok(t, err)
		return p.KeyID
	}
	return d.ticket(t, ticket).KeyID
}
