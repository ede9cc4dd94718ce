package tickets_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

var bg = context.Background()

// desk is the domain on a database of its own, with a chat inbox, a contact and two agents.
type desk struct {
	*tickets.Service
	db     *db.DB
	store  tickets.Store
	sealer *seal.Sealer
	ids    *id.Maker
	ahead  atomic.Int64 // how far the desk's clock runs before the real one

	chat *tickets.Inbox
	li   *tickets.Contact // the shopper
	wang tickets.Actor
	zhao tickets.Actor

	mu      sync.Mutex
	changes []tickets.Change
}

func (d *desk) now() time.Time          { return time.Now().Add(time.Duration(d.ahead.Load())) }
func (d *desk) advance(t time.Duration) { d.ahead.Add(int64(t)) }
func (d *desk) millis() int64           { return tickets.Millis(d.now()) }

// each runs fn on a desk of each dialect.
func each(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		t.Parallel()
		fn(t, newDesk(t, database))
	})
}

// onSQLite gives a desk for what is the same on both databases.
func onSQLite(t *testing.T) *desk {
	t.Helper()
	t.Parallel()
	return newDesk(t, dbtest.Open(t, db.SQLite))
}

func newDesk(t testing.TB, database *db.DB) *desk {
	t.Helper()
	return newDeskOn(t, database, tickets.Store{Write: database.Write, Read: database.Read, After: db.After})
}

func newDeskOn(t testing.TB, database *db.DB, store tickets.Store) *desk {
	t.Helper()
	d := &desk{db: database, store: store}
	d.ids = id.NewMaker(1, d.now)
	var err error
	d.sealer, err = seal.Open(bg, seal.Options{
		DB: seal.Store{Write: database.Write, Read: database.Read}, RingPath: filepath.Join(t.TempDir(), "keyring"), Now: d.now, NewID: d.ids.Next,
	})
	ok(t, err)
	d.Service = d.service()
	d.chat = d.inbox(t, tickets.ChannelChat)
	d.li = d.contact(t, "李雷")
	d.wang, d.zhao = d.agent(t, "wang@huiyin.test", "王芳"), d.agent(t, "zhao@huiyin.test", "赵磊")
	return d
}

// service is another process on the same data, as far as this package can tell.
func (d *desk) service() *tickets.Service {
	return tickets.New(tickets.Options{Store: d.store, Sealer: d.sealer, IDs: d.ids, Now: d.now, CopyFile: d.copyFile, Notify: func(c tickets.Change) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.changes = append(d.changes, c)
	}})
}

// copyFile notes a file once more, as app/files does; here files have no content.
func (d *desk) copyFile(ctx context.Context, a *tickets.Attachment, contact id.ID) (*tickets.Attachment, error) {
	p, err := d.Contact(ctx, contact)
	if err != nil {
		return nil, err
	}
	one := d.ids.Next()
	return d.AddAttachment(ctx, tickets.NewAttachment{
		ID: one, By: tickets.Actor{Kind: tickets.ActorContact, ID: *a.ContactID}, KeyID: p.KeyID, Name: a.Name, Type: a.Type, Size: a.Size, File: one.String(),
	})
}

// heard gives the changes told since the last call.
func (d *desk) heard() []tickets.Change {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := d.changes
	d.changes = nil
	return out
}

func (d *desk) inbox(t testing.TB, channel tickets.Channel) *tickets.Inbox {
	t.Helper()
	box, err := d.CreateInbox(bg, tickets.NewInbox{Channel: channel, Name: string(channel)})
	ok(t, err)
	return box
}

func (d *desk) contact(t testing.TB, name string, known ...tickets.NewIdentity) *tickets.Contact {
	t.Helper()
	c, err := d.CreateContact(bg, tickets.NewContact{Name: name, Locale: "zh-CN", Identities: known})
	ok(t, err)
	return c
}

func (d *desk) agent(t testing.TB, email, name string) tickets.Actor {
	t.Helper()
	a, err := d.CreateAgent(bg, tickets.NewAgent{Email: email, Name: name, Role: tickets.RoleAgent, PasswordHash: "$argon2id$"})
	ok(t, err)
	return tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: a.Role}
}

// hears lets the shopper write; source "" is never deduped.
func (d *desk) hears(t testing.TB, source, body string) tickets.Received {
	t.Helper()
	return d.hearsFrom(t, d.li.ID, source, body)
}

func (d *desk) hearsFrom(t testing.TB, contact id.ID, source, body string) tickets.Received {
	t.Helper()
	r, err := d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: contact, SourceID: source, Body: body})
	ok(t, err)
	return r
}

func (d *desk) replies(t testing.TB, by tickets.Actor, ticket id.ID, body string) tickets.Posted {
	t.Helper()
	p, err := d.Post(bg, by, tickets.Outgoing{TicketID: ticket, Kind: tickets.KindReply, Body: body})
	ok(t, err)
	return p
}

func (d *desk) ticket(t testing.TB, ticket id.ID) *tickets.Ticket {
	t.Helper()
	got, err := d.Ticket(bg, ticket)
	ok(t, err)
	return got
}

func (d *desk) status(t testing.TB, ticket id.ID, to tickets.Status) *tickets.Ticket {
	t.Helper()
	got, err := d.SetStatus(bg, d.wang, ticket, to)
	ok(t, err)
	return got
}

// write runs fn in a transaction.
func (d *desk) write(t testing.TB, fn func(tx *gorm.DB) error) {
	t.Helper()
	ok(t, d.store.Write(bg, fn))
}

// timeline gives all of a ticket, one line each: "1 ticket.created", "2 message.created contact/1 你好".
func (d *desk) timeline(t testing.TB, ticket id.ID) []string {
	t.Helper()
	var out []string
	for after := int64(0); ; {
		page, err := d.Timeline(bg, ticket, after, 0)
		ok(t, err)
		for _, e := range page {
			after = *e.Event.Pos
			line := fmt.Sprintf("%d %s", after, e.Event.Type)
			if m := e.Message; m != nil {
				seq := "-"
				if m.Seq != nil {
					seq = fmt.Sprint(*m.Seq)
				}
				line += fmt.Sprintf(" %s/%s %s%s", m.Kind, seq, m.State, m.Body)
			}
			out = append(out, line)
		}
		if len(page) == 0 {
			return out
		}
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

func equal[T comparable](t testing.TB, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func lines(t testing.TB, got []string, want ...string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("line %d is missing: %s", i+1, want[i])
		case i >= len(want):
			t.Errorf("line %d is too many: %s", i+1, got[i])
		case got[i] != want[i]:
			t.Errorf("line %d: got %s, want %s", i+1, got[i], want[i])
		}
	}
}

// refused checks the kind and key of an error.
func refused(t testing.TB, err error, kind fault.Kind, key string) {
	t.Helper()
	e := fault.As(err)
	if e == nil || e.Kind != kind || e.Key != key {
		t.Fatalf("got error %v, want kind %d, key %s", err, kind, key)
	}
}
