package tickets_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// fill makes tickets of 12 shoppers: the first four are nobody's, four are Wang's, four are Zhao's.
func (d *desk) fill(t *testing.T) (all []id.ID) {
	t.Helper()
	for i := range 12 {
		ticket := d.hearsFrom(t, d.contact(t, fmt.Sprint("顾客", i)).ID, "", fmt.Sprint("问题", i)).Ticket.ID
		all = append(all, ticket)
		if i >= 4 {
			to := []id.ID{d.wang.ID, d.zhao.ID}[i/4-1]
			_, err := d.Assign(bg, d.wang, ticket, &to)
			ok(t, err)
		}
		d.advance(time.Second)
	}
	return all
}

func (d *desk) walk(t *testing.T, list tickets.ListName) (names []string) {
	t.Helper()
	rows, err := d.listAll(list, d.wang.ID, 3)
	ok(t, err)
	for _, row := range rows {
		names = append(names, row.ContactName)
	}
	return names
}

func TestEachListHasItsTicketsInItsOrder(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		all := d.fill(t)
		lines(t, d.walk(t, tickets.ListUnassigned), "顾客0", "顾客1", "顾客2", "顾客3")
		lines(t, d.walk(t, tickets.ListMine), "顾客7", "顾客6", "顾客5", "顾客4")
		lines(t, d.walk(t, tickets.ListColleagues), "顾客11", "顾客10", "顾客9", "顾客8")
		equal(t, len(d.walk(t, tickets.ListAll)), 12)

		// Who waits no longer goes behind those who do, the newest first.
		for i := range 2 {
			got := d.replies(t, d.wang, all[i], "您好").Ticket
			_, err := d.Assign(bg, d.wang, got.ID, nil)
			ok(t, err)
		}
		lines(t, d.walk(t, tickets.ListUnassigned), "顾客2", "顾客3", "顾客1", "顾客0")
		// A new message brings a ticket up.
		d.hearsFrom(t, d.ticket(t, all[5]).ContactID, "", "还在吗")
		lines(t, d.walk(t, tickets.ListMine), "顾客5", "顾客7", "顾客6", "顾客4")
		// A solved one stays in all only.
		d.status(t, all[7], tickets.StatusSolved)
		lines(t, d.walk(t, tickets.ListMine), "顾客5", "顾客6", "顾客4")
		equal(t, len(d.walk(t, tickets.ListAll)), 12)
		d.checkCounts(t)
	})
}

func TestEveryPageSizeGivesTheWholeList(t *testing.T) {
	d := onSQLite(t)
	all := d.fill(t)
	for i := range 2 { // both parts of the unassigned list
		d.replies(t, d.wang, all[i], "您好")
		_, err := d.Assign(bg, d.wang, all[i], nil)
		ok(t, err)
	}
	for list, want := range map[tickets.ListName]int{tickets.ListUnassigned: 4, tickets.ListAll: 12} {
		whole, err := d.listAll(list, d.wang.ID, 200)
		ok(t, err)
		equal(t, len(whole), want)
		for limit := 1; limit <= 13; limit++ {
			got, err := d.listAll(list, d.wang.ID, limit)
			ok(t, err)
			if !slices.EqualFunc(got, whole, func(a, b tickets.TicketRow) bool { return a.ID == b.ID }) {
				t.Errorf("list %s in pages of %d differs", list, limit)
			}
		}
	}
}

func TestARowHasWhatTheListShows(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "退款\n三天了").Ticket.ID
		yes := true
		_, err := d.UpdateContact(bg, d.wang, d.li.ID, tickets.ContactChange{VIP: &yes})
		ok(t, err)
		_, err = d.Assign(bg, d.wang, ticket, &d.zhao.ID)
		ok(t, err)
		_, err = d.SetTags(bg, d.wang, ticket, []string{"退款"})
		ok(t, err)
		d.hearsFrom(t, d.contact(t, "").ID, "", "你好")
		page, err := d.List(bg, tickets.ListQuery{List: tickets.ListColleagues, Agent: d.wang.ID})
		ok(t, err)
		equal(t, len(page.Items), 1)
		row := page.Items[0]
		equal(t, row.ContactName, "李雷")
		equal(t, row.AssigneeName, "赵磊")
		equal(t, row.Preview, "退款 三天了")
		equal(t, row.VIP, true)
		equal(t, strings.Join(row.Tags, ","), "退款")
		page, err = d.List(bg, tickets.ListQuery{List: tickets.ListUnassigned})
		ok(t, err)
		equal(t, page.Items[0].ContactName, "")
		equal(t, page.Items[0].Visitor, tickets.VisitorCode(page.Items[0].ContactID))
	})
}

func TestACursorOfAnotherListOrOfNobodyIsRefused(t *testing.T) {
	d := onSQLite(t)
	d.fill(t)
	page, err := d.List(bg, tickets.ListQuery{List: tickets.ListMine, Agent: d.wang.ID, Limit: 1})
	ok(t, err)
	for _, q := range []tickets.ListQuery{
		{List: tickets.ListAll, Cursor: page.Next}, {List: tickets.ListMine, Cursor: "x"}, {List: tickets.ListMine, Cursor: page.Next + "A"},
		{List: tickets.ListMine, Cursor: strings.Repeat("A", 1000)},
	} {
		_, err := d.List(bg, q)
		refused(t, err, fault.Invalid, "error.list.cursor")
	}
	_, err = d.List(bg, tickets.ListQuery{List: "everything"})
	refused(t, err, fault.Invalid, "error.list.name")
}

