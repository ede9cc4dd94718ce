package web

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"gorm.io/gorm"

	"huiyin/app/answers"
	"huiyin/app/attempts"
	"huiyin/app/auth"
	"huiyin/app/blob"
	"huiyin/app/bus"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/deskmail"
	"huiyin/app/egress"
	"huiyin/app/feedback"
	"huiyin/app/files"
	"huiyin/app/hooks"
	"huiyin/app/i18n"
	"huiyin/app/idempotency"
	"huiyin/app/improve"
	"huiyin/app/improve/telling"
	"huiyin/app/insights"
	"huiyin/app/insights/insightstest"
	"huiyin/app/insights/oldtexts"
	"huiyin/app/notify"
	"huiyin/app/orders"
	"huiyin/app/privacy"
	"huiyin/app/sms"
	"huiyin/chat"
	"huiyin/mailin"
	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

const testPassword = "correct horse battery"

// desk is a whole desk behind a listening server.
type desk struct {
	t        testing.TB
	db       *db.DB
	web      *Server
	auth     *auth.Service
	tickets  *tickets.Service
	chat     *chat.Desk
	files    *files.Service
	mail     *deskmail.Service
	outbox   chan deskmail.SendMail // jobs of mails, which nobody does by itself
	notices  *notify.Service
	boxes    *mailin.Service
	orders   *orders.Service
	groups   *insights.Service
	fill     *insightstest.Filler // of complaints in groups
	oldTexts *oldtexts.Service
	telling  *telling.Service
	task     telling.Task
	forms    *feedback.Service
	http     *httptest.Server
	inbox    *tickets.Inbox
}

