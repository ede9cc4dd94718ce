package sms_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/sms"
	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// desk is a domain with text messages on a real database; its clock is the test's.
type desk struct {
	t       *testing.T
	at      time.Time
	tickets *tickets.Service
	sms     *sms.Service
	queued  []sms.SendText
	alerts  []string
	agent   tickets.Actor
}

func newDesk(t *testing.T, dialect string) *desk {
	t.Helper()
	base := dbtest.Open(t, dialect)
	d := &desk{t: t, at: time.Date(2026, 11, 23, 10, 0, 0, 0, time.FixedZone("", 8*3600))}
	now := func() time.Time { return d.at }
	ids := id.NewMaker(0, time.Now)
	store := tickets.Store{Write: base.Write, Read: base.Read, After: db.After}
	sealer, err := seal.Open(context.Background(), seal.Options{
		DB: seal.Store{Write: base.Write, Read: base.Read}, RingPath: filepath.Join(t.TempDir(), "ring.json"), Now: time.Now, NewID: ids.Next,
	})
	must(t, err)
	d.tickets = tickets.New(tickets.Options{Store: store, Sealer: sealer, IDs: ids, Now: now})
	desk, _ := url.Parse("https://desk.example")
	d.sms = sms.New(sms.Options{
		Store: store, Tickets: d.tickets, IDs: ids, BaseURL: desk, Now: now, Do: plainDo,
		Queue: func(_ *gorm.DB, job sms.SendText) error { d.queued = append(d.queued, job); return nil },
		Alert: func(_ context.Context, kind string, _ map[string]string) { d.alerts = append(d.alerts, kind) },
	})
	a, err := d.tickets.CreateAgent(context.Background(), tickets.NewAgent{Name: "Lin", Email: "lin@example.com", Role: tickets.RoleAgent})
	must(t, err)
	d.agent = tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: a.Role}
	return d
}

// plainDo sends without the guard of app/egress, so that the test's own gateway can be reached.
func plainDo(ctx context.Context, r sms.Request) (sms.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return sms.Answer{}, err
	}
	req.Header = r.Header
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return sms.Answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return sms.Answer{Status: res.StatusCode, Body: body}, err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (d *desk) save(set sms.Settings) {
	d.t.Helper()
	must(d.t, d.sms.Save(context.Background(), set))
}

// missed is a ticket whose contact wants a text and has missed an answer; the job is what tells her.
func (d *desk) missed(phone string) (*tickets.Ticket, sms.SendText) {
	d.t.Helper()
	ctx := context.Background()
	box, err := d.tickets.CreateInbox(ctx, tickets.NewInbox{Channel: tickets.ChannelChat, Name: "shop"})
	must(d.t, err)
	p, err := d.tickets.CreateContact(ctx, tickets.NewContact{})
	must(d.t, err)
	got, err := d.tickets.Receive(ctx, tickets.Inbound{InboxID: box.ID, ContactID: p.ID, SourceID: "1", Body: "hello"})
	must(d.t, err)
	must(d.t, d.tickets.WishText(ctx, got.Ticket.ID, phone, true))
	_, err = d.tickets.Post(ctx, d.agent, tickets.Outgoing{TicketID: got.Ticket.ID, Kind: tickets.KindReply, Body: "an answer"})
	must(d.t, err)
	d.at = d.at.Add(6 * time.Minute)
	told, err := d.tickets.TellUndelivered(ctx, got.Ticket.ID, d.at.Add(-5*time.Minute))
	must(d.t, err)
	if !told {
		d.t.Fatal("the answer does not count as missed")
	}
	t, err := d.tickets.Ticket(ctx, got.Ticket.ID)
	must(d.t, err)
	return t, sms.SendText{Ticket: t.ID, Pos: t.LastPos}
}

func (d *desk) outcome(ticket id.ID) (out []string) {
	d.t.Helper()
	entries, err := d.tickets.Timeline(context.Background(), ticket, 0, 100)
	must(d.t, err)
	for _, e := range entries {
		if strings.HasPrefix(string(e.Event.Type), "text.") {
			out = append(out, string(e.Event.Type)+e.Event.Data)
		}
	}
	return out
}

func onBoth(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) { t.Parallel(); fn(t, newDesk(t, dialect)) })
	}
}

