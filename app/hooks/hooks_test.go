package hooks_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/egress"
	"huiyin/app/hooks"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

var bg = context.Background()

// desk is a domain with webhooks on a real database; its clock is the test's.
type desk struct {
	t       *testing.T
	db      *db.DB
	at      time.Time
	tickets *tickets.Service
	hooks   *hooks.Service
	queued  []hooks.Drain
	alerts  []string
	agent   tickets.Actor
	inbox   id.ID
	read    int64
}

func newDesk(t *testing.T, dialect string) *desk {
	t.Helper()
	base := dbtest.Open(t, dialect)
	d := &desk{t: t, db: base, at: time.Now()}
	ids := id.NewMaker(0, time.Now)
	store := tickets.Store{Write: base.Write, Read: base.Read, After: db.After}
	sealer, err := seal.Open(bg, seal.Options{
		DB: seal.Store{Write: base.Write, Read: base.Read}, RingPath: filepath.Join(t.TempDir(), "ring.json"), Now: time.Now, NewID: ids.Next,
	})
	must(t, err)
	d.tickets = tickets.New(tickets.Options{Store: store, Sealer: sealer, IDs: ids, Now: func() time.Time { return d.at }})
	d.hooks = hooks.New(hooks.Options{
		Store: store, Tickets: d.tickets, Sealer: sealer, IDs: ids, Now: func() time.Time { return d.at }, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		HTTP:  egress.New(egress.Options{Wait: 300 * time.Millisecond, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}),
		Queue: func(_ *gorm.DB, job hooks.Drain) error { d.queued = append(d.queued, job); return nil },
		Alert: func(_ context.Context, kind string, _ map[string]string) { d.alerts = append(d.alerts, kind) },
	})
	a, err := d.tickets.CreateAgent(bg, tickets.NewAgent{Name: "Lin", Email: "lin@example.com", Role: tickets.RoleAdmin})
	must(t, err)
	d.agent = tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: a.Role}
	box, err := d.tickets.CreateInbox(bg, tickets.NewInbox{Channel: tickets.ChannelChat, Name: "shop"})
	must(t, err)
	d.inbox = box.ID
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func onBoth(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) { t.Parallel(); fn(t, newDesk(t, dialect)) })
	}
}

// got is one request that a receiver took, its signature recomputed from the contract.
type got struct {
	id, event, body string
	signed          bool
	data            map[string]any
}

// receiver is the other side: it answers with its status, or hangs while that is 0.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	secret string
	status int
	took   []got
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusNoContent}
	r.Server = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) serve(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	status := r.status
	mac := hmac.New(sha256.New, []byte(r.secret))
	_, _ = io.WriteString(mac, req.Header.Get("X-Huiyin-Timestamp")+"."+string(body))
	one := got{event: req.Header.Get("X-Huiyin-Event"), id: req.Header.Get("X-Huiyin-Delivery"), body: string(body)}
	one.signed = req.Header.Get("X-Huiyin-Signature") == "sha256="+hex.EncodeToString(mac.Sum(nil)) && req.Method == http.MethodPost &&
		req.Header.Get("Content-Type") == "application/json"
	var parsed struct {
		ID, Event, At string
		Data          map[string]any
	}
	if json.Unmarshal(body, &parsed) != nil || parsed.ID != one.id || parsed.Event != one.event {
		one.signed = false
	}
	if _, err := time.Parse(time.RFC3339, parsed.At); err != nil {
		one.signed = false
	}
	one.data = parsed.Data
	r.took = append(r.took, one)
	r.mu.Unlock()
	if status == 0 {
		<-req.Context().Done()
		return
	}
	w.WriteHeader(status)
}

func (r *receiver) answer(status int) { r.mu.Lock(); r.status = status; r.mu.Unlock() }

func (r *receiver) all() []got {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.took)
}

