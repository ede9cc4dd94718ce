package notify_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/i18n"
	"huiyin/app/notify"
	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

var bg = context.Background()

// desk is a domain with notices on a real database; its clock is the test's, and what leaves the house lands here.
type desk struct {
	t              *testing.T
	at             time.Time
	base           *db.DB
	tickets        *tickets.Service
	notices        *notify.Service
	box            *tickets.Inbox
	lin, chen, wu  tickets.Actor // agent, manager, administrator
	told           []notify.Notice
	mails, posts   []notify.Text
	mailed, posted []string // who
	fail           error    // of whatever is sent
	queued         []notify.Out
	contacts       int
	cursor         int64
}

// both runs a test on both databases.
func both(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	t.Parallel()
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			test(t, newDesk(t, dialect))
		})
	}
}

func newDesk(t *testing.T, dialect string) *desk {
	t.Helper()
	d := &desk{t: t, base: dbtest.Open(t, dialect), at: time.Date(2026, 11, 23, 10, 0, 0, 0, time.FixedZone("", 8*3600))}
	now := func() time.Time { return d.at }
	ids := id.NewMaker(0, time.Now)
	store := tickets.Store{Write: d.base.Write, Read: d.base.Read, After: db.After}
	sealer, err := seal.Open(bg, seal.Options{
		DB: seal.Store{Write: d.base.Write, Read: d.base.Read}, RingPath: filepath.Join(t.TempDir(), "ring.json"), Now: time.Now, NewID: ids.Next,
	})
	must(t, err)
	d.tickets = tickets.New(tickets.Options{Store: store, Sealer: sealer, IDs: ids, Now: now})
	texts, err := i18n.Load()
	must(t, err)
	address, _ := url.Parse("https://desk.example")
	d.notices = notify.New(notify.Options{
		Store: store, Tickets: d.tickets, Sealer: sealer, IDs: ids, BaseURL: address, Now: now, Log: slog.New(slog.DiscardHandler), Text: texts.Text,
		TaskNumber: func(context.Context, id.ID) (int64, error) { return 12, nil },
		Tell:       func(n notify.Notice) { d.told = append(d.told, n) }, There: func() bool { return true },
		Mail: func(_ context.Context, to *tickets.Agent, text notify.Text) error {
			if d.fail == nil {
				d.mails, d.mailed = append(d.mails, text), append(d.mailed, to.Name)
			}
			return d.fail
		},
		Post: func(_ context.Context, to notify.Target, text notify.Text) error {
			if d.fail == nil {
				d.posts, d.posted = append(d.posts, text), append(d.posted, to.Name)
			}
			return d.fail
		},
		Queue: func(_ *gorm.DB, job notify.Out, _ time.Time) error { d.queued = append(d.queued, job); return nil },
	})
	d.box, err = d.tickets.CreateInbox(bg, tickets.NewInbox{Channel: tickets.ChannelChat, Name: "shop"})
	must(t, err)
	d.lin, d.chen, d.wu = d.agent("Lin", tickets.RoleAgent), d.agent("Chen", tickets.RoleManager), d.agent("Wu", tickets.RoleAdmin)
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (d *desk) agent(name string, role tickets.Role) tickets.Actor {
	d.t.Helper()
	a, err := d.tickets.CreateAgent(bg, tickets.NewAgent{Name: name, Email: strings.ToLower(name) + "@example.com", Role: role})
	must(d.t, err)
	return tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: a.Role}
}

// write is a message of a new contact, or a further one of the ticket's.
func (d *desk) write(to *tickets.Ticket) *tickets.Ticket {
	d.t.Helper()
	d.contacts++
	var who id.ID
	if to != nil {
		who = to.ContactID
	} else {
		p, err := d.tickets.CreateContact(bg, tickets.NewContact{Name: "李小姐"})
		must(d.t, err)
		who = p.ID
	}
	got, err := d.tickets.Receive(bg, tickets.Inbound{InboxID: d.box.ID, ContactID: who, SourceID: fmt.Sprint(d.contacts), Body: "我的电话 13800138000"})
	must(d.t, err)
	return got.Ticket
}

func (d *desk) reply(by tickets.Actor, t *tickets.Ticket, kind tickets.MessageKind) {
	d.t.Helper()
	_, err := d.tickets.Post(bg, by, tickets.Outgoing{TicketID: t.ID, Kind: kind, Body: "an answer"})
	must(d.t, err)
}

func (d *desk) assign(by, to tickets.Actor, t *tickets.Ticket) {
	d.t.Helper()
	_, err := d.tickets.Assign(bg, by, t.ID, &to.ID)
	must(d.t, err)
}

// read hands the reader what is new in the log, twice: again is harmless.
func (d *desk) read() {
	d.t.Helper()
	events, err := d.tickets.EventsAfter(bg, d.cursor, 1000)
	must(d.t, err)
	must(d.t, d.notices.Read(bg, events))
	must(d.t, d.notices.Read(bg, events))
	if len(events) > 0 {
		d.cursor = events[len(events)-1].N
	}
}

// pass lets time go by and the clock look.
func (d *desk) pass(by time.Duration) {
	d.t.Helper()
	d.at = d.at.Add(by)
	must(d.t, d.notices.Look(bg))
}

// send does the jobs that were queued.
func (d *desk) send() {
	d.t.Helper()
	jobs := d.queued
	d.queued = nil
	for _, job := range jobs {
		must(d.t, d.notices.Work(bg, job))
	}
}

// bell is the kinds of what an agent has not read.
func (d *desk) bell(a tickets.Actor) string {
	d.t.Helper()
	list, _, err := d.notices.Bell(bg, a.ID, notify.Place{}, 50)
	must(d.t, err)
	var out []string
	for _, n := range list {
		if !n.Read {
			out = append(out, string(n.Kind))
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func (d *desk) is(what, got, want string) {
	d.t.Helper()
	if got != want {
		d.t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func (d *desk) choose(a tickets.Actor, c notify.Choices) {
	d.t.Helper()
	must(d.t, d.notices.SaveChoices(bg, a.ID, c))
}

func (d *desk) target(t notify.Target) id.ID {
	d.t.Helper()
	if t.Sort == "" {
		t.Sort, t.Name, t.URL, t.Locale = notify.TargetWebhook, "group", "https://hook.example/x", "zh-CN"
	}
	made, err := d.notices.SaveTarget(bg, t)
	must(d.t, err)
	return made
}
