package answers_test

import (
	"context"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"huiyin/app/answers"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/i18n"
	"huiyin/tickets"
	"huiyin/tickets/hours"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// desk is a domain on a real database with a clock of the test's.
type desk struct {
	t         *testing.T
	at        time.Time
	there     bool
	connected map[id.ID]bool
	tickets   *tickets.Service
	box       *tickets.Inbox
	agent     tickets.Actor
	contact   *tickets.Contact
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newDesk(t *testing.T, dialect string) *desk {
	t.Helper()
	ctx, base := context.Background(), dbtest.Open(t, dialect)
	d := &desk{t: t, at: time.Date(2026, 11, 23, 3, 0, 0, 0, time.FixedZone("", 8*3600)), connected: map[id.ID]bool{}}
	ids := id.NewMaker(0, time.Now)
	sealer, err := seal.Open(ctx, seal.Options{
		DB: seal.Store{Write: base.Write, Read: base.Read}, RingPath: filepath.Join(t.TempDir(), "ring.json"), Now: time.Now, NewID: ids.Next,
	})
	must(t, err)
	d.tickets = tickets.New(tickets.Options{
		Store: tickets.Store{Write: base.Write, Read: base.Read, After: db.After}, Sealer: sealer, IDs: ids, Now: func() time.Time { return d.at },
	})
	week := hours.Week{}
	for day := range week.Days {
		week.Days[day] = []hours.Range{{From: 9 * 60, To: 18 * 60}}
	}
	d.box, err = d.tickets.CreateInbox(ctx, tickets.NewInbox{Channel: tickets.ChannelChat, Name: "shop", Settings: tickets.InboxSettings{Hours: week}})
	must(t, err)
	a, err := d.tickets.CreateAgent(ctx, tickets.NewAgent{Name: "Lin", Email: "lin@example.com", Role: tickets.RoleAgent})
	must(t, err)
	d.agent = tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: a.Role}
	d.contact, err = d.tickets.CreateContact(ctx, tickets.NewContact{Locale: "zh-CN"})
	must(t, err)
	return d
}

func (d *desk) service() *answers.Service {
	texts, err := i18n.Load()
	must(d.t, err)
	base, _ := url.Parse("https://desk.example")
	return answers.New(answers.Options{
		Tickets: d.tickets, BaseURL: base, Now: func() time.Time { return d.at }, Log: slog.New(slog.DiscardHandler), Text: texts.Text,
		There: func() bool { return d.there }, Connected: func(who id.ID) bool { return d.connected[who] },
	})
}

func (d *desk) write(source string) *tickets.Ticket {
	d.t.Helper()
	got, err := d.tickets.Receive(context.Background(), tickets.Inbound{InboxID: d.box.ID, ContactID: d.contact.ID, SourceID: source, Body: source})
	must(d.t, err)
	return got.Ticket
}

func (d *desk) reply(ticket id.ID) {
	d.t.Helper()
	_, err := d.tickets.Post(context.Background(), d.agent, tickets.Outgoing{TicketID: ticket, Kind: tickets.KindReply, Body: "an answer"})
	must(d.t, err)
}

func (d *desk) read(s *answers.Service) {
	d.t.Helper()
	events, err := d.tickets.EventsAfter(context.Background(), 0, 1000)
	must(d.t, err)
	must(d.t, s.Read(context.Background(), events))
}

// notices are what the desk has said by itself.
func (d *desk) notices(ticket id.ID) (out []string) {
	d.t.Helper()
	said, err := d.tickets.Visible(context.Background(), ticket, 0, 100)
	must(d.t, err)
	for _, m := range said {
		if m.AuthorKind == tickets.ActorSystem {
			out = append(out, m.Body)
		}
	}
	return out
}

// missed counts the events of answers that were not taken.
func (d *desk) missed(ticket id.ID) (n int) {
	d.t.Helper()
	all, err := d.tickets.Timeline(context.Background(), ticket, 0, 100)
	must(d.t, err)
	for _, e := range all {
		if e.Event.Type == tickets.EventUndelivered {
			n++
		}
	}
	return n
}

func onBoth(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) { t.Parallel(); fn(t, newDesk(t, dialect)) })
	}
}

func TestWhoWritesAtNightIsToldOnceASilence(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		s := d.service()
		ticket := d.write("first")
		for range 3 { // again for the same events, as after a crash
			d.read(s)
		}
		d.write("second")
		d.read(s)
		got := d.notices(ticket.ID)
		if len(got) != 1 || !strings.HasPrefix(got[0], "已收到，客服 9:00 上班，预计 9:20 前回复。") || !strings.Contains(got[0], "https://desk.example/t/") {
			t.Fatalf("said %q", got)
		}
		token := got[0][strings.Index(got[0], "/t/")+3:]
		if found, _, err := d.tickets.TicketByLink(context.Background(), token); err != nil || found.ID != ticket.ID {
			t.Errorf("the link opens %v %v", found, err)
		}
		d.at = d.at.Add(time.Minute)
		d.reply(ticket.ID)
		d.at = d.at.Add(time.Minute)
		d.write("still talking")
		d.read(s)
		if got := d.notices(ticket.ID); len(got) != 1 {
			t.Errorf("in the middle of a talk: said %d times in all", len(got))
		}
		d.reply(ticket.ID)
		d.at = d.at.Add(20 * time.Minute)
		d.write("third")
		d.read(s)
		if got := d.notices(ticket.ID); len(got) != 2 {
			t.Errorf("in the next silence: said %d times in all", len(got))
		}
	})
}