// hook adds one for these events and tells the receiver its secret.
func (d *desk) hook(r *receiver, events ...string) id.ID {
	d.t.Helper()
	hook, secret, err := d.hooks.Add(bg, d.agent, hooks.Change{URL: r.URL + "/in?key=5ecret", Events: events})
	must(d.t, err)
	r.mu.Lock()
	r.secret = secret
	r.mu.Unlock()
	return hook
}

func (d *desk) write(text string) tickets.Received {
	d.t.Helper()
	p, err := d.tickets.CreateContact(bg, tickets.NewContact{Name: "王小明"})
	must(d.t, err)
	in, err := d.tickets.Receive(bg, tickets.Inbound{InboxID: d.inbox, ContactID: p.ID, SourceID: "1", Body: text})
	must(d.t, err)
	return in
}

// pump hands over what is new in the log, as the reader does.
func (d *desk) pump() {
	d.t.Helper()
	events, err := d.tickets.EventsAfter(bg, d.read, 100)
	must(d.t, err)
	must(d.t, d.db.Write(bg, func(tx *gorm.DB) error { return d.hooks.Read(bg, tx, events) }))
	if len(events) > 0 {
		d.read = events[len(events)-1].N
	}
}

func (d *desk) drain(hook id.ID) {
	d.t.Helper()
	_, err := d.hooks.Work(bg, hooks.Drain{Hook: hook})
	must(d.t, err)
}

func (d *desk) log(hook id.ID) []hooks.Delivery {
	d.t.Helper()
	list, err := d.hooks.Deliveries(bg, hook, 0, 1000)
	must(d.t, err)
	return list
}

func TestAReceiverIsToldWhatItAskedForSignedAndWithoutWords(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		d.write("before the hook")
		d.at = d.at.Add(time.Second)
		r := newReceiver(t)
		hook := d.hook(r, hooks.Events()...)
		d.at = d.at.Add(time.Second)
		in := d.write("机密 my words")
		_, err := d.tickets.SetStatus(bg, d.agent, in.Ticket.ID, tickets.StatusSolved)
		must(t, err)
		_, err = d.tickets.Rate(bg, in.Ticket.ID, 4, "also my words")
		must(t, err)
		must(t, d.db.Write(bg, func(tx *gorm.DB) error { return d.tickets.AlertRaisedTx(tx, 1, "disk.low") }))
		d.pump()
		d.read = 0
		d.pump() // again, as after a crash: nothing is doubled
		d.drain(hook)
		var events []string
		ids := map[string]bool{}
		for _, one := range r.all() {
			events, ids[one.id] = append(events, one.event), true
			if !one.signed {
				t.Errorf("%s is not as the contract says: %s", one.event, one.body)
			}
			for _, words := range []string{"my words", "机密", "王小明", "before"} {
				if strings.Contains(one.body, words) {
					t.Errorf("%s tells what a person wrote: %s", one.event, one.body)
				}
			}
			if ticket, _ := one.data["ticket"].(map[string]any); strings.HasPrefix(one.event, "ticket.") && (ticket["id"] != in.Ticket.ID.String() || ticket["status"] != "solved") {
				t.Errorf("%s tells of another ticket, or not as it is now: %s", one.event, one.body)
			}
		}
		slices.Sort(events)
		want := []string{"alert.raised", "contact.created", "csat.received", "message.created", "ticket.created", "ticket.solved", "ticket.updated"}
		if !slices.Equal(events, want) || len(ids) != len(want) {
			t.Errorf("told %v, want %v, each with an id of its own", events, want)
		}
		for _, line := range d.log(hook) {
			if line.State != "sent" || line.Status != http.StatusNoContent || line.Attempts != 1 {
				t.Errorf("the log says %+v", line)
			}
		}
	})
}

func TestOnlyWhatAHookAskedForIsQueued(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "sqlite")
	r := newReceiver(t)
	hook, off := d.hook(r, "csat.received"), d.hook(r, hooks.Events()...)
	must(t, d.hooks.Switch(bg, off, false))
	d.queued = nil
	d.write("hello")
	d.pump()
	if len(d.log(hook))+len(d.log(off))+len(d.queued) != 0 {
		t.Errorf("queued %v", d.queued)
	}
}

