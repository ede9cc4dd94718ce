package tickets_test

import (
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func TestFirstMessageBeginsATicketAndStandsAfterItsCreation(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		r := d.hears(t, "a", "你好")
		if !r.Created || r.Duplicate || r.Reopened {
			t.Fatalf("got %+v", r)
		}
		equal(t, r.Ticket.Status, tickets.StatusNew)
		equal(t, r.Message.Pos, 2)
		equal(t, *r.Message.Seq, 1)
		lines(t, d.timeline(t, r.Ticket.ID), "1 ticket.created", "2 message.created contact/1 你好")

		second := d.hears(t, "b", "在吗")
		equal(t, second.Created, false)
		equal(t, second.Ticket.ID, r.Ticket.ID)
		equal(t, second.Message.Pos, 3)
		equal(t, *second.Message.Seq, 2)
		got := d.ticket(t, r.Ticket.ID)
		equal(t, got.Preview, "在吗")
		equal(t, got.LastPos, 3)
		equal(t, got.LastContactPos, 3)
	})
}

func TestTicketNumbersGoUp(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		first := d.hears(t, "", "一").Ticket.Number
		second := d.hearsFrom(t, d.contact(t, "韩梅梅").ID, "", "二").Ticket.Number
		if first <= 1000 || second <= first {
			t.Fatalf("got %d, then %d", first, second)
		}
		got, err := d.TicketByNumber(bg, second)
		ok(t, err)
		equal(t, got.Number, second)
	})
}

func TestTheSameOuterIDIsStoredOnceAndAnsweredAsTheFirstTime(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		first := d.hears(t, "a", "你好")
		for _, body := range []string{"你好", "something else"} {
			again := d.hears(t, "a", body)
			equal(t, again.Duplicate, true)
			equal(t, again.Created, false)
			equal(t, again.Message.ID, first.Message.ID)
			equal(t, again.Message.Body, "你好")
			equal(t, *again.Message.Seq, 1)
			equal(t, again.Ticket.ID, first.Ticket.ID)
		}
		next := d.hears(t, "b", "在吗")
		equal(t, next.Message.Pos, 3) // the duplicates used up nothing
		equal(t, *next.Message.Seq, 2)
	})
}

func TestADuplicateIsKnownWhateverHasBecomeOfItsTicket(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		first := d.hears(t, "a", "你好")
		for _, to := range []tickets.Status{tickets.StatusSolved, tickets.StatusClosed} {
			d.status(t, first.Ticket.ID, to)
			again := d.hears(t, "a", "你好")
			equal(t, again.Duplicate, true)
			equal(t, again.Ticket.ID, first.Ticket.ID)
			equal(t, d.ticket(t, first.Ticket.ID).Status, to) // and does not reopen it
		}
		other := d.hears(t, "b", "新的问题")
		equal(t, other.Created, true)
		again := d.hears(t, "a", "你好") // while another ticket is open
		equal(t, again.Ticket.ID, first.Ticket.ID)
		equal(t, d.ticket(t, other.Ticket.ID).LastPos, 2)
	})
}

func TestADuplicateIsAnsweredWhereTheMessageWouldBeRefusedNow(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		visitor := d.contact(t, "")
		first := d.hearsFrom(t, visitor.ID, "a", "你好")
		again := func(who id.ID, change func(*tickets.Inbound)) {
			t.Helper()
			in := tickets.Inbound{InboxID: d.chat.ID, ContactID: who, SourceID: "a", Body: "你好"}
			change(&in)
			got, err := d.Receive(bg, in)
			ok(t, err)
			equal(t, got.Duplicate, true)
			equal(t, got.Message.ID, first.Message.ID)
		}
		again(visitor.ID, func(in *tickets.Inbound) { in.Body = "" })
		again(visitor.ID, func(in *tickets.Inbound) { in.Body = strings.Repeat("长", tickets.BodyMax+1) })
		again(visitor.ID, func(in *tickets.Inbound) { in.Attachments = make([]id.ID, 11) })

		yes := true
		_, err := d.UpdateContact(bg, d.wang, visitor.ID, tickets.ContactChange{Blocked: &yes})
		ok(t, err)
		again(visitor.ID, func(*tickets.Inbound) {})
		d.status(t, first.Ticket.ID, tickets.StatusClosed)
		again(visitor.ID, func(*tickets.Inbound) {})
		equal(t, d.ticket(t, first.Ticket.ID).Status, tickets.StatusClosed)

		d.write(t, func(tx *gorm.DB) error { return d.MergeContactTx(tx, visitor.ID, d.li.ID) })
		again(visitor.ID, func(in *tickets.Inbound) { in.Body = "" })
		_, err = d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: 17, SourceID: "a"})
		refused(t, err, fault.Invalid, "error.message.empty")
	})
}

