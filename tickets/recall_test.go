package tickets_test

import (
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

func TestARecalledMessageKeepsItsPlaceAndLosesItsBody(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.hears(t, "", "你好")
		r := d.hears(t, "a", "我的密码是 123")
		her := tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}
		m, err := d.Recall(bg, her, r.Ticket.ID, 2)
		ok(t, err)
		equal(t, m.State, tickets.StateRecalled)
		equal(t, m.Body, "")
		equal(t, *m.Seq, 2)
		equal(t, d.count(t, `SELECT COUNT(*) FROM messages WHERE body IS NULL`), 1)
		equal(t, d.ticket(t, r.Ticket.ID).Preview, "你好")
		lines(t, d.timeline(t, r.Ticket.ID)[2:], "3 message.created contact/2 recalled", "4 message.recalled")

		_, err = d.Recall(bg, her, r.Ticket.ID, 2) // again
		ok(t, err)
		equal(t, d.ticket(t, r.Ticket.ID).LastPos, 4)
		equal(t, d.hears(t, "a", "我的密码是 123").Duplicate, true) // a resend does not bring it back
		changed, err := d.ChangedSince(bg, r.Ticket.ID, 2)
		ok(t, err)
		equal(t, len(changed), 1)
		equal(t, *changed[0].Seq, 2)
		changed, err = d.ChangedSince(bg, r.Ticket.ID, 1)
		ok(t, err)
		equal(t, len(changed), 0)
		last := d.heard()
		equal(t, last[len(last)-1].Type, tickets.ChangeState)
	})
}

func TestRecallingTheOnlyMessageEmptiesThePreview(t *testing.T) {
	d := onSQLite(t)
	r := d.hears(t, "", "你好")
	_, err := d.Recall(bg, tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}, r.Ticket.ID, 1)
	ok(t, err)
	equal(t, d.ticket(t, r.Ticket.ID).Preview, "")
	next := d.hears(t, "", "打错了")
	equal(t, *next.Message.Seq, 2)
}

func TestOnlyTheAuthorRecallsAndOnlyForTwoMinutes(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		d.replies(t, d.wang, ticket, "您好")
		her := tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}
		recall := func(a tickets.Actor, seq int64) error {
			_, err := d.Recall(bg, a, ticket, seq)
			return err
		}
		refused(t, recall(her, 2), fault.Denied, "error.denied")
		refused(t, recall(d.wang, 1), fault.Denied, "error.denied")
		refused(t, recall(d.zhao, 2), fault.Denied, "error.denied")
		refused(t, recall(tickets.Actor{Kind: tickets.ActorSystem}, 1), fault.Denied, "error.denied")
		refused(t, recall(her, 3), fault.NotFound, "error.message.not_found")
		stranger := tickets.Actor{Kind: tickets.ActorContact, ID: d.contact(t, "韩梅梅").ID}
		refused(t, recall(stranger, 1), fault.NotFound, "error.ticket.not_found") // she learns nothing
		refused(t, recall(tickets.Actor{Kind: tickets.ActorContact, ID: 17}, 1), fault.NotFound, "error.ticket.not_found")
		refused(t, recall(tickets.Actor{Kind: tickets.ActorAgent, ID: 17}, 2), fault.Denied, "error.denied")
		d.advance(tickets.RecallWindow - 10*time.Second)
		ok(t, recall(d.wang, 2))
		d.advance(11 * time.Second)
		refused(t, recall(her, 1), fault.Conflict, "error.message.recall_late")
	})
}

func TestWhoSignedInRecallsWhatSheWroteBefore(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		visitor := d.contact(t, "")
		r := d.hearsFrom(t, visitor.ID, "", "你好")
		d.write(t, func(tx *gorm.DB) error { return d.MergeContactTx(tx, visitor.ID, d.li.ID) })
		_, err := d.Recall(bg, tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}, r.Ticket.ID, 1)
		ok(t, err)
	})
}

func TestReadMarksOnlyGrowAndEndAtTheNewestMessage(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		for range 3 {
			d.replies(t, d.wang, ticket, "您好")
		}
		her := tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}
		mark := func(a tickets.Actor, seq int64) *tickets.Ticket {
			t.Helper()
			ok(t, d.MarkRead(bg, a, ticket, seq))
			return d.ticket(t, ticket)
		}
		d.heard()
		equal(t, mark(her, 2).ContactRead, 2)
		equal(t, mark(her, 1).ContactRead, 2)
		equal(t, mark(her, 99).ContactRead, 4)
		equal(t, len(d.heard()), 2) // what tells nothing new is not told
		d.hears(t, "", "谢谢")
		equal(t, mark(d.zhao, 5).AgentRead, 5)
		equal(t, d.ticket(t, ticket).ContactRead, 4)
		equal(t, d.ticket(t, ticket).LastPos, 7) // six places and the assignment: marks are no events

		refused(t, d.MarkRead(bg, her, ticket, -1), fault.Invalid, "error.message.seq")
		refused(t, d.MarkRead(bg, her, 17, 1), fault.NotFound, "error.ticket.not_found")
		stranger := tickets.Actor{Kind: tickets.ActorContact, ID: d.contact(t, "").ID}
		refused(t, d.MarkRead(bg, stranger, ticket, 1), fault.NotFound, "error.ticket.not_found")
		refused(t, d.MarkRead(bg, tickets.Actor{Kind: tickets.ActorAgent, ID: 17}, ticket, 9), fault.Denied, "error.denied")
	})
}