func TestAFailureIsTriedAgainForADayUnderTheSameID(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		r := newReceiver(t)
		hook := d.hook(r, "ticket.created")
		d.write("hello")
		d.pump()
		begun := d.at
		for i := 0; ; i++ {
			r.answer([]int{500, 0, 302}[i%3]) // an error, a hang, a redirect
			d.drain(hook)
			line := d.log(hook)[0]
			if line.State == "failed" {
				break
			}
			if line.State != "waiting" || line.Attempts != i+1 || i > 50 {
				t.Fatalf("try %d: %+v", i, line)
			}
			d.drain(hook) // not due yet: nothing is sent
			d.at = time.UnixMilli(line.NextAt)
			d.queued = nil
			must(t, d.hooks.Look(bg))
			if len(d.queued) != 1 || d.queued[0].Hook != hook {
				t.Fatalf("what is due is not looked for: %v", d.queued)
			}
		}
		took := r.all()
		if over := d.at.Sub(begun); over < 12*time.Hour || over > hooks.TryFor || len(took) < 8 || len(took) > 20 {
			t.Errorf("%d tries over %v", len(took), over)
		}
		for _, one := range took {
			if one.id != took[0].id || one.body != took[0].body || !one.signed {
				t.Errorf("another id or body: %+v", one)
			}
		}
		if !slices.Equal(d.alerts, []string{"webhooks.failing"}) {
			t.Errorf("alerts %v", d.alerts)
		}

		r.answer(http.StatusOK)
		must(t, d.hooks.Replay(bg, hook, d.log(hook)[0].ID))
		d.drain(hook)
		if last := r.all()[len(took)]; last.id != took[0].id || d.log(hook)[0].State != "sent" {
			t.Errorf("a replay has another id: %+v, %+v", last, d.log(hook)[0])
		}
	})
}

func TestAReceiverThatIsGoneIsSwitchedOffAndSaidSo(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		r := newReceiver(t)
		hook := d.hook(r, "ticket.created")
		r.answer(http.StatusGone)
		d.write("one")
		d.write("two")
		d.pump()
		d.drain(hook)
		h, err := d.hooks.Hook(bg, hook)
		must(t, err)
		if h.State != hooks.StateGone || len(r.all()) != 1 || !slices.Equal(d.alerts, []string{"webhooks.off"}) {
			t.Errorf("state %s, %d requests, alerts %v", h.State, len(r.all()), d.alerts)
		}
		for _, line := range d.log(hook) {
			if line.State != "failed" {
				t.Errorf("still waits: %+v", line)
			}
		}
		if err := d.hooks.Replay(bg, hook, d.log(hook)[0].ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("a replay to a hook that is off: %v", err)
		}
		must(t, d.hooks.Switch(bg, hook, true))
		must(t, d.hooks.Replay(bg, hook, d.log(hook)[0].ID))
	})
}

func TestAReceiverThatHangsIsLeftAfterAFewTries(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "sqlite")
	slow, quick := newReceiver(t), newReceiver(t)
	slow.answer(0)
	hanging, other := d.hook(slow, "ticket.created"), d.hook(quick, "ticket.created")
	for range 8 {
		d.write("hello")
	}
	d.pump()
	d.drain(hanging)
	if n := len(slow.all()); n != 3 {
		t.Errorf("%d requests to a receiver that hangs, want 3 until the next look", n)
	}
	d.drain(other)
	if n := len(quick.all()); n != 8 {
		t.Errorf("%d requests to the other, want 8", n)
	}
}

