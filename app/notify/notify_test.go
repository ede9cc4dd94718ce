package notify_test

import (
	"context"
	"errors"
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
	"huiyin/tickets/fault"
	"huiyin/tickets/hours"
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

func TestANewTicketIsToldToAllUntilSomebodyTakesIt(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		one := d.write(nil)
		d.read()
		d.is("Lin", d.bell(d.lin), "waiting")
		d.is("Wu", d.bell(d.wu), "waiting")
		if n := d.told[0]; n.Ticket != one.ID || n.Number != one.Number || n.Unread != 1 || !n.Sound || n.Desktop {
			t.Errorf("her screen is told %+v", n)
		}
		d.assign(d.chen, d.lin, one)
		d.told = nil
		d.read()
		d.is("Lin, who has it", d.bell(d.lin), "assigned")
		d.is("Wu, who has not", d.bell(d.wu), "")
		if !slices.ContainsFunc(d.told, func(n notify.Notice) bool { return n.Agent == d.wu.ID && n.Kind == "" && n.Unread == 0 }) {
			t.Errorf("Wu's screen is not told that it is over: %+v", d.told)
		}
		d.write(one)
		d.read()
		d.is("Lin, whose contact writes", d.bell(d.lin), "assigned message")
		must(t, d.notices.ReadTicket(bg, d.lin.ID, one.ID))
		d.is("Lin, who has opened it", d.bell(d.lin), "")
		d.write(one)
		d.read()
		d.reply(d.lin, one, tickets.KindNote)
		d.read()
		d.is("Lin, after a note", d.bell(d.lin), "message")
		d.reply(d.lin, one, tickets.KindReply)
		d.read()
		d.is("Lin, who has answered", d.bell(d.lin), "")
	})
}

func TestWhoIsMentionedAtATaskIsToldInTheBellAndByMail(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		must(t, d.base.Write(bg, func(tx *gorm.DB) error {
			return d.tickets.TaskUpdatedTx(tx, d.chen, 77, `{"number":12,"change":"comment","state":"in_work","tell":["`+d.lin.ID.String()+`"]}`)
		}))
		d.read()
		if len(d.told) != 1 || d.told[0].Kind != notify.Task || d.told[0].Agent != d.lin.ID || d.told[0].Number != 12 {
			t.Fatalf("told are %+v", d.told)
		}
		list, _, err := d.notices.Bell(bg, d.lin.ID, notify.Place{}, 10)
		must(t, err)
		if len(list) != 1 || list[0].Number != 12 || list[0].Kind != notify.Task {
			t.Errorf("the bell says %+v", list)
		}
		d.pass(10 * time.Minute)
		d.send()
		if len(d.mails) != 1 || d.mailed[0] != "Lin" || d.mails[0].Lines[0].Link != "https://desk.example/improve/12" {
			t.Errorf("mailed are %v: %+v", d.mailed, d.mails)
		}
	})
}

func TestATicketOfATeamIsToldToTheTeam(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		team, err := d.tickets.CreateTeam(bg, "售后")
		must(t, err)
		must(t, d.tickets.AddTeamAgent(bg, team.ID, d.lin.ID))
		one := d.write(nil)
		_, err = d.tickets.SetTeam(bg, d.chen, one.ID, &team.ID)
		must(t, err)
		d.read()
		d.is("Lin, of the team", d.bell(d.lin), "waiting")
		d.is("Wu, of none", d.bell(d.wu), "")
	})
}

func TestWhoDoesNotWantToBeToldIsNot(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		d.choose(d.lin, notify.Choices{On: map[notify.Kind][]notify.Channel{notify.Waiting: {notify.Desktop}}})
		d.choose(d.chen, notify.Choices{})
		d.choose(d.wu, notify.Choices{On: map[notify.Kind][]notify.Channel{notify.Waiting: {notify.Sound, notify.Mail}}, QuietFrom: 9 * 60, QuietTo: 12 * 60})
		d.write(nil)
		d.read()
		d.is("Chen", d.bell(d.chen), "")
		seen := map[id.ID]notify.Notice{}
		for _, n := range d.told {
			seen[n.Agent] = n
		}
		if n := seen[d.lin.ID]; n.Sound || !n.Desktop {
			t.Errorf("Lin wants the browser only: %+v", n)
		}
		if n := seen[d.wu.ID]; n.Sound || n.Unread != 1 {
			t.Errorf("Wu has her quiet hours: %+v", n)
		}
		d.pass(10 * time.Minute)
		d.send()
		d.is("mails in the quiet hours", strings.Join(d.mailed, " "), "")
		d.pass(2 * time.Hour)
		d.send()
		d.is("mails after them", strings.Join(d.mailed, " "), "Wu")
	})
}

