package telling_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/desktest"
	"huiyin/app/i18n"
	"huiyin/app/improve/telling"
	"huiyin/app/insights"
	"huiyin/app/insights/insightstest"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// noon is a Wednesday, 12:07 in Shanghai.
var noon = time.Date(2026, 11, 25, 4, 7, 0, 0, time.UTC)

// desk is a domain with one task of improvement, on a real database; its clock is the test's.
type desk struct {
	*desktest.Desk
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
	merged := func(tx *gorm.DB, from, to id.ID) error {
		return errors.Join(insights.Joined(tx, from, to), telling.Merged(tx, from, to))
	}
	d := &desk{Desk: desktest.New(t, base, noon, merged), boxes: map[tickets.Channel]id.ID{}, noMail: map[id.ID]bool{}, perHour: 500}
	texts, err := i18n.Load()
	must(t, err)
	groups := insights.New(insights.Options{Store: d.Store, Tickets: d.Tickets, Sealer: d.Sealer, IDs: d.IDs, Now: d.Now, Log: d.Log})
	d.fill = &insightstest.Filler{T: t, Store: d.Store, Sealer: d.Sealer, IDs: d.IDs, Zone: time.UTC}
	d.telling = telling.New(telling.Options{
		Store: d.Store, Tickets: d.Tickets, Insights: groups, Sealer: d.Sealer, IDs: d.IDs, Now: d.Now, Log: d.Log, BaseURL: &url.URL{Scheme: "https", Host: "desk.example"}, Text: texts.Text,
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
	d.by = d.Agent("Lin", tickets.RoleManager)
	for _, ch := range []tickets.Channel{tickets.ChannelChat, tickets.ChannelEmail} {
		d.boxes[ch] = d.Inbox(ch)
	}
	group, fine := d.fill.Group(insights.Group{Name: "快递太慢"})
	d.fine = fine
	fall := 38
	d.task = telling.Task{ID: d.IDs.Next(), Number: 1, Title: "faster parcels", Groups: []id.ID{group}, Changed: noon.AddDate(0, 0, -7), Fall: &fall}
	return d
}

// each runs a test on both databases.
func each(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	desktest.Each(t, newDesk, fn)
}

var must, field = desktest.Must, desktest.Field

// her is somebody who complained, and her ticket.
type her struct{ contact, ticket id.ID }

// complains makes somebody known who complains days ago by a channel, and wants to be told or not.
func (d *desk) complains(ch tickets.Channel, locale string, days int, wants bool) her {
	d.T.Helper()
	d.n++
	p, err := d.Tickets.CreateContact(d.T.Context(), tickets.NewContact{Name: fmt.Sprint("梅", d.n), Locale: locale})
	must(d.T, err)
	got, err := d.Tickets.Receive(d.T.Context(), tickets.Inbound{InboxID: d.boxes[ch], ContactID: p.ID, Subject: "慢", Body: "快递太慢了", SourceID: fmt.Sprint("m", d.n), At: d.At.AddDate(0, 0, -days)})
	must(d.T, err)
	d.say(p.ID, got.Ticket.ID, days)
	if wants {
		d.wants(p.ID, true)
	}
	return her{p.ID, got.Ticket.ID}
}

func (d *desk) say(contact, ticket id.ID, days int) {
	d.T.Helper()
	d.fill.Say(insights.Voice{Source: insights.FromTicket, SubjectID: ticket, ContactID: &contact, GroupID: d.task.Groups[0], FineID: d.fine, Body: "慢", Channel: "chat", Language: "zh",
		At: d.At.AddDate(0, 0, -days)}, nil)
}

func (d *desk) wants(contact id.ID, on bool) {
	d.T.Helper()
	must(d.T, d.Tickets.SetTold(d.T.Context(), tickets.Actor{Kind: tickets.ActorContact, ID: contact}, contact, on, tickets.SourceTicket))
}

var bothTexts = telling.Texts{"zh-CN": "{{contact.name}}您好，快递改好了。工单 {{ticket.number}}", "en": "Hello {{contact.name|there}}, parcels are faster now."}

func (d *desk) start() id.ID {
	d.T.Helper()
	one, err := d.telling.Start(d.T.Context(), d.by, d.task.ID, bothTexts, telling.SinceUsual)
	must(d.T, err)
	return one
}

// work tells until nothing is left or mails have to wait.
func (d *desk) work(one id.ID) time.Duration {
	d.T.Helper()
	for {
		later, err := d.telling.Work(d.T.Context(), telling.Job{Telling: one})
		must(d.T, err)
		if later == 0 || later >= time.Minute {
			return later
		}
	}
}

func (d *desk) round(one id.ID) *telling.Round {
	d.T.Helper()
	r, err := d.telling.Round(d.T.Context(), one)
	must(d.T, err)
	return r
}

// told gives the replies of the desk in a ticket.
func (d *desk) told(ticket id.ID) (out []tickets.Message) {
	d.T.Helper()
	list, err := d.Tickets.Visible(d.T.Context(), ticket, 0, tickets.PageMax)
	must(d.T, err)
	for _, m := range list {
		if m.Kind == tickets.KindReply {
			out = append(out, m)
		}
	}
	return out
}