func TestOuterIDsOfDifferentPeopleAndInboxesAreDifferent(t *testing.T) {
	d := onSQLite(t)
	d.hears(t, "a", "你好")
	equal(t, d.hearsFrom(t, d.contact(t, "韩梅梅").ID, "a", "你好").Duplicate, false)
	r, err := d.Receive(bg, tickets.Inbound{InboxID: d.inbox(t, tickets.ChannelChat).ID, ContactID: d.li.ID, SourceID: "a", Body: "你好"})
	ok(t, err)
	equal(t, r.Duplicate, false)
	equal(t, d.hears(t, "", "你好").Duplicate, false)
	equal(t, d.hears(t, "", "你好").Duplicate, false)
}

func TestOuterIDsOfMergedContactsCountAsHers(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		visitor := d.contact(t, "")
		first := d.hearsFrom(t, visitor.ID, "a", "你好")
		d.write(t, func(tx *gorm.DB) error { return d.MergeContactTx(tx, visitor.ID, d.li.ID) })
		aliases, err := d.Aliases(bg, d.li.ID)
		ok(t, err)
		equal(t, len(aliases), 1)

		again, err := d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: d.li.ID, Aliases: aliases, SourceID: "a", Body: "你好"})
		ok(t, err)
		equal(t, again.Duplicate, true)
		equal(t, again.Message.ID, first.Message.ID)

		// A sender that still says the old contact means the new one.
		equal(t, d.hearsFrom(t, visitor.ID, "a", "你好").Message.ID, first.Message.ID)
		next := d.hearsFrom(t, visitor.ID, "b", "在吗")
		equal(t, next.Ticket.ID, first.Ticket.ID)
		equal(t, next.Message.AuthorID, d.li.ID)
		equal(t, d.hearsFrom(t, d.li.ID, "b", "在吗").Duplicate, true)
	})
}

func TestAMessageToASolvedTicketReopensItWithinTheReopenDays(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		first := d.hears(t, "", "你好")
		d.status(t, first.Ticket.ID, tickets.StatusSolved)
		d.advance(7*24*time.Hour - time.Minute)
		current, err := d.CurrentChat(bg, d.chat.ID, d.li.ID)
		ok(t, err)
		equal(t, current.ID, first.Ticket.ID)

		r := d.hears(t, "", "又坏了")
		equal(t, r.Reopened, true)
		equal(t, r.Ticket.ID, first.Ticket.ID)
		equal(t, r.Ticket.Status, tickets.StatusOpen)
		equal(t, *r.Message.Seq, 2)
		got := d.ticket(t, r.Ticket.ID)
		if got.SolvedAt != nil || got.WaitingSince == nil {
			t.Errorf("solved at %v, waiting since %v", got.SolvedAt, got.WaitingSince)
		}
		lines(t, d.timeline(t, r.Ticket.ID), "1 ticket.created", "2 message.created contact/1 你好", "3 ticket.status",
			"4 message.created contact/2 又坏了", "5 ticket.status")
	})
}