func TestAMailIsSentOnlyForWhatIsNotReadMeanwhile(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		for _, a := range []tickets.Actor{d.lin, d.chen} {
			d.choose(a, notify.Choices{On: map[notify.Kind][]notify.Channel{notify.Waiting: {notify.Mail}}})
		}
		d.choose(d.wu, notify.Choices{})
		one, two := d.write(nil), d.write(nil)
		d.read()
		must(t, d.notices.ReadAll(bg, d.chen.ID))
		jobs := d.queued
		d.send()
		d.is("mails at once", strings.Join(d.mailed, " "), "")
		d.at = d.at.Add(6 * time.Minute)
		d.queued = jobs
		d.send()
		d.is("mails", strings.Join(d.mailed, " "), "Lin")
		text := d.mails[0]
		if len(text.Lines) != 2 || !strings.Contains(text.Title, "2") || text.Lines[0].Link != fmt.Sprintf("https://desk.example/tickets/%d", one.Number) ||
			!strings.Contains(text.Lines[1].Text, fmt.Sprint(two.Number)) || !strings.Contains(text.Foot, "https://desk.example/preferences/notices") {
			t.Errorf("both tickets in one mail: %+v", text)
		}
		if all := fmt.Sprint(d.mails); strings.Contains(all, "李小姐") || strings.Contains(all, "13800138000") {
			t.Errorf("the mail names the contact: %s", all)
		}
	})
}

func TestAChatThatWaitsIsToldAgainUntilItIsRead(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		for _, a := range []tickets.Actor{d.lin, d.chen, d.wu} {
			d.choose(a, notify.Choices{On: map[notify.Kind][]notify.Channel{notify.Unanswered: {notify.Bell, notify.Sound}}})
		}
		group := d.target(notify.Target{Kinds: []notify.Kind{notify.Unanswered}})
		one := d.write(nil)
		d.assign(d.wu, d.lin, one)
		d.read()
		d.pass(2 * time.Minute)
		d.is("too early", d.bell(d.lin), "")
		d.pass(time.Minute)
		d.is("Lin, after three minutes", d.bell(d.lin), "unanswered")
		d.is("Wu, who does not have it", d.bell(d.wu), "")
		d.told = nil
		d.pass(4 * time.Minute)
		if len(d.told) != 0 {
			t.Errorf("told again too early: %+v", d.told)
		}
		d.pass(time.Minute)
		if len(d.told) != 1 || !d.told[0].Sound {
			t.Errorf("told again after five minutes: %+v", d.told)
		}
		must(t, d.notices.ReadTicket(bg, d.lin.ID, one.ID))
		d.told = nil
		d.pass(5 * time.Minute)
		d.is("Lin, who has read it", d.bell(d.lin), "")
		d.send()
		if len(d.posts) != 1 || d.posts[0].Lines[0].Link != fmt.Sprintf("https://desk.example/tickets/%d", one.Number) {
			t.Errorf("the group %v is told of what is queued once: %+v", group, d.posts)
		}
		// She answers; the contact writes again: a new silence.
		d.reply(d.lin, one, tickets.KindReply)
		d.write(one)
		d.read()
		d.pass(3 * time.Minute)
		d.is("a new silence", d.bell(d.lin), "unanswered")
		_, err := d.tickets.SetStatus(bg, d.lin, one.ID, tickets.StatusSolved)
		must(t, err)
		d.read()
		d.is("solved", d.bell(d.lin), "")
		d.pass(time.Hour)
		d.is("later", d.bell(d.lin), "")
	})
}

func TestWhileTheInboxIsClosedNobodyIsWoken(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		week := hours.Week{}
		for day := range week.Days {
			week.Days[day] = []hours.Range{{From: 12 * 60, To: 18 * 60}}
		}
		box, err := d.tickets.CreateInbox(bg, tickets.NewInbox{Channel: tickets.ChannelChat, Name: "noon", Settings: tickets.InboxSettings{Hours: week}})
		must(t, err)
		d.box = box
		d.write(nil)
		d.read()
		must(t, d.notices.ReadAll(bg, d.lin.ID))
		d.pass(time.Hour)
		d.is("closed", d.bell(d.lin), "")
		d.pass(time.Hour + time.Minute)
		d.is("just opened", d.bell(d.lin), "")
		d.pass(2 * time.Minute)
		d.is("open for three minutes", d.bell(d.lin), "unanswered")
	})
}

