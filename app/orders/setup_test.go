package orders_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/blob"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/orders"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// desk is a domain with orders on a real database; its clock is the test's.
type desk struct {
	t       testing.TB
	db      *db.DB
	at      time.Time
	tickets *tickets.Service
	sealer  *seal.Sealer
	orders  *orders.Service
	agent   tickets.Actor
	inbox   id.ID
	queued  []orders.Import
	blobs   blob.Folder
}

func newDesk(t testing.TB, base *db.DB) *desk {
	t.Helper()
	d := &desk{t: t, db: base, at: time.Now().Truncate(time.Second)}
	ids := id.NewMaker(0, time.Now)
	store := tickets.Store{Write: base.Write, Read: base.Read, After: db.After}
	var err error
	d.sealer, err = seal.Open(t.Context(), seal.Options{
		DB: seal.Store{Write: base.Write, Read: base.Read}, RingPath: filepath.Join(t.TempDir(), "ring.json"), Now: time.Now, NewID: ids.Next,
	})
	must(t, err)
	now := func() time.Time { return d.at }
	d.tickets = tickets.New(tickets.Options{Store: store, Sealer: d.sealer, IDs: ids, Now: now, Merged: orders.Merged})
	d.blobs = blob.Folder{Dir: t.TempDir()}
	d.orders = orders.New(orders.Options{
		Store: store, Tickets: d.tickets, Sealer: d.sealer, IDs: ids, Now: now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Files: d.blobs,
		Queue: func(_ *gorm.DB, job orders.Import) error { d.queued = append(d.queued, job); return nil },
	})
	a, err := d.tickets.CreateAgent(t.Context(), tickets.NewAgent{Name: "Lin", Email: "lin@example.com", Role: tickets.RoleAdmin})
	must(t, err)
	d.agent = tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: a.Role}
	box, err := d.tickets.CreateInbox(t.Context(), tickets.NewInbox{Channel: tickets.ChannelChat, Name: "shop"})
	must(t, err)
	d.inbox = box.ID
	return d
}

// each runs a test on both databases.
func each(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		t.Parallel()
		fn(t, newDesk(t, base))
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (d *desk) put(number string, draft orders.Draft) (*orders.Order, orders.Outcome) {
	d.t.Helper()
	o, out, err := d.orders.Put(d.t.Context(), number, &draft, orders.PutOptions{})
	must(d.t, err)
	return o, out
}

// ticket is a chat about an order.
func (d *desk) ticket(contact id.ID, order string) id.ID {
	d.t.Helper()
	got, err := d.tickets.Receive(d.t.Context(), tickets.Inbound{
		InboxID: d.inbox, ContactID: contact, Body: "where is it?", SourceID: order + "-1", Order: order, OrderVerified: true,
	})
	must(d.t, err)
	return got.Ticket.ID
}

func (d *desk) contact(shopID string) id.ID {
	d.t.Helper()
	c, err := d.tickets.CreateContact(d.t.Context(), tickets.NewContact{Name: "Mei", Identities: []tickets.NewIdentity{{Kind: tickets.IdentityShop, Value: shopID, Verified: true}}})
	must(d.t, err)
	return c.ID
}

// count counts rows.
func (d *desk) count(query string, args ...any) (n int64) {
	d.t.Helper()
	must(d.t, d.db.Read(context.Background()).Raw(query, args...).Row().Scan(&n))
	return n
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