func TestAMessageAfterTheReopenDaysBeginsATicketThatGoesOnFromTheOldOne(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		first := d.hears(t, "", "你好")
		d.status(t, first.Ticket.ID, tickets.StatusSolved)
		d.advance(7*24*time.Hour + time.Minute)
		current, err := d.CurrentChat(bg, d.chat.ID, d.li.ID)
		ok(t, err)
		if current != nil {
			t.Errorf("the old ticket is current still")
		}
		r := d.hears(t, "", "还是不行")
		equal(t, r.Created, true)
		equal(t, *r.Message.Seq, 1)
		equal(t, *r.Ticket.PreviousID, first.Ticket.ID)
		equal(t, d.ticket(t, first.Ticket.ID).Status, tickets.StatusSolved)
	})
}

func TestAnInboxThatNeverReopensBeginsANewTicket(t *testing.T) {
	d := onSQLite(t)
	_, err := d.UpdateInboxSettings(bg, d.chat.ID, tickets.InboxSettings{ReopenDays: tickets.ReopenNever})
	ok(t, err)
	first := d.hears(t, "", "你好")
	d.status(t, first.Ticket.ID, tickets.StatusSolved)
	equal(t, d.hears(t, "", "又坏了").Created, true)
}

func TestTheInboxDecidesHowLongASolvedTicketReopens(t *testing.T) {
	d := onSQLite(t)
	_, err := d.UpdateInboxSettings(bg, d.chat.ID, tickets.InboxSettings{ReopenDays: 1})
	ok(t, err)
	first := d.hears(t, "", "你好")
	d.status(t, first.Ticket.ID, tickets.StatusSolved)
	d.advance(23 * time.Hour)
	equal(t, d.hears(t, "", "还有").Reopened, true)
	d.status(t, first.Ticket.ID, tickets.StatusSolved)
	d.advance(25 * time.Hour)
	equal(t, d.hears(t, "", "还有").Created, true)
}

func TestAMessageAfterClosingOrSpamBeginsANewTicket(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		last := d.hears(t, "", "你好").Ticket.ID
		for _, to := range []tickets.Status{tickets.StatusClosed, tickets.StatusSpam} {
			d.status(t, last, to)
			r := d.hears(t, "", "你好")
			equal(t, r.Created, true)
			equal(t, *r.Ticket.PreviousID, last)
			last = r.Ticket.ID
		}
	})
}

func TestOtherChannelsBeginATicketPerMessageUnlessOneIsNamed(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		box := d.inbox(t, tickets.ChannelAPI)
		in := tickets.Inbound{InboxID: box.ID, ContactID: d.li.ID, Subject: " 发票\t抬头 ", Body: "写错了", SourceID: "1"}
		first, err := d.Receive(bg, in)
		ok(t, err)
		equal(t, first.Ticket.Subject, "发票 抬头")
		equal(t, first.Ticket.Channel, tickets.ChannelAPI)
		in.SourceID = "2"
		second, err := d.Receive(bg, in)
		ok(t, err)
		if second.Ticket.ID == first.Ticket.ID || second.Ticket.PreviousID != nil {
			t.Errorf("the second message went into the first ticket")
		}
		in.SourceID, in.TicketID = "3", first.Ticket.ID
		third, err := d.Receive(bg, in)
		ok(t, err)
		equal(t, third.Ticket.ID, first.Ticket.ID)
		equal(t, *third.Message.Seq, 2)

		d.status(t, first.Ticket.ID, tickets.StatusClosed)
		in.SourceID = "4"
		fourth, err := d.Receive(bg, in)
		ok(t, err)
		equal(t, fourth.Created, true)
		equal(t, *fourth.Ticket.PreviousID, first.Ticket.ID)
	})
}

func TestAContactsMessageMakesTheTicketWaitForTheDesk(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		r := d.hears(t, "", "你好")
		since := *d.ticket(t, r.Ticket.ID).WaitingSince
		equal(t, r.Ticket.Status, tickets.StatusNew)
		d.advance(time.Minute)
		got := d.hears(t, "", "在吗").Ticket
		equal(t, got.Status, tickets.StatusNew) // nobody has taken it up
		equal(t, *got.WaitingSince, since)      // she waits since her first message

		d.replies(t, d.wang, r.Ticket.ID, "在的")
		got = d.hears(t, "", "退款").Ticket
		equal(t, got.Status, tickets.StatusOpen)
		if *got.WaitingSince <= since {
			t.Errorf("she waits since before the answer")
		}
	})
}