func TestABadRatingIsToldToWhoHasTheTicketAndWhoLeads(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		other := d.agent("Ma", tickets.RoleAgent)
		one := d.write(nil)
		d.assign(d.wu, d.lin, one)
		_, err := d.tickets.SetStatus(bg, d.lin, one.ID, tickets.StatusSolved)
		must(t, err)
		d.read()
		must(t, d.notices.ReadAll(bg, d.lin.ID))
		_, err = d.tickets.Rate(bg, one.ID, 1, "慢")
		must(t, err)
		d.read()
		d.is("Lin", d.bell(d.lin), "rated")
		d.is("Chen, a manager", d.bell(d.chen), "rated")
		d.is("Ma", d.bell(other), "")
	})
}

// lasting is a failure as a way out gives it.
type lasting bool

func (lasting) Error() string   { return "no" }
func (lasting) Reason() string  { return "refused" }
func (lasting) Detail() string  { return "" }
func (l lasting) Lasting() bool { return bool(l) }

func TestAnAlertIsRaisedOnceAndGoesToTheAdministrators(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		d.target(notify.Target{Kinds: []notify.Kind{notify.Alert}})
		for range 2 {
			d.notices.Alert(bg, "disk.low", map[string]string{"free": "90 MB"})
		}
		d.read()
		d.send()
		d.is("Wu", d.bell(d.wu), "alert")
		d.is("Lin", d.bell(d.lin), "")
		d.is("mails", strings.Join(d.mailed, " "), "Wu")
		d.is("posts", strings.Join(d.posted, " "), "group")
		if text := d.posts[0]; text.Title != "磁盘空间即将用尽" || text.Lines[0].Link != "https://desk.example/settings/health" {
			t.Errorf("the alert says %+v", text)
		}
		list, err := d.notices.Standing(bg)
		must(t, err)
		if len(list) != 1 || list[0].Args["free"] != "90 MB" {
			t.Errorf("standing: %+v", list)
		}
		d.notices.AlertOver(bg, "disk.low")
		d.notices.AlertOver(bg, "disk.low")
		d.is("over", d.bell(d.wu), "")
		d.notices.Alert(bg, "disk.low", nil)
		d.read()
		d.is("and again", d.bell(d.wu), "alert")
	})
}

func TestAnAlertThatCannotBeWrittenIsRaisedLater(t *testing.T) {
	t.Parallel()
	d := newDesk(t, db.SQLite)
	gone, cancel := context.WithCancel(bg)
	cancel()
	d.notices.Alert(gone, "disk.low", map[string]string{"free": "1 MB"})
	if list, _ := d.notices.Standing(bg); len(list) != 0 {
		t.Fatalf("the write did not fail: %+v", list)
	}
	d.pass(time.Second)
	if list, _ := d.notices.Standing(bg); len(list) != 1 {
		t.Errorf("standing: %+v", list)
	}
}

func TestWhatFailsIsTriedForADayThenGivenUp(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		group := d.target(notify.Target{Kinds: []notify.Kind{notify.Waiting}})
		for _, a := range []tickets.Actor{d.lin, d.chen} {
			d.choose(a, notify.Choices{})
		}
		d.choose(d.wu, notify.Choices{On: map[notify.Kind][]notify.Channel{notify.Alert: {notify.Bell}}})
		d.fail = errors.New("no way")
		d.write(nil)
		d.read()
		d.send()
		d.read()
		d.is("Wu, at the first failure", d.bell(d.wu), "alert")
		tries := 0
		for d.queued = nil; tries < 100; tries++ {
			d.pass(time.Hour + time.Minute)
			if len(d.queued) == 0 {
				break
			}
			d.queued = d.queued[:1]
			d.send()
			d.queued = nil
		}
		if tries < 20 || tries > 30 {
			t.Errorf("given up after %d hours, want about 24", tries)
		}
		list, err := d.notices.Sent(bg, 0, 10)
		must(t, err)
		if len(list) != 1 || list[0].State != "failed" || list[0].Target != group || list[0].Reason != "notices.reason.other" || list[0].Attempts < 20 {
			t.Errorf("the record: %+v", list)
		}
		to, err := d.notices.Target(bg, group)
		must(t, err)
		if to.FailingAt == 0 {
			t.Error("the target does not count as failing")
		}
		d.fail = nil
		must(t, d.notices.TryTarget(bg, group))
		d.is("Wu, after it works again", d.bell(d.wu), "")
	})
}

func TestALastingFailureIsNotTriedAgain(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		d.target(notify.Target{Kinds: []notify.Kind{notify.Waiting}})
		d.fail = lasting(true)
		d.write(nil)
		d.read()
		d.send()
		list, err := d.notices.Sent(bg, 0, 10)
		must(t, err)
		if len(list) != 1 || list[0].State != "failed" || list[0].Reason != "refused" {
			t.Errorf("the record: %+v", list)
		}
	})
}

