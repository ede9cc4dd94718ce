package mailin_test

import (
	"fmt"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/mailin"
	"huiyin/mailin/eml"
	"huiyin/tickets"
)

func TestAHeldReplyLeavesWhenItIsReleasedAndNotWhenItIsUndone(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := d.post(nil)
		ticket := d.asked()
		held := func(a mailin.Answer) *tickets.Message {
			t.Helper()
			p, err := d.tickets.Post(bg, d.agent, tickets.Outgoing{TicketID: ticket.ID, Kind: tickets.KindReply, Body: "One moment.", Hold: 10 * time.Second,
				Also: func(tx *gorm.DB, p tickets.Posted) error {
					if len(a.To) == 0 {
						return nil
					}
					return d.ChooseTx(tx, p, a)
				}})
			must(t, err)
			return p.Message
		}
		undone := held(mailin.Answer{To: []eml.Address{{Address: "li@home.test"}}})
		_, err := d.tickets.UndoHeld(bg, d.agent, undone.ID)
		must(t, err)
		d.later(time.Minute)
		d.drain()
		chosen := held(mailin.Answer{To: []eml.Address{{Address: "only@home.test"}}})
		d.drain()
		if n := len(server.Mails()); n != 0 {
			t.Errorf("%d mails left while the reply was held", n)
		}
		plain := held(mailin.Answer{})
		d.put([]byte("Message-ID: <g1@courier.test>\r\nFrom: Zhao <zhao@courier.test>\r\nTo: " + d.AnswerAddress(ticket.ID) + "\r\nSubject: parcel\r\n\r\nI write meanwhile.\r\n"))
		for _, m := range []*tickets.Message{chosen, plain} {
			_, err := d.tickets.ReleaseNow(bg, d.agent, m.ID)
			must(t, err)
		}
		d.drain()
		mails := server.Wait(2)
		got(t, "to", fmt.Sprint(mails[0].To, mails[1].To), "[only@home.test] [li@home.test]")
		got(t, "answers", mails[1].Header.Get("In-Reply-To"), "<q1@home.test>")
	})
}