func TestOneMessageTellsOfASilenceAndHoldsOnlyTheLink(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		ctx, c := context.Background(), newCloud(t)
		d.save(aliyunAt(c))
		ticket, job := d.missed("13800138000")
		for range 3 {
			must(t, d.sms.Work(ctx, job, 1))
		}
		got := c.all()
		if len(got) != 1 || got[0]["phone"] != "13800138000" {
			t.Fatalf("sent %v", got)
		}
		token := strings.TrimSuffix(strings.TrimPrefix(got[0]["param"], `{"link":"`), `"}`)
		if found, _, err := d.tickets.TicketByLink(ctx, token); err != nil || found.ID != ticket.ID {
			t.Errorf("the link %q opens %v %v", token, found, err)
		}
		if out := d.outcome(ticket.ID); len(out) != 1 || out[0] != "text.sent" {
			t.Errorf("the timeline says %v", out)
		}
	})
}

func TestNobodyIsTextedInQuietHoursOrAfterSheCameBack(t *testing.T) {
	t.Parallel()
	ctx, c, d := context.Background(), newCloud(t), newDesk(t, "sqlite")
	set := aliyunAt(c)
	set.QuietFrom, set.QuietTo = 22*60, 8*60
	d.save(set)
	ticket, job := d.missed("13800138000")
	d.at = time.Date(2026, 11, 23, 23, 30, 0, 0, time.FixedZone("", 8*3600))
	var again *sms.AgainError
	if err := d.sms.Work(ctx, job, 1); !errors.As(err, &again) || again.Wait != 8*time.Hour+30*time.Minute {
		t.Errorf("at night: %v", err)
	}
	must(t, d.tickets.MarkRead(ctx, tickets.Actor{Kind: tickets.ActorContact, ID: ticket.ContactID}, ticket.ID, ticket.LastSeq))
	d.at = d.at.Add(9 * time.Hour)
	must(t, d.sms.Work(ctx, job, 1))
	if got := c.all(); len(got) != 0 {
		t.Errorf("sent %v", got)
	}
}

func TestAFailureIsTriedAgainAndToldWhenItLasts(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		ctx, c := context.Background(), newCloud(t)
		d.save(aliyunAt(c))
		ticket, job := d.missed("13800138000")
		c.next = func(w http.ResponseWriter) bool { _, _ = io.WriteString(w, "??"); return true }
		var again *sms.AgainError
		for attempt := 1; attempt < sms.Attempts; attempt++ {
			if err := d.sms.Work(ctx, job, attempt); !errors.As(err, &again) {
				t.Fatalf("attempt %d: %v", attempt, err)
			}
			d.at = d.at.Add(5 * time.Minute)
		}
		if len(d.alerts) == 0 || d.alerts[0] != "texts.failing" {
			t.Errorf("alerts: %v", d.alerts)
		}
		must(t, d.sms.Work(ctx, job, sms.Attempts))
		if out := d.outcome(ticket.ID); len(out) != 1 || out[0] != `text.failed{"reason":"garbage"}` {
			t.Errorf("the timeline says %v", out)
		}
	})
}

func TestANumberAndADayHaveTheirLimits(t *testing.T) {
	t.Parallel()
	ctx, c, d := context.Background(), newCloud(t), newDesk(t, "sqlite")
	set := aliyunAt(c)
	set.PerNumber, set.PerDay = 1, 2
	d.save(set)
	for i, phone := range []string{"13800138000", "13800138000", "13800138001", "13800138002"} {
		ticket, job := d.missed(phone)
		must(t, d.sms.Work(ctx, job, 1))
		failed := len(d.outcome(ticket.ID)) == 1 && d.outcome(ticket.ID)[0] == `text.failed{"reason":"limit"}`
		if want := i == 1 || i == 3; failed != want {
			t.Errorf("message %d to %s: refused %v, want %v", i, phone, failed, want)
		}
	}
}

func TestOnlyAnswersThatWereMissedAreQueued(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "sqlite")
	ticket, job := d.missed("13800138000")
	events, err := d.tickets.EventsAfter(context.Background(), 0, 100)
	must(t, err)
	must(t, d.sms.Read(context.Background(), events))
	if len(d.queued) != 1 || d.queued[0] != job || d.queued[0].Ticket != ticket.ID {
		t.Errorf("queued %v, want %v", d.queued, job)
	}
}

func TestWrongSettingsAreRefusedByField(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "sqlite")
	set := sms.Default
	set.Enabled, set.Endpoint, set.Headers, set.PerNumber = true, "ftp://x", "no header", 0
	err := d.sms.Save(context.Background(), set)
	for _, field := range []string{"key_id", "secret", "sign_name", "template", "endpoint", "headers", "per_number"} {
		if err == nil || !strings.Contains(err.Error(), " "+field+":") {
			t.Errorf("%s is not named in %v", field, err)
		}
	}
}