func TestARowWhoseJobIsLostIsSentAllTheSame(t *testing.T) {
	both(t, func(_ *testing.T, d *desk) {
		d.target(notify.Target{Kinds: []notify.Kind{notify.Waiting}})
		d.write(nil)
		d.read()
		d.queued = nil // the process died
		d.pass(time.Minute)
		d.send()
		d.is("posts", strings.Join(d.posted, " "), "group")
	})
}

func TestThePastIsNotTold(t *testing.T) {
	both(t, func(_ *testing.T, d *desk) {
		d.write(nil)
		d.at = d.at.Add(2 * time.Hour)
		d.read()
		d.is("Lin", d.bell(d.lin), "")
	})
}

// fieldOf names the only field that is wrong.
func fieldOf(err error) string {
	f := fault.As(err)
	if f == nil || len(f.Fields) != 1 {
		return ""
	}
	return f.Fields[0].Name
}

func TestATargetIsCheckedAndKeepsItsSecrets(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		for name, bad := range map[string]notify.Target{
			"url":    {Sort: "wecom", Name: "x", URL: "ftp://x", Locale: "en", Kinds: []notify.Kind{notify.Alert}},
			"name":   {Sort: "wecom", Name: " ", URL: "https://x.example", Locale: "en", Kinds: []notify.Kind{notify.Alert}},
			"sort":   {Sort: "pigeon", Name: "x", URL: "https://x.example", Locale: "en", Kinds: []notify.Kind{notify.Alert}},
			"kinds":  {Sort: "wecom", Name: "x", URL: "https://x.example", Locale: "en", Kinds: []notify.Kind{notify.Message}},
			"locale": {Sort: "wecom", Name: "x", URL: "https://x.example", Locale: "xx", Kinds: []notify.Kind{notify.Alert}},
			"secret": {Sort: "wecom", Name: "x", URL: "https://x.example", Locale: "en", Secret: strings.Repeat("x", 201), Kinds: []notify.Kind{notify.Alert}},
		} {
			_, err := d.notices.SaveTarget(bg, bad)
			if fieldOf(err) != name {
				t.Errorf("%s: got %v, want an error of that field", name, err)
			}
		}
		one := d.target(notify.Target{Sort: "dingtalk", Name: "值班群", URL: "https://oapi.example/robot?access_token=t", Secret: "SECx", Locale: "zh-CN", Kinds: []notify.Kind{notify.Alert}})
		_, err := d.notices.SaveTarget(bg, notify.Target{ID: one, Sort: "dingtalk", Name: "夜班群", Locale: "zh-CN", Kinds: []notify.Kind{notify.Alert, notify.Waiting}})
		must(t, err)
		got, err := d.notices.Target(bg, one)
		must(t, err)
		d.is("kept", fmt.Sprint(got.Name, got.URL, got.Secret, got.Kinds), fmt.Sprint("夜班群", "https://oapi.example/robot?access_token=t", "SECx", []notify.Kind{notify.Waiting, notify.Alert}))
		must(t, d.notices.DeleteTarget(bg, one))
		if _, err := d.notices.Target(bg, one); err == nil {
			t.Error("it is still there")
		}
	})
}

func TestTheBellIsPagedAndSwept(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		for range 5 {
			d.write(nil)
			d.at = d.at.Add(time.Second)
		}
		d.read()
		first, next, err := d.notices.Bell(bg, d.lin.ID, notify.Place{}, 3)
		must(t, err)
		rest, end, err := d.notices.Bell(bg, d.lin.ID, *next, 3)
		must(t, err)
		if len(first) != 3 || len(rest) != 2 || end != nil || first[2].At <= rest[0].At {
			t.Errorf("pages of %d and %d, then %v", len(first), len(rest), end)
		}
		must(t, d.notices.ReadOne(bg, d.chen.ID, first[0].ID)) // another's: nothing happens
		if n, err := d.notices.Unread(bg, d.lin.ID); n != 5 || err != nil {
			t.Errorf("unread: %d, %v", n, err)
		}
		must(t, d.notices.ReadOne(bg, d.lin.ID, first[0].ID))
		d.at = d.at.Add(31 * 24 * time.Hour)
		must(t, d.notices.Sweep(bg, 2))
		left, _, err := d.notices.Bell(bg, d.lin.ID, notify.Place{}, 50)
		must(t, err)
		if len(left) != 4 {
			t.Errorf("%d left after a month, want the unread 4", len(left))
		}
		d.at = d.at.Add(60 * 24 * time.Hour)
		must(t, d.notices.Sweep(bg, 2))
		if left, _, _ = d.notices.Bell(bg, d.lin.ID, notify.Place{}, 50); len(left) != 0 {
			t.Errorf("%d left after three months", len(left))
		}
	})
}