func TestNobodyIsToldWhereSomebodyIsThereOrTheMessageIsOld(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "sqlite")
	d.at, d.there = d.at.Add(7*time.Hour), true
	s := d.service()
	d.at = d.at.Add(time.Minute)
	ticket := d.write("by day")
	d.read(s)
	if got := d.notices(ticket.ID); len(got) != 0 {
		t.Errorf("with somebody there: %q", got)
	}
	d.at, d.there = d.at.Add(20*time.Minute), false
	d.read(s)
	if got := d.notices(ticket.ID); len(got) != 0 {
		t.Errorf("for an old message: %q", got)
	}
	d.write("nobody there")
	d.read(s)
	if got := d.notices(ticket.ID); len(got) != 1 || !strings.Contains(got[0], "这会儿不在，预计 10:45 前回复") {
		t.Errorf("open, but nobody there: %q", got)
	}
}

func TestAnInboxSaysItInItsOwnWords(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "sqlite")
	set := d.box.Settings
	set.OfflineText = "睡了，{opens} 起床，单号 {number}"
	_, err := d.tickets.UpdateInboxSettings(context.Background(), d.box.ID, set)
	must(t, err)
	ticket := d.write("first")
	d.read(d.service())
	if got := d.notices(ticket.ID); len(got) != 1 || !strings.HasPrefix(got[0], "睡了，9:00 起床，单号 ") || !strings.Contains(got[0], "/t/") {
		t.Errorf("said %q", got)
	}
}

func TestAnAnswerThatIsNotTakenIsToldOnceASilence(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		ctx, s, other := context.Background(), d.service(), d.service()
		ticket := d.write("first")
		d.reply(ticket.ID)
		d.at = d.at.Add(4 * time.Minute)
		must(t, s.Look(ctx))
		if n := d.missed(ticket.ID); n != 0 {
			t.Fatalf("told %d times before its time", n)
		}
		d.reply(ticket.ID) // the silence counts from the first answer
		d.at = d.at.Add(2 * time.Minute)
		var all sync.WaitGroup
		for _, node := range []*answers.Service{s, other, s} {
			all.Go(func() {
				if err := node.Look(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		d.reply(ticket.ID)
		d.at = d.at.Add(time.Hour)
		must(t, s.Look(ctx))
		if n := d.missed(ticket.ID); n != 1 {
			t.Errorf("told %d times in one silence", n)
		}
		must(t, d.tickets.MarkRead(ctx, tickets.Actor{Kind: tickets.ActorContact, ID: d.contact.ID}, ticket.ID, 100))
		d.reply(ticket.ID)
		d.at = d.at.Add(time.Hour)
		must(t, s.Look(ctx))
		if n := d.missed(ticket.ID); n != 2 {
			t.Errorf("told %d times in two silences", n)
		}
	})
}

func TestAnAnswerThatIsReadOrWhoseReaderIsHereIsNotTold(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		ctx, s := context.Background(), d.service()
		ticket := d.write("first")
		d.reply(ticket.ID)
		d.connected[d.contact.ID] = true
		d.at = d.at.Add(4*time.Minute + 45*time.Second) // a look before it is due
		must(t, s.Look(ctx))
		delete(d.connected, d.contact.ID)
		d.at = d.at.Add(4 * time.Minute)
		must(t, s.Look(ctx))
		if n := d.missed(ticket.ID); n != 0 {
			t.Errorf("told %d times of somebody who was here", n)
		}
		must(t, d.tickets.MarkRead(ctx, tickets.Actor{Kind: tickets.ActorContact, ID: d.contact.ID}, ticket.ID, 100))
		d.at = d.at.Add(time.Hour)
		must(t, s.Look(ctx))
		if n := d.missed(ticket.ID); n != 0 {
			t.Errorf("told %d times of an answer that was read", n)
		}
	})
}

func TestTheTimeOfAnAnswerIsReadFromRecentFigures(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		d.at = d.at.Add(7 * time.Hour) // 10:00
		for i := range 8 {
			p, err := d.tickets.CreateContact(ctx, tickets.NewContact{})
			must(t, err)
			got, err := d.tickets.Receive(ctx, tickets.Inbound{InboxID: d.box.ID, ContactID: p.ID, SourceID: "f", Body: "f"})
			must(t, err)
			begun := d.at
			d.at = d.at.Add(time.Duration(i) * time.Minute)
			d.reply(got.Ticket.ID)
			d.at = begun.Add(10 * time.Minute)
		}
		look, err := d.tickets.Outlook(ctx, d.box, true)
		must(t, err)
		if !look.Online || look.Minutes != 6 { // three of eight took 5 minutes or less … the sixth of them 5, and one for good measure
			t.Errorf("%+v", look)
		}
		d.at = time.Date(2026, 11, 24, 3, 0, 0, 0, time.FixedZone("", 8*3600))
		look, err = d.tickets.Outlook(ctx, d.box, true)
		must(t, err)
		if look.Online || look.AnswerBy == nil || *look.AnswerBy != time.Date(2026, 11, 24, 9, 10, 0, 0, time.FixedZone("", 8*3600)).UnixMilli() {
			t.Errorf("at night: %+v", look)
		}
	})
}