// newDesk starts a desk on SQLite with one chat inbox and no agent.
func newDesk(t testing.TB, change ...func(*Options)) *desk {
	t.Helper()
	database := dbtest.Open(t, "sqlite")
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	ids := id.NewMaker(0, time.Now)
	store := tickets.Store{Write: database.Write, Read: database.Read, After: db.After}
	sealer, err := seal.Open(context.Background(), seal.Options{
		DB: seal.Store{Write: database.Write, Read: database.Read}, RingPath: filepath.Join(t.TempDir(), "ring.json"), Now: time.Now, NewID: ids.Next,
	})
	must(t, err)
	d := &desk{t: t, db: database}
	d.tickets = tickets.New(tickets.Options{HoldMail: tickets.MailHold, Store: store, Sealer: sealer, IDs: ids, Now: time.Now, Notify: func(c tickets.Change) { d.chat.Changed(c) },
		Moved: func(tx *gorm.DB, from id.ID, copied *tickets.Message, into *tickets.Ticket, files map[id.ID]id.ID) error {
			return d.boxes.Moved(tx, from, copied, into, files)
		},
	})
	texts, err := i18n.Load()
	must(t, err)
	d.http = httptest.NewUnstartedServer(nil)
	base, err := url.Parse("http://" + d.http.Listener.Addr().String())
	must(t, err)
	d.auth = auth.New(auth.Options{Store: store, Tickets: d.tickets, Sealer: sealer, IDs: ids, Now: time.Now, Log: log})
	registry := prometheus.NewRegistry()
	d.files = files.New(files.Options{
		Store: blob.Folder{Dir: t.TempDir()}, Tickets: d.tickets, Sealer: sealer, Read: database.Read, NewID: ids.Next, Now: time.Now, Log: log,
	})
	d.chat = chat.New(chat.Options{
		Files: d.files.Link, TakeFile: func(ctx context.Context, by tickets.Actor, name string, body io.Reader) (*tickets.Attachment, error) {
			return d.files.Take(ctx, files.Upload{By: by, Name: name, Body: body})
		},
		Store: store, Tickets: d.tickets, Sealer: sealer, IDs: ids, Now: time.Now, Bus: bus.NewLocal().Node(), BaseURL: base,
		ClientIP: ClientIP(nil), AuthAgent: d.auth.AgentOf, Text: texts.Text, Log: log, Metrics: registry,
	})
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		if err := d.chat.Run(ctx); err != nil && ctx.Err() == nil {
			t.Errorf("chat: %v", err)
		}
	}()
	answerer := answers.New(answers.Options{
		Tickets: d.tickets, BaseURL: base, Now: time.Now, Log: log, Text: texts.Text, There: d.chat.There, Connected: d.chat.Connected,
	})
	texter := sms.New(sms.Options{
		Store: store, Tickets: d.tickets, IDs: ids, BaseURL: base, Now: time.Now, Log: log,
		Do: func(context.Context, sms.Request) (sms.Answer, error) {
			return sms.Answer{Status: 200, Body: []byte(`{"Code":"OK"}`)}, nil
		},
	})
	teller := hooks.New(hooks.Options{
		Store: store, Tickets: d.tickets, Sealer: sealer, IDs: ids, Now: time.Now, Log: log,
		HTTP:  egress.New(egress.Options{AllowHosts: []string{"127.0.0.1"}}),
		Queue: func(*gorm.DB, hooks.Drain) error { return nil },
	})
	d.outbox = make(chan deskmail.SendMail, 20)
	d.mail = deskmail.New(deskmail.Options{
		Store: store, Tickets: d.tickets, BaseURL: base, Now: time.Now, Log: log, Text: texts.Text,
		HTML:  func(l deskmail.Letter) (string, error) { return d.web.Letter(l) },
		Queue: func(_ *gorm.DB, job deskmail.SendMail) error { d.outbox <- job; return nil },
		PasswordLink: func(ctx context.Context, agent id.ID) (string, error) {
			return d.auth.PasswordLink(ctx, tickets.Actor{Kind: tickets.ActorSystem}, agent, auth.MailedLinkLife)
		},
		Invitation: func(ctx context.Context, invitation id.ID) (deskmail.Invited, error) {
			one, token, err := d.auth.AgainInvitation(ctx, invitation)
			return deskmail.Invited{Email: one.Email, Name: one.Name, Token: token, ExpiresAt: one.ExpiresAt}, err
		},
	})
	d.notices = notify.New(notify.Options{
		Store: store, Tickets: d.tickets, Sealer: sealer, IDs: ids, BaseURL: base, Now: time.Now, Log: log, Text: texts.Text, There: d.chat.There,
		Tell: func(n notify.Notice) {
			d.chat.Notify(chat.Notification{Agent: n.Agent, Kind: string(n.Kind), Unread: n.Unread})
		},
		Mail:  func(context.Context, *tickets.Agent, notify.Text) error { return nil },
		Post:  func(_ context.Context, to notify.Target, _ notify.Text) error { return postFailure(to.Secret) },
		Queue: func(*gorm.DB, notify.Out, time.Time) error { return nil },
	})
	d.orders = orders.New(orders.Options{
		Store: store, Tickets: d.tickets, Sealer: sealer, IDs: ids, Now: time.Now, Log: log, Files: blob.Folder{Dir: t.TempDir()},
		Queue: func(*gorm.DB, orders.Import) error { return nil },
	})
	d.groups = insights.New(insights.Options{Store: store, Tickets: d.tickets, Sealer: sealer, IDs: ids, Now: time.Now, Log: log, Paid: d.orders.Paid})
	d.oldTexts = oldtexts.New(oldtexts.Options{
		Store: store, Tickets: d.tickets, Sealer: sealer, IDs: ids, Now: time.Now, Log: log, Files: blob.Folder{Dir: t.TempDir()}, Groups: d.groups,
		Queue: func(*gorm.DB, oldtexts.Job) error { return nil },
	})
	d.boxes = mailsOf(mailin.Options{Store: store, Tickets: d.tickets, Sealer: sealer, IDs: ids, Now: time.Now, Log: log, BaseURL: base, Text: texts.Text}, d.files)
	d.task = telling.Task{ID: ids.Next(), Number: 1, Title: "faster parcels", Changed: time.Now()}
	d.telling = telling.New(telling.Options{
		Store: store, Tickets: d.tickets, Insights: d.groups, Sealer: sealer, IDs: ids, Now: time.Now, Log: log, BaseURL: base, Text: texts.Text,
		Task:        func(context.Context, id.ID) (telling.Task, error) { return d.task, nil },
		ByMail:      d.boxes.Alone,
		MailsAnHour: d.boxes.MailsAnHour,
		Queue:       func(*gorm.DB, telling.Job) error { return nil },
	})
	d.forms = feedback.New(feedback.Options{
		Store: store, Tickets: d.tickets, Sealer: sealer, IDs: ids, Now: time.Now, Log: log, BaseURL: base, Text: texts.Text,
	})
	d.fill = &insightstest.Filler{T: t, Store: store, Sealer: sealer, IDs: ids, Zone: tickets.DefaultShop.Zone()}
	o := Options{
		Mailboxes: d.boxes, MailTokens: mailin.NewTokens(d.boxes, nil),
		Improve: improve.New(improve.Options{
			Store: store, Tickets: d.tickets, Sealer: sealer, IDs: ids, Now: time.Now, Log: log, Insights: d.groups,
			Orders: improve.Orders{Paid: d.orders.Paid, InArms: d.orders.InArms, Arms: d.orders.Arms}, Files: taskFiles(d),
		}),
		Hooks: teller, Orders: d.orders, Insights: d.groups, OldTexts: d.oldTexts, Telling: d.telling,
		Attempts: attempts.New(attempts.Options{Store: store, Tickets: d.tickets, Sealer: sealer, IDs: ids, Now: time.Now, Log: log}),

		Feedback: d.forms,
		Mail:     d.mail, Notices: d.notices,
		Privacy: privacy.New(privacy.Options{
			Store: store, Tickets: d.tickets, IDs: ids, Now: time.Now, Log: log, Told: d.chat.ContactErased, Texts: texts, DropFile: d.files.DeleteContent,
			Forget: func(tx *gorm.DB, who tickets.Erased) error {
				return errors.Join(chat.Forget(tx, who.Contacts, time.Now()), sms.Forget(tx, who.Tickets))
			},
			OpenFile: func(ctx context.Context, a *tickets.Attachment) (io.ReadCloser, error) {
				return d.files.Open(ctx, a, files.Original)
			},
		}),
		Files:       d.files,
		Idempotency: idempotency.New(store, sealer, ids, time.Now),
		Tickets:     d.tickets, Auth: d.auth, Texts: texts, BaseURL: base, Now: time.Now, Log: log, LimitScale: 100,
		ChatVisitor: d.chat.Visitor(), ChatAgent: d.chat.Agent(), AgentChanged: d.chat.AgentChanged, Answers: answerer, SMS: texter, There: d.chat.There, WaitNews: d.chat.WaitNews, Metrics: registry, MetricsToken: "metrics-token",
	}
	for _, fn := range change {
		fn(&o)
	}
	d.web, err = New(o)
	must(t, err)
	d.http.Config = d.web.HTTPServer()
	d.http.Start()
	d.inbox, err = d.tickets.CreateInbox(ctx, tickets.NewInbox{Channel: tickets.ChannelChat, Name: "青禾小店"})
	must(t, err)
	t.Cleanup(func() {
		closing, done := context.WithTimeout(context.Background(), 5*time.Second)
		defer done()
		_ = d.chat.Close(closing)
		d.http.Close()
		cancel()
		<-stopped
	})
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// agent adds an agent, who signs in as login@desk.example.
func (d *desk) agent(login, name string, role tickets.Role) *tickets.Agent {
	d.t.Helper()
	a, err := d.auth.AddAgent(context.Background(), login+"@desk.example", name, role, testPassword)
	must(d.t, err)
	return a
}