func TestAStopLeavesADeliveryAsItWas(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "sqlite")
	r := newReceiver(t)
	r.answer(0)
	hook := d.hook(r, "ticket.created")
	d.write("hello")
	d.pump()
	ctx, cancel := context.WithTimeout(bg, 50*time.Millisecond)
	stopped, stop := context.WithCancel(bg)
	go func() { <-ctx.Done(); stop() }()
	defer cancel()
	if _, err := d.hooks.Work(stopped, hooks.Drain{Hook: hook}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if line := d.log(hook)[0]; line.State != "waiting" || line.Attempts != 0 || line.NextAt > tickets.Millis(d.at) {
		t.Errorf("%+v", line)
	}
}

func TestWhatFailsWhileItIsWrittenLeavesNeitherRowNorJob(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		hook := d.hook(newReceiver(t), "ticket.created")
		d.write("hello")
		events, err := d.tickets.EventsAfter(bg, 0, 100)
		must(t, err)
		dies := errors.New("dies before the cursor moves")
		err = d.db.Write(bg, func(tx *gorm.DB) error {
			if err := d.hooks.Read(bg, tx, events); err != nil {
				return err
			}
			return dies
		})
		if !errors.Is(err, dies) || len(d.log(hook)) != 0 {
			t.Fatalf("%v, %d rows", err, len(d.log(hook)))
		}
		d.pump()
		if len(d.log(hook)) != 1 {
			t.Errorf("%d rows after the second time", len(d.log(hook)))
		}
	})
}

func TestAWrongAddressOrNoEventIsRefusedByItsField(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "sqlite")
	for address, key := range map[string]string{
		"": "hooks.error.url", "x": "egress.address", "ftp://example.com": "egress.address", "https://u:p@example.com": "egress.address", "http://10.1.2.3/in": "egress.inner",
		"http://169.254.169.254/latest": "egress.linklocal", "http://[::1]/": "egress.inner", "https://203.107.0.1/" + strings.Repeat("x", 2000): "hooks.error.long",
	} {
		_, _, err := d.hooks.Add(bg, d.agent, hooks.Change{URL: address, Events: []string{"ticket.created"}})
		if e := fault.As(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Name != "url" || e.Fields[0].Key != key {
			t.Errorf("%q: %v, want %s", address, err, key)
		}
	}
	for _, events := range [][]string{nil, {"no.event"}, {"ticket.created", "no.event"}} {
		_, _, err := d.hooks.Add(bg, d.agent, hooks.Change{URL: "https://203.107.0.1/", Events: events})
		if e := fault.As(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Name != "events" {
			t.Errorf("%v: %v", events, err)
		}
	}
	for range hooks.Most {
		_, _, err := d.hooks.Add(bg, d.agent, hooks.Change{URL: "https://203.107.0.1/", Events: []string{"ticket.created"}})
		must(t, err)
	}
	if _, _, err := d.hooks.Add(bg, d.agent, hooks.Change{URL: "https://203.107.0.1/", Events: []string{"ticket.created"}}); !fault.Is(err, fault.Conflict) {
		t.Errorf("one too many: %v", err)
	}
}

func TestAddressAndSecretLieSealedAndANewSecretHoldsAtOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		r := newReceiver(t)
		hook := d.hook(r, "ticket.created")
		var url, secret []byte
		must(t, d.db.Read(bg).Raw(`SELECT url, secret FROM webhooks`).Row().Scan(&url, &secret))
		if strings.Contains(string(url), "5ecret") || strings.Contains(string(secret), "whsec") {
			t.Error("the table shows them")
		}
		fresh, err := d.hooks.Rotate(bg, hook)
		must(t, err)
		if fresh == r.secret || len(fresh) < 26 {
			t.Errorf("secret %q", fresh)
		}
		r.secret = fresh
		out, err := d.hooks.Try(bg, hook)
		must(t, err)
		if all := r.all(); !out.Good() || len(all) != 1 || !all[0].signed || all[0].event != hooks.EventPing || len(d.log(hook)) != 0 {
			t.Errorf("%+v, %+v", out, all)
		}
	})
}

