package tickets_test

import (
	"fmt"
	"sync"
	"testing"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func TestManyFirstMessagesAtOnceEndInOneTicket(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		const people, senders = 5, 8
		other := d.service()
		var wg sync.WaitGroup
		for p := range people {
			contact := d.contact(t, "").ID
			for n := range senders {
				s := d.Service
				if n%2 == 0 {
					s = other
				}
				wg.Go(func() {
					_, err := s.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: contact, SourceID: fmt.Sprint(p, n), Body: "你好"})
					if err != nil {
						t.Errorf("receive: %v", err)
					}
				})
			}
		}
		wg.Wait()
		equal(t, d.count(t, `SELECT COUNT(*) FROM tickets`), people)
		equal(t, d.count(t, `SELECT COUNT(*) FROM tickets WHERE last_seq = ?`, senders), people)
		d.check(t)
	})
}

func TestTheSameMessageSentManyTimesAtOnceIsStoredOnce(t *testing.T) {
	for _, channel := range []tickets.Channel{tickets.ChannelChat, tickets.ChannelAPI} {
		t.Run(string(channel), func(t *testing.T) {
			each(t, func(t *testing.T, d *desk) {
				box := d.inbox(t, channel)
				var wg sync.WaitGroup
				var mu sync.Mutex
				answers := map[id.ID]int{}
				fresh := 0
				for range 8 {
					wg.Go(func() {
						r, err := d.Receive(bg, tickets.Inbound{InboxID: box.ID, ContactID: d.li.ID, SourceID: "a", Body: "你好"})
						if err != nil {
							t.Errorf("receive: %v", err)
							return
						}
						mu.Lock()
						defer mu.Unlock()
						answers[r.Message.ID]++
						if !r.Duplicate {
							fresh++
						}
					})
				}
				wg.Wait()
				equal(t, len(answers), 1)
				equal(t, fresh, 1)
				equal(t, d.count(t, `SELECT COUNT(*) FROM tickets`), 1)
				d.check(t)
			})
		})
	}
}

func TestMessagesToASolvedTicketAtOnceReopenItOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		r := d.hears(t, "", "你好")
		d.status(t, r.Ticket.ID, tickets.StatusSolved)
		var wg sync.WaitGroup
		var mu sync.Mutex
		reopened := 0
		for range 6 {
			wg.Go(func() {
				got, err := d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: d.li.ID, Body: "在吗"})
				if err != nil || got.Ticket.ID != r.Ticket.ID {
					t.Errorf("got %+v, %v", got, err)
				}
				mu.Lock()
				defer mu.Unlock()
				if got.Reopened {
					reopened++
				}
			})
		}
		wg.Wait()
		equal(t, reopened, 1)
		d.check(t)
	})
}

func TestAMergeWhileTheVisitorWritesLosesNothing(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		visitor := d.contact(t, "")
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				if i == 6 {
					if err := d.store.Write(bg, func(tx *gorm.DB) error { return d.MergeContactTx(tx, visitor.ID, d.li.ID) }); err != nil {
						t.Errorf("merge: %v", err)
					}
					return
				}
				from := visitor.ID
				if i%3 == 0 {
					from = d.li.ID
				}
				if _, err := d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: from, SourceID: fmt.Sprint(i), Body: "你好"}); err != nil {
					t.Errorf("receive: %v", err)
				}
			})
		}
		wg.Wait()
		equal(t, d.count(t, `SELECT COUNT(*) FROM messages`), 11)
		equal(t, d.count(t, `SELECT COUNT(*) FROM tickets WHERE contact_id <> ?`, int64(d.li.ID)), 0)
		d.check(t)
	})
}

func TestReopeningByHandWhileAnotherChatBeginsLeavesOneOpen(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		for range 5 {
			contact := d.contact(t, "").ID
			old := d.hearsFrom(t, contact, "", "你好").Ticket.ID
			d.status(t, old, tickets.StatusSpam)
			var wg sync.WaitGroup
			wg.Go(func() {
				if _, err := d.SetStatus(bg, d.wang, old, tickets.StatusOpen); err != nil && !fault.Is(err, fault.Conflict) {
					t.Errorf("set status: %v", err)
				}
			})
			wg.Go(func() {
				if _, err := d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: contact, Body: "你好"}); err != nil {
					t.Errorf("receive: %v", err)
				}
			})
			wg.Wait()
		}
		d.check(t)
	})
}