func TestAContactsMessageWakesASnoozedTicket(t *testing.T) {
	d := onSQLite(t)
	r := d.hears(t, "", "你好")
	until := d.millis() + 1000_000
	_, err := d.Snooze(bg, d.wang, r.Ticket.ID, &until)
	ok(t, err)
	got := d.hears(t, "", "在吗").Ticket
	if got.SnoozedUntil != nil {
		t.Errorf("snoozed until %d still", *got.SnoozedUntil)
	}
	lines(t, d.timeline(t, r.Ticket.ID), "1 ticket.created", "2 message.created contact/1 你好", "3 ticket.snoozed",
		"4 message.created contact/2 在吗", "5 ticket.woken")
}

func TestTheTicketKnowsThePageAndOrderOfTheContact(t *testing.T) {
	d := onSQLite(t)
	say := func(page tickets.Page, order string, verified bool) *tickets.Ticket {
		t.Helper()
		r, err := d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: d.li.ID, Body: "你好", Page: page, Order: order, OrderVerified: verified})
		ok(t, err)
		return d.ticket(t, r.Ticket.ID)
	}
	got := say(tickets.Page{URL: "https://shop.example/a", Title: "A\n页"}, "", false)
	equal(t, got.PageURL, "https://shop.example/a")
	equal(t, got.PageTitle, "A 页")
	got = say(tickets.Page{URL: "https://li:secret@shop.example/o/%E8%AE%A2?token=k7#me", Title: "A"}, "", false)
	equal(t, got.PageURL, "https://shop.example/o/%E8%AE%A2") // neither query nor fragment, nor who signed in
	say(tickets.Page{URL: "https://shop.example/a"}, "", false)
	got = say(tickets.Page{URL: "javascript:alert(1)", Title: "x"}, "2026-1", false)
	equal(t, got.PageURL, "https://shop.example/a") // what is no web address changes nothing
	equal(t, got.Order, "2026-1")
	got = say(tickets.Page{}, "2026-2", true)
	equal(t, got.Order, "2026-2")
	equal(t, got.OrderVerified, true)
	got = say(tickets.Page{}, "2026-3", false) // a claim does not replace what is signed
	equal(t, got.Order, "2026-2")
}

func TestCardAndIdentityNumbersAreMaskedButNotHerOrder(t *testing.T) {
	d := onSQLite(t)
	const card = "4111111111111111"
	r, err := d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: d.li.ID, SourceID: "a", Body: "我的卡号 " + card})
	ok(t, err)
	if strings.Contains(r.Message.Body, card) || len(r.Masked) != 1 || r.Masked[0] != "card" {
		t.Errorf("got %q, masked %v", r.Message.Body, r.Masked)
	}
	if strings.Contains(r.Ticket.Preview, card) {
		t.Errorf("the preview shows the number: %q", r.Ticket.Preview)
	}
	r, err = d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: d.li.ID, Body: "订单 " + card, Order: card})
	ok(t, err)
	if !strings.Contains(r.Message.Body, card) || len(r.Masked) != 0 {
		t.Errorf("her order number was masked: %q", r.Message.Body)
	}
	// and so with the next message, which does not name the order
	equal(t, d.hears(t, "", "就是 "+card).Message.Body, "就是 "+card)

	box := d.inbox(t, tickets.ChannelAPI)
	r, err = d.Receive(bg, tickets.Inbound{InboxID: box.ID, ContactID: d.li.ID, Subject: "卡 " + card, Body: "看标题"})
	ok(t, err)
	if strings.Contains(r.Ticket.Subject, card) || len(r.Masked) != 1 {
		t.Errorf("got subject %q, masked %v", r.Ticket.Subject, r.Masked)
	}
}