func TestTheLogGoesByPagesAndIsSweptInSteps(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		hook, kept := d.hook(newReceiver(t), "ticket.created"), d.hook(newReceiver(t), "ticket.created")
		old := d.at.Add(-hooks.KeepFor - time.Hour).UnixMilli()
		must(t, d.db.Write(bg, func(tx *gorm.DB) error {
			for i := range 250 {
				err := tx.Exec(`INSERT INTO webhook_deliveries (id, hook_id, n, event, state, attempts, status, reason, queued_at, next_at, created_at, updated_at) VALUES (?, ?, ?, 'x', 'sent', 1, 200, '', ?, ?, ?, ?)`,
					i+1, int64(hook), i+1, old, old, old, old).Error
				if err != nil {
					return err
				}
			}
			return nil
		}))
		var pages, lines int
		for before := id.ID(0); ; pages++ {
			list, err := d.hooks.Deliveries(bg, hook, before, 100)
			must(t, err)
			if len(list) == 0 {
				break
			}
			lines, before = lines+len(list), list[len(list)-1].ID
		}
		if pages != 3 || lines != 250 {
			t.Errorf("%d pages, %d lines", pages, lines)
		}
		d.write("new")
		d.pump()
		must(t, d.hooks.Sweep(bg))
		if len(d.log(hook)) != 1 || len(d.log(kept)) != 1 {
			t.Errorf("%d and %d lines are left, want the new ones", len(d.log(hook)), len(d.log(kept)))
		}
		d.at = d.at.Add(hooks.TryFor + time.Minute)
		must(t, d.hooks.Sweep(bg))
		if d.log(hook)[0].State != "failed" {
			t.Errorf("waits for ever: %+v", d.log(hook)[0])
		}
		must(t, d.hooks.Remove(bg, hook))
		d.drain(hook)
		if len(d.log(hook)) != 0 || len(d.log(kept)) != 1 {
			t.Error("the log of a hook that was removed stays, or another's goes")
		}
	})
}

func TestAHeldReplyIsToldWhenItIsReleasedAndSpamFromTheBeginningNever(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d *desk) {
		in := d.write("hello")
		d.pump()
		r := newReceiver(t)
		hook := d.hook(r, "ticket.created", "message.created")
		d.at = d.at.Add(time.Second)
		_, err := d.tickets.Receive(bg, tickets.Inbound{InboxID: d.inbox, ContactID: in.Ticket.ContactID, Body: "win", BeginAs: tickets.StatusSpam, TicketID: d.closed(in)})
		must(t, err)
		other := d.write("再来")
		held, err := d.tickets.Post(bg, d.agent, tickets.Outgoing{TicketID: other.Ticket.ID, Kind: tickets.KindReply, Body: "later", Hold: time.Minute})
		must(t, err)
		d.pump()
		d.drain(hook)
		told := func() (events []string) {
			for _, one := range r.all() {
				if one.event == "message.created" {
					m, _ := one.data["message"].(map[string]any)
					events = append(events, one.event+" "+fmt.Sprintf("%v/%v", m["id"], m["seq"]))
				} else {
					events = append(events, one.event)
				}
			}
			slices.Sort(events)
			return events
		}
		want := []string{"message.created " + fmt.Sprintf("%v/1", other.Message.ID), "ticket.created"}
		if got := told(); !slices.Equal(got, want) {
			t.Errorf("before the release: told %v, want %v", got, want)
		}
		_, err = d.tickets.ReleaseNow(bg, d.agent, held.Message.ID)
		must(t, err)
		d.pump()
		d.drain(hook)
		want = append(want, "message.created "+fmt.Sprintf("%v/2", held.Message.ID))
		slices.Sort(want)
		if got := told(); !slices.Equal(got, want) {
			t.Errorf("after the release: told %v, want %v", got, want)
		}
	})
}

// closed closes the ticket of a message.
func (d *desk) closed(in tickets.Received) id.ID {
	d.t.Helper()
	_, err := d.tickets.SetStatus(bg, d.agent, in.Ticket.ID, tickets.StatusClosed)
	must(d.t, err)
	return in.Ticket.ID
}