func TestTicketsAreFoundByWhatPeopleSay(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		li := d.contact(t, "李 小雷 Ray O'Neil",
			tickets.NewIdentity{Kind: tickets.IdentityEmail, Value: "Ray@Example.com", Verified: true},
			tickets.NewIdentity{Kind: tickets.IdentityPhone, Value: "138 0013 8000"})
		han := d.contact(t, "韩梅梅")
		r, err := d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: li.ID, Body: "你好", Order: "AB-20261120-9931"})
		ok(t, err)
		hers := r.Ticket
		d.hearsFrom(t, han.ID, "", "你好")
		d.hears(t, "", "你好") // 李雷

		number := fmt.Sprint(hers.Number)
		for _, query := range []string{
			number, "#" + number, " ＃" + number, "小雷", "ray", "RAY", "O'Neil", "ray 小雷", "ray@example.com", " RAY@example.COM ",
			"13800138000", "+86 138-0013-8000", "AB-20261120-9931", "ab-20261120-9931", "9931", "-9931", "0-9931",
		} {
			rows, err := d.Find(bg, query, 10)
			ok(t, err)
			if len(rows) != 1 || rows[0].ID != hers.ID {
				t.Errorf("%q finds %d tickets", query, len(rows))
			}
		}
		for _, query := range []string{
			"", " ", "#", "#x", "雷小", "ra", "example.com", "1380013", "1-9931", "931", "ray 梅梅", "999999", "99999999999999999999", "%", "_", "\xff",
			strings.Repeat("9", 300),
		} {
			rows, err := d.Find(bg, query, 10)
			ok(t, err)
			if len(rows) != 0 {
				t.Errorf("%q finds %d tickets", query, len(rows))
			}
		}
	})
}

func TestFindGivesTheSurestFirstAndEachTicketOnce(t *testing.T) {
	d := onSQLite(t)
	first := d.hears(t, "", "你好").Ticket
	// an order that ends in the first ticket's number
	r, err := d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: d.contact(t, "").ID, Body: "你好", Order: fmt.Sprintf("2026%d", first.Number)})
	ok(t, err)
	rows, err := d.Find(bg, fmt.Sprint(first.Number), 10)
	ok(t, err)
	equal(t, len(rows), 2)
	equal(t, rows[0].ID, first.ID)
	equal(t, rows[1].ID, r.Ticket.ID)

	box := d.inbox(t, tickets.ChannelAPI)
	for range 60 {
		_, err := d.Receive(bg, tickets.Inbound{InboxID: box.ID, ContactID: d.li.ID, Body: "你好"})
		ok(t, err)
	}
	rows, err = d.Find(bg, "李雷", 1000)
	ok(t, err)
	equal(t, len(rows), 50)
}

func TestANameIsFoundUnderTheContactThatLivesOn(t *testing.T) {
	d := onSQLite(t)
	visitor := d.contact(t, "小雷")
	ticket := d.hearsFrom(t, visitor.ID, "", "你好").Ticket.ID
	d.write(t, func(tx *gorm.DB) error { return d.MergeContactTx(tx, visitor.ID, d.li.ID) })
	for _, name := range []string{"小雷", "李雷"} {
		rows, err := d.Find(bg, name, 10)
		ok(t, err)
		if len(rows) != 1 || rows[0].ID != ticket || rows[0].ContactName != "李雷" {
			t.Errorf("%s finds %+v", name, rows)
		}
	}
	renamed := "王小明"
	_, err := d.UpdateContact(bg, d.wang, d.li.ID, tickets.ContactChange{Name: &renamed})
	ok(t, err)
	for name, want := range map[string]int{"李雷": 0, "小明": 1, "王小明": 1, "王小": 1} {
		rows, err := d.Find(bg, name, 10)
		ok(t, err)
		if len(rows) != want {
			t.Errorf("%s finds %d tickets, want %d", name, len(rows), want)
		}
	}
}

func TestThePlaceInTheQueueCountsWhoWaitsLonger(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		all := d.fill(t)
		place := func(i int) (int, bool) {
			t.Helper()
			ahead, waits, err := d.QueueAhead(bg, d.ticket(t, all[i]))
			ok(t, err)
			return ahead, waits
		}
		for i := range 4 {
			ahead, waits := place(i)
			equal(t, waits, true)
			equal(t, ahead, i)
		}
		if _, waits := place(4); waits {
			t.Errorf("an assigned ticket waits to be taken up")
		}
		until := d.millis() + 60_000
		_, err := d.Snooze(bg, d.wang, all[0], &until)
		ok(t, err)
		if _, waits := place(0); waits {
			t.Errorf("a snoozed ticket waits to be taken up")
		}
		d.replies(t, d.wang, all[1], "您好")
		ahead, _ := place(3)
		equal(t, ahead, 1)
	})
}

func TestHeadsTellHowFarTicketsGo(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		all := d.fill(t)
		d.replies(t, d.wang, all[0], "您好")
		heads, err := d.Heads(bg, all[:2])
		ok(t, err)
		equal(t, len(heads), 2)
		for _, h := range heads {
			got := d.ticket(t, h.Ticket)
			equal(t, h, tickets.Head{Ticket: got.ID, Contact: got.ContactID, Inbox: got.InboxID, LastSeq: got.LastSeq, LastPos: got.LastPos})
			heads, err := d.ContactHeads(bg, []id.ID{got.ContactID})
			ok(t, err)
			equal(t, len(heads), 1)
			equal(t, heads[0], h)
		}
		none, err := d.Heads(bg, nil)
		ok(t, err)
		equal(t, len(none), 0)
	})
}