func TestReceiveRefusesWhoAndWhatDoesNotBelong(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		mine := d.hears(t, "", "你好").Ticket
		other := d.contact(t, "韩梅梅")
		in := func(change func(*tickets.Inbound)) error {
			i := tickets.Inbound{InboxID: d.chat.ID, ContactID: other.ID, Body: "你好"}
			change(&i)
			_, err := d.Receive(bg, i)
			return err
		}
		refused(t, in(func(i *tickets.Inbound) { i.ContactID = 17 }), fault.NotFound, "error.contact.not_found")
		refused(t, in(func(i *tickets.Inbound) { i.InboxID = 17 }), fault.NotFound, "error.inbox.not_found")
		refused(t, in(func(i *tickets.Inbound) { i.TicketID = 17 }), fault.NotFound, "error.ticket.not_found")
		refused(t, in(func(i *tickets.Inbound) { i.TicketID = mine.ID }), fault.Denied, "error.denied")
		refused(t, in(func(i *tickets.Inbound) { i.SourceID = strings.Repeat("x", 65) }), fault.Invalid, "error.message.id")
		refused(t, in(func(i *tickets.Inbound) { i.Attachments = []id.ID{17} }), fault.Invalid, "error.message.attachment_unknown")
		equal(t, d.count(t, `SELECT COUNT(*) FROM tickets`), 1)

		yes := true
		_, err := d.UpdateContact(bg, d.wang, d.li.ID, tickets.ContactChange{Blocked: &yes})
		ok(t, err)
		refused(t, in(func(i *tickets.Inbound) { i.ContactID = d.li.ID }), fault.Denied, "error.contact.blocked")
		d.status(t, mine.ID, tickets.StatusClosed)
		refused(t, in(func(i *tickets.Inbound) { i.ContactID = d.li.ID }), fault.Denied, "error.contact.blocked")

		d.write(t, func(tx *gorm.DB) error { return tx.Exec(`UPDATE inboxes SET disabled_at = 1`).Error })
		d.advance(2 * time.Second)
		refused(t, in(func(*tickets.Inbound) {}), fault.Denied, "error.inbox.disabled")
	})
}

func TestAWriteThatFailsLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		before := d.count(t, `SELECT COUNT(*) FROM events`)
		err := d.store.Write(bg, func(tx *gorm.DB) error {
			if _, err := d.ReceiveTx(tx, tickets.Inbound{InboxID: d.chat.ID, ContactID: d.li.ID, Body: "你好"}); err != nil {
				return err
			}
			return fault.New(fault.Conflict, "error.denied")
		})
		refused(t, err, fault.Conflict, "error.denied")
		equal(t, d.count(t, `SELECT COUNT(*) FROM tickets`), 0)
		equal(t, d.count(t, `SELECT COUNT(*) FROM events`), before)
		equal(t, len(d.heard()), 0)
	})
}

func TestEveryChangeIsToldOnceInTheOrderOfTheTicket(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		r := d.hears(t, "a", "你好")
		d.hears(t, "a", "你好")
		d.replies(t, d.wang, r.Ticket.ID, "您好")
		d.status(t, r.Ticket.ID, tickets.StatusSolved)
		var got []string
		pos := int64(0)
		for _, c := range d.heard() {
			line := string(c.Type)
			for _, e := range c.Events {
				line += " " + string(e.Type)
				if pos++; *e.Pos != pos {
					t.Errorf("event %s has pos %d, want %d", e.Type, *e.Pos, pos)
				}
			}
			if c.Message != nil {
				line += " " + c.Message.Body
			}
			got = append(got, line)
		}
		lines(t, got, "message ticket.created message.created 你好", "message message.created ticket.assigned 您好", "ticket ticket.status")
	})
}

// count runs a query of one number.
func (d *desk) count(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	ok(t, d.store.Read(bg).Raw(query, args...).Scan(&n).Error)
	return n
}