// browser is somebody with a browser: it keeps cookies and follows no redirect.
type browser struct {
	d      *desk
	client *http.Client
	lang   string // that it asks for; empty: en
}

func (d *desk) browser() *browser {
	jar, err := cookiejar.New(nil)
	must(d.t, err)
	return &browser{d: d, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signedIn is the browser of somebody who has signed in.
func (d *desk) signedIn(a *tickets.Agent) *browser {
	d.t.Helper()
	b := d.browser()
	if r := b.post("/sign-in", url.Values{"email": {a.Email}, "password": {testPassword}}); r.status != http.StatusSeeOther {
		d.t.Fatalf("sign in: %d %s", r.status, r.body)
	}
	return b
}

// reply is an answer that was read.
type reply struct {
	status int
	header http.Header
	body   string
}

func (b *browser) do(method, path, accept string, form url.Values) reply {
	b.d.t.Helper()
	req, err := http.NewRequest(method, b.d.http.URL+path, strings.NewReader(form.Encode()))
	must(b.d.t, err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("Accept-Language", cmp.Or(b.lang, "en"))
	res, err := b.client.Do(req)
	must(b.d.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(b.d.t, err)
	return reply{res.StatusCode, res.Header, string(body)}
}

func (b *browser) get(path string) reply { b.d.t.Helper(); return b.do("GET", path, "text/html", nil) }

func (b *browser) post(path string, form url.Values) reply {
	b.d.t.Helper()
	return b.do("POST", path, "text/html", form)
}

func (b *browser) script(path string, form url.Values) reply {
	b.d.t.Helper()
	return b.do("POST", path, "application/json", form)
}

// said makes a ticket out of what a contact said.
func (d *desk) said(contact *tickets.Contact, bodies ...string) *tickets.Ticket {
	d.t.Helper()
	var out tickets.Received
	for _, body := range bodies {
		var err error
		out, err = d.tickets.Receive(context.Background(), tickets.Inbound{InboxID: d.inbox.ID, ContactID: contact.ID, Body: body})
		must(d.t, err)
	}
	return out.Ticket
}

func (d *desk) contact(name string, identities ...tickets.NewIdentity) *tickets.Contact {
	d.t.Helper()
	c, err := d.tickets.CreateContact(context.Background(), tickets.NewContact{Name: name, Locale: "zh-CN", Identities: identities})
	must(d.t, err)
	return c
}
