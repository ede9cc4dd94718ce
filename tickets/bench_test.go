package tickets_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"huiyin/app/db/dbtest"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// BenchmarkReceive is the hot path: messages into known tickets, from 100 goroutines that each wait for the commit.
func BenchmarkReceive(b *testing.B) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		b.Run(dialect, func(b *testing.B) {
			d := newDesk(b, dbtest.Open(b, dialect))
			shoppers := make([]id.ID, 200)
			for i := range shoppers {
				shoppers[i] = d.contact(b, fmt.Sprint("顾客", i)).ID
				d.hearsFrom(b, shoppers[i], "", "你好")
			}
			var n atomic.Int64
			b.SetParallelism(50) // times GOMAXPROCS
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := n.Add(1)
					_, err := d.Receive(bg, tickets.Inbound{
						InboxID: d.chat.ID, ContactID: shoppers[i%200], SourceID: fmt.Sprintf("%032x", i), Body: "退款三天了还没到账,你们到底什么时候退?",
						Page: tickets.Page{URL: "https://shop.example/orders/20261120-31", Title: "我的订单"},
					})
					if err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

// BenchmarkConversation is a chat as it goes: the shopper writes, the agent answers, each message moving the status.
func BenchmarkConversation(b *testing.B) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		b.Run(dialect, func(b *testing.B) {
			d := newDesk(b, dbtest.Open(b, dialect))
			var conversations atomic.Int64
			b.SetParallelism(50)
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				n := conversations.Add(1)
				shopper := d.contact(b, fmt.Sprint("顾客", n)).ID
				ticket := d.hearsFrom(b, shopper, "", "你好").Ticket
				for i := 0; pb.Next(); i++ {
					var err error
					if i%2 == 0 {
						seen := ticket.LastPos
						var p tickets.Posted
						p, err = d.Post(bg, d.wang, tickets.Outgoing{TicketID: ticket.ID, Kind: tickets.KindReply, ClientID: fmt.Sprintf("%016x%016x", n, i), Body: "您好,我看一下。", Seen: &seen})
						ticket = p.Ticket
					} else {
						var r tickets.Received
						r, err = d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: shopper, SourceID: fmt.Sprintf("%032x", i), Body: "退款三天了还没到账"})
						ticket = r.Ticket
					}
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

// BenchmarkLists shows that lists, counts and searches do not grow with the desk.
func BenchmarkLists(b *testing.B) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		for _, size := range []int{1_000, 100_000} {
			d := newDesk(b, dbtest.Open(b, dialect))
			cursor := d.grow(b, size)
			for name, read := range map[string]func() error{
				"unassigned": func() error { return second(d.List(bg, tickets.ListQuery{List: tickets.ListUnassigned})) },
				"mine":       func() error { return second(d.List(bg, tickets.ListQuery{List: tickets.ListMine, Agent: d.wang.ID})) },
				"colleagues": func() error {
					return second(d.List(bg, tickets.ListQuery{List: tickets.ListColleagues, Agent: d.wang.ID}))
				},
				"all": func() error { return second(d.List(bg, tickets.ListQuery{List: tickets.ListAll})) },
				"all, far in": func() error {
					return second(d.List(bg, tickets.ListQuery{List: tickets.ListAll, Cursor: cursor}))
				},
				"counts":        func() error { return second(d.Counts(bg, d.wang.ID)) },
				"find a number": func() error { return second(d.Find(bg, "#1500", 10)) },
				"find a name":   func() error { return second(d.Find(bg, "小明500", 10)) },
			} {
				b.Run(fmt.Sprintf("%s/%d/%s", dialect, size, name), func(b *testing.B) {
					for b.Loop() {
						ok(b, read())
					}
				})
			}
		}
	}
}

// grow fills a desk with tickets of as many contacts, most of them solved, and gives a cursor into the middle.
func (d *desk) grow(b *testing.B, size int) (cursor string) {
	b.Helper()
	var wg sync.WaitGroup
	for w := range 100 {
		wg.Go(func() {
			for i := w; i < size; i += 100 {
				ticket := d.hearsFrom(b, d.contact(b, fmt.Sprint("小明", i)).ID, "", "退款三天了还没到账").Ticket.ID
				switch {
				case i%50 == 0:
				case i%50 < 3:
					_, err := d.Assign(bg, d.wang, ticket, &[]tickets.Actor{d.wang, d.zhao}[i%2].ID)
					ok(b, err)
				default:
					d.status(b, ticket, tickets.StatusSolved)
				}
			}
		})
	}
	wg.Wait()
	q := tickets.ListQuery{List: tickets.ListAll, Limit: 200}
	for range size / 400 {
		page, err := d.List(bg, q)
		ok(b, err)
		q.Cursor = page.Next
	}
	return q.Cursor
}
