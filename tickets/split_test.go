package tickets_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func (d *desk) split(ticket id.ID, from int64) (t *tickets.Ticket, err error) {
	plan, err := d.PlanSplit(bg, d.wang, ticket, from)
	if err != nil {
		return nil, err
	}
	err = d.store.Write(bg, func(tx *gorm.DB) error {
		t, err = d.SplitTx(tx, d.wang, plan)
		return err
	})
	return t, err
}

func (d *desk) note(t testing.TB, ticket id.ID, body string) id.ID {
	t.Helper()
	p, err := d.Post(bg, d.wang, tickets.Outgoing{TicketID: ticket, Kind: tickets.KindNote, Body: body})
	ok(t, err)
	return p.Message.ID
}

func (d *desk) writesAgain(t testing.TB, ticket, contact id.ID, body string, files ...id.ID) tickets.Received {
	t.Helper()
	r, err := d.Receive(bg, tickets.Inbound{InboxID: d.mail(t), ContactID: contact, TicketID: ticket, Joins: contact != d.li.ID, Body: body, Attachments: files})
	ok(t, err)
	return r
}

func TestASplitTakesAllThatWasSaidFromAPlaceOnAndLeavesThePlacesEmpty(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		first := d.mails(t, d.li.ID, "杯子碎了").Ticket.ID
		d.replies(t, d.wang, first, "给您补发")
		file := d.upload(t, tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}, 0, "发票.pdf")
		second := d.writesAgain(t, first, d.li.ID, "还有发票的事", file)
		note := d.note(t, first, "查一下税号")
		reply := d.replies(t, d.wang, first, "开好了").Message
		d.advance(time.Hour)
		d.heard()
		got, err := d.split(first, second.Message.Pos)
		ok(t, err)
		equal(t, got.Subject, "主题")
		equal(t, *got.PreviousID, first)
		equal(t, got.ContactID, d.li.ID)
		equal(t, got.Status, tickets.StatusPending)
		equal(t, got.WaitingSince == nil, true)
		equal(t, got.Preview, "开好了")
		lines(t, d.timeline(t, got.ID), "1 ticket.created", "2 message.created contact/1 还有发票的事", "3 message.moved",
			"4 message.created note/- 查一下税号", "5 message.moved", "6 message.created reply/2 开好了", "7 ticket.status", "8 message.moved")
		copied := d.message(t, d.lastMessage(t, got.ID))
		equal(t, *copied.CopiedFrom, reply.ID)
		equal(t, copied.CreatedAt, reply.CreatedAt)
		equal(t, copied.AuthorID, d.wang.ID)
		equal(t, *d.message(t, note).MovedTo, got.ID)
		equal(t, d.message(t, reply.ID).Body, "")
		equal(t, *d.message(t, reply.ID).Seq, 4) // the numbers stay
		source := d.ticket(t, first)
		equal(t, source.Status, tickets.StatusPending)
		equal(t, source.Preview, "给您补发")
		equal(t, source.LastSeq, 4)
		var said []string
		for _, c := range d.heard() {
			if c.Message != nil {
				said = append(said, string(c.Type)+" "+c.Message.Body)
			}
		}
		lines(t, said, "state ", "message 还有发票的事", "state ", "message 查一下税号", "state ", "message 开好了")
		d.check(t)
	})
}

func TestWhoseAnswerIsSplitOffWaitsAgain(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		first := d.mails(t, d.li.ID, "杯子碎了")
		reply := d.replies(t, d.wang, first.Ticket.ID, "这是别的事").Message
		equal(t, d.ticket(t, first.Ticket.ID).Status, tickets.StatusPending)
		got, err := d.split(first.Ticket.ID, reply.Pos)
		ok(t, err)
		source := d.ticket(t, first.Ticket.ID)
		equal(t, source.Status, tickets.StatusOpen)
		equal(t, *source.WaitingSince, first.Message.CreatedAt)
		equal(t, got.Status, tickets.StatusPending)
		d.check(t)
	})
}

func TestAGuestStaysAGuestInWhatIsSplitOffAndHerFilesAreCopied(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		mei := d.contact(t, "韩梅梅").ID
		first := d.mails(t, d.li.ID, "杯子碎了")
		file := d.upload(t, tickets.Actor{Kind: tickets.ActorContact, ID: mei}, 0, "梅.pdf")
		guest := d.writesAgain(t, first.Ticket.ID, mei, "我也是", file)
		got, err := d.split(first.Ticket.ID, guest.Message.Pos)
		ok(t, err)
		equal(t, got.ContactID, d.li.ID)
		equal(t, d.takePart(t, got.ID), "韩梅梅")
		m := d.message(t, d.lastMessage(t, got.ID))
		equal(t, *m.GuestID, mei)
		equal(t, len(m.Attachments), 1)
		equal(t, m.Attachments[0].KeyID, d.ticket(t, got.ID).KeyID)
		equal(t, *d.ticket(t, first.Ticket.ID).WaitingSince, first.Message.CreatedAt)
		d.check(t)
	})
}

func TestASplitIsDoneWholeOnceOrNotAtAll(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		first := d.mails(t, d.li.ID, "一").Ticket.ID
		second := d.writesAgain(t, first, d.li.ID, "二")
		held := d.holds(t, d.wang, first, "稍等")
		_, err := d.split(first, 99)
		refused(t, err, fault.Invalid, "error.split.nothing")
		_, err = d.PlanSplit(bg, tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}, first, 1)
		refused(t, err, fault.Denied, "error.denied")
		_, err = d.split(17, 1)
		refused(t, err, fault.NotFound, "error.ticket.not_found")
		plan, err := d.PlanSplit(bg, d.wang, first, second.Message.Pos)
		ok(t, err)
		d.note(t, first, "刚写的") // what comes in between is not torn from it
		err = d.store.Write(bg, func(tx *gorm.DB) error { _, err := d.SplitTx(tx, d.wang, plan); return err })
		refused(t, err, fault.Conflict, "error.split.changed")
		var done []id.ID
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				got, err := d.split(first, second.Message.Pos)
				switch {
				case err == nil:
					mu.Lock()
					done = append(done, got.ID)
					mu.Unlock()
				case !fault.Is(err, fault.Invalid): // nothing is left
					t.Errorf("split: %v", err)
				}
			})
		}
		wg.Wait()
		equal(t, len(done), 1)
		equal(t, d.message(t, held).State, tickets.StateHeld) // nobody has seen it yet
		for range tickets.SplitMost + 1 {
			d.note(t, first, strings.Repeat("多", 3))
		}
		_, err = d.split(first, 1)
		refused(t, err, fault.Invalid, "error.split.too_many")
		chat := d.hears(t, "", "在吗")
		_, err = d.split(chat.Ticket.ID, 1)
		refused(t, err, fault.Conflict, "error.ticket.other_open")
		d.check(t)
	})
}
