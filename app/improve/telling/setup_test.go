package telling_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/i18n"
	"huiyin/app/improve/telling"
	"huiyin/app/insights"
	"huiyin/app/insights/insightstest"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// noon is a Wednesday, 12:07 in Shanghai.
var noon = time.Date(2026, 11, 25, 4, 7, 0, 0, time.UTC)

// desk is a domain with one task of improvement, on a real database; its clock is the test's.
type desk struct {
	t       testing.TB
	db      *db.DB
	at      time.Time
	store   tickets.Store
	tickets *tickets.Service
	telling *telling.Service
	fill    *insightstest.Filler
	by      tickets.Actor
	task    telling.Task
	fine    id.ID
	boxes   map[tickets.Channel]id.ID
	mails   []id.ID // tickets in which a message went as mail
	noMail  map[id.ID]bool
	perHour int
	queued  []telling.Job
	n       int
}

func newDesk(t testing.TB, base *db.DB) *desk {
	t.Helper()
	d := &desk{t: t, db: base, at: noon, boxes: map[tickets.Channel]id.ID{}, noMail: map[id.ID]bool{}, perHour: 500}
	ids := id.NewMaker(0, time.Now)
	d.store = tickets.Store{Write: base.Write, Read: base.Read, After: db.After}
	sealer, err := seal.Open(t.Context(), seal.Options{
		DB: seal.Store{Write: base.Write, Read: base.Read}, RingPath: filepath.Join(t.TempDir(), "ring.json"), Now: time.Now, NewID: ids.Next,
	})
	must(t, err)
	texts, err := i18n.Load()
	must(t, err)
	now := func() time.Time { return d.at }
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	d.tickets = tickets.New(tickets.Options{Store: d.store, Sealer: sealer, IDs: ids, Now: now, Merged: func(tx *gorm.DB, from, to id.ID) error {
		return errors.Join(insights.Joined(tx, from, to), telling.Merged(tx, from, to))
	}})
	groups := insights.New(insights.Options{Store: d.store, Tickets: d.tickets, Sealer: sealer, IDs: ids, Now: now, Log: log})
	d.fill = &insightstest.Filler{T: t, Store: d.store, Sealer: sealer, IDs: ids, Zone: time.UTC}
	d.telling = telling.New(telling.Options{
		Store: d.store, Tickets: d.tickets, Insights: groups, Sealer: sealer, IDs: ids, Now: now, Log: log, BaseURL: &url.URL{Scheme: "https", Host: "desk.example"}, Text: texts.Text,
		Task: func(_ context.Context, one id.ID) (telling.Task, error) {
			if one != d.task.ID {
				return telling.Task{}, fault.New(fault.NotFound, "gone")
			}
			return d.task, nil
		},
		ByMail: func(_ context.Context, t *tickets.Ticket, _ *tickets.Contact) (func(*gorm.DB, tickets.Posted) error, error) {
			if d.noMail[t.ContactID] {
				return nil, nil
			}
			return func(_ *gorm.DB, p tickets.Posted) error { d.mails = append(d.mails, p.Ticket.ID); return nil }, nil
		},
		MailsAnHour: func(context.Context) (int, error) { return d.perHour, nil },
		Queue:       func(_ *gorm.DB, job telling.Job) error { d.queued = append(d.queued, job); return nil },
	})
	a, err := d.tickets.CreateAgent(t.Context(), tickets.NewAgent{Name: "Lin", Email: "lin@example.com", Role: tickets.RoleManager})
	must(t, err)
	d.by = tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: a.Role}
	for _, ch := range []tickets.Channel{tickets.ChannelChat, tickets.ChannelEmail} {
		box, err := d.tickets.CreateInbox(t.Context(), tickets.NewInbox{Channel: ch, Name: string(ch)})
		must(t, err)
		d.boxes[ch] = box.ID
	}
	group, fine := d.fill.Group(insights.Group{Name: "快递太慢"})
	d.fine = fine
	fall := 38
	d.task = telling.Task{ID: ids.Next(), Number: 1, Title: "faster parcels", Groups: []id.ID{group}, Changed: noon.AddDate(0, 0, -7), Fall: &fall}
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

// her is somebody who complained, and her ticket.
type her struct{ contact, ticket id.ID }

// complains makes somebody known who complains days ago by a channel, and wants to be told or not.
func (d *desk) complains(ch tickets.Channel, locale string, days int, wants bool) her {
	d.t.Helper()
	d.n++
	p, err := d.tickets.CreateContact(d.t.Context(), tickets.NewContact{Name: fmt.Sprint("梅", d.n), Locale: locale})
	must(d.t, err)
	got, err := d.tickets.Receive(d.t.Context(), tickets.Inbound{InboxID: d.boxes[ch], ContactID: p.ID, Subject: "慢", Body: "快递太慢了", SourceID: fmt.Sprint("m", d.n), At: d.at.AddDate(0, 0, -days)})
	must(d.t, err)
	d.say(p.ID, got.Ticket.ID, days)
	if wants {
		d.wants(p.ID, true)
	}
	return her{p.ID, got.Ticket.ID}
}

func (d *desk) say(contact, ticket id.ID, days int) {
	d.t.Helper()
	d.fill.Say(insights.Voice{Source: insights.FromTicket, SubjectID: ticket, ContactID: &contact, GroupID: d.task.Groups[0], FineID: d.fine, Body: "慢", Channel: "chat", Language: "zh",
		At: d.at.AddDate(0, 0, -days)}, nil)
}

func (d *desk) wants(contact id.ID, on bool) {
	d.t.Helper()
	must(d.t, d.tickets.SetTold(d.t.Context(), tickets.Actor{Kind: tickets.ActorContact, ID: contact}, contact, on, tickets.SourceTicket))
}

var bothTexts = telling.Texts{"zh-CN": "{{contact.name}}您好，快递改好了。工单 {{ticket.number}}", "en": "Hello {{contact.name|there}}, parcels are faster now."}

func (d *desk) start() id.ID {
	d.t.Helper()
	one, err := d.telling.Start(d.t.Context(), d.by, d.task.ID, bothTexts, telling.SinceUsual)
	must(d.t, err)
	return one
}

// work tells until nothing is left or mails have to wait.
func (d *desk) work(one id.ID) time.Duration {
	d.t.Helper()
	for {
		later, err := d.telling.Work(d.t.Context(), telling.Job{Telling: one})
		must(d.t, err)
		if later == 0 || later >= time.Minute {
			return later
		}
	}
}

func (d *desk) round(one id.ID) *telling.Round {
	d.t.Helper()
	r, err := d.telling.Round(d.t.Context(), one)
	must(d.t, err)
	return r
}

// told gives the replies of the desk in a ticket.
func (d *desk) told(ticket id.ID) (out []tickets.Message) {
	d.t.Helper()
	list, err := d.tickets.Visible(d.t.Context(), ticket, 0, tickets.PageMax)
	must(d.t, err)
	for _, m := range list {
		if m.Kind == tickets.KindReply {
			out = append(out, m)
		}
	}
	return out
}

// field gives the code of a wrong field of an error.
func field(err error, name string) string {
	if e := fault.As(err); e != nil {
		for _, f := range e.Fields {
			if f.Name == name {
				return f.Code
			}
		}
	}
	return ""
}
