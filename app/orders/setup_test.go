package orders_test

import (
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/blob"
	"huiyin/app/db"
	"huiyin/app/desktest"
	"huiyin/app/orders"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// desk is a domain with orders on a real database; its clock is the test's.
type desk struct {
	*desktest.Desk
	orders *orders.Service
	agent  tickets.Actor
	inbox  id.ID
	queued []orders.Import
	blobs  blob.Folder
}

func newDesk(t testing.TB, base *db.DB) *desk {
	t.Helper()
	d := &desk{Desk: desktest.New(t, base, time.Now().Truncate(time.Second), orders.Merged), blobs: blob.Folder{Dir: t.TempDir()}}
	d.orders = orders.New(orders.Options{
		Store: d.Store, Tickets: d.Tickets, Sealer: d.Sealer, IDs: d.IDs, Now: d.Now, Log: d.Log, Files: d.blobs,
		Queue: func(_ *gorm.DB, job orders.Import) error { d.queued = append(d.queued, job); return nil },
	})
	d.agent, d.inbox = d.Agent("Lin", tickets.RoleAdmin), d.Inbox(tickets.ChannelChat)
	return d
}

// each runs a test on both databases.
func each(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	desktest.Each(t, newDesk, fn)
}

var must = desktest.Must

func (d *desk) put(number string, draft orders.Draft) (*orders.Order, orders.Outcome) {
	d.T.Helper()
	o, out, err := d.orders.Put(d.T.Context(), number, &draft, orders.PutOptions{})
	must(d.T, err)
	return o, out
}

// ticket is a chat about an order.
func (d *desk) ticket(contact id.ID, order string) id.ID {
	d.T.Helper()
	got, err := d.Tickets.Receive(d.T.Context(), tickets.Inbound{
		InboxID: d.inbox, ContactID: contact, Body: "where is it?", SourceID: order + "-1", Order: order, OrderVerified: true,
	})
	must(d.T, err)
	return got.Ticket.ID
}

func (d *desk) contact(shopID string) id.ID {
	d.T.Helper()
	c, err := d.Tickets.CreateContact(d.T.Context(), tickets.NewContact{Name: "Mei", Identities: []tickets.NewIdentity{{Kind: tickets.IdentityShop, Value: shopID, Verified: true}}})
	must(d.T, err)
	return c.ID
}

// fields gives the wrong fields of an error as name:code.
func fields(err error) map[string]string {
	out := map[string]string{}
	if e := fault.As(err); e != nil {
		for _, f := range e.Fields {
			out[f.Name] = f.Code
		}
	}
	return out
}
