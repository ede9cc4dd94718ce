package tickets_test

import (
	"fmt"
	"slices"
	"testing"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// fits is the filter's rule without a database.
func fits(f tickets.Filter, t *tickets.Ticket) bool {
	return (len(f.Statuses) == 0 || slices.Contains(f.Statuses, t.Status)) && (f.Contact == 0 || f.Contact == t.ContactID) &&
		(f.Inbox == 0 || f.Inbox == t.InboxID) && (f.Tag == "" || slices.Contains(t.Tags, f.Tag)) &&
		(f.Assignee == 0 || (t.AssigneeID != nil && *t.AssigneeID == f.Assignee)) && (!f.Unassigned || t.AssigneeID == nil)
}

func TestAFilterGivesEveryTicketOnceInItsOrder(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		api := d.inbox(t, tickets.ChannelAPI)
		people := []*tickets.Contact{d.li, d.contact(t, "韩梅"), d.contact(t, "王五")}
		for i := range 23 {
			got, err := d.Receive(bg, tickets.Inbound{InboxID: api.ID, ContactID: people[i%3].ID, Body: fmt.Sprint("text ", i)})
			ok(t, err)
			if i%2 == 0 {
				_, err = d.SetTags(bg, d.wang, got.Ticket.ID, []string{"refund"})
				ok(t, err)
			}
			if i%4 == 1 {
				_, err = d.Assign(bg, d.wang, got.Ticket.ID, new(d.zhao.ID))
				ok(t, err)
			}
			if i%5 == 0 {
				_, err = d.SetStatus(bg, d.wang, got.Ticket.ID, tickets.StatusSolved)
				ok(t, err)
			}
		}
		all, err := d.Filter(bg, tickets.Filter{Limit: 200})
		ok(t, err)
		equal(t, len(all.Items), 23)
		for name, f := range map[string]tickets.Filter{
			"all": {}, "status": {Statuses: []tickets.Status{tickets.StatusSolved}}, "two": {Statuses: []tickets.Status{tickets.StatusSolved, tickets.StatusNew}},
			"two and nobody": {Statuses: []tickets.Status{tickets.StatusSolved, tickets.StatusNew, tickets.StatusSolved}, Unassigned: true},
			"two and inbox":  {Statuses: []tickets.Status{tickets.StatusSolved, tickets.StatusNew}, Inbox: api.ID},
			"tag":            {Tag: "refund"}, "contact": {Contact: people[1].ID}, "inbox": {Inbox: api.ID}, "other inbox": {Inbox: d.chat.ID},
			"assignee": {Assignee: d.zhao.ID}, "nobody": {Unassigned: true}, "tag and contact": {Tag: "refund", Contact: d.li.ID},
			"many": {Tag: "refund", Statuses: []tickets.Status{tickets.StatusNew}, Inbox: api.ID, Unassigned: true}, "no such tag": {Tag: "none"},
		} {
			for _, sort := range []tickets.FilterSort{"", tickets.SortOldest, tickets.SortLastMessage} {
				var want, got []id.ID
				for i := range all.Items {
					if fits(f, &all.Items[i].Ticket) {
						want = append(want, all.Items[i].ID)
					}
				}
				if sort == tickets.SortOldest {
					slices.Reverse(want)
				}
				f.Sort, f.Limit, f.Cursor = sort, 3, ""
				for range 30 {
					page, err := d.Filter(bg, f)
					ok(t, err)
					for i := range page.Items {
						got = append(got, page.Items[i].ID)
					}
					if f.Cursor = page.Next; f.Cursor == "" {
						break
					}
				}
				if sort == tickets.SortLastMessage {
					slices.Sort(want)
					slices.Sort(got)
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s %s: got %v, want %v", name, sort, got, want)
				}
			}
		}
	})
}

func TestACursorOfAnotherFilterIsRefused(t *testing.T) {
	d := onSQLite(t)
	api := d.inbox(t, tickets.ChannelAPI)
	for range 3 {
		_, err := d.Receive(bg, tickets.Inbound{InboxID: api.ID, ContactID: d.li.ID, Body: "x"})
		ok(t, err)
	}
	page, err := d.Filter(bg, tickets.Filter{Limit: 1})
	ok(t, err)
	for name, f := range map[string]tickets.Filter{
		"another": {Inbox: api.ID, Cursor: page.Next}, "none": {Cursor: "x"}, "with a search": {Query: "1", Cursor: page.Next},
		"an order": {Sort: "number"}, "a status": {Statuses: []tickets.Status{"gone"}},
	} {
		if _, err := d.Filter(bg, f); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
