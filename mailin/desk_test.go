package mailin_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/blob"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/files"
	"huiyin/app/i18n"
	"huiyin/app/mailer"
	"huiyin/app/mailout"
	"huiyin/mailin"
	"huiyin/mailin/imapbox"
	"huiyin/mailin/mailtest"
	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

var bg = context.Background()

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// desk is the domain with the mail service on a real database, without anything that runs by itself.
type desk struct {
	*mailin.Service
	t       testing.TB
	base    *db.DB
	tickets *tickets.Service
	inbox   *tickets.Inbox
	agent   tickets.Actor
	server  *mailtest.Dovecot

	mu     sync.Mutex
	alerts []string
	over   []string // kinds of alerts that ended
	broken string   // the name of a file that cannot be kept
	uids   uint32
	ahead  atomic.Int64 // the desk's clock before the real one, ns
	files  *files.Service
	cursor int64 // of the events that were read
}

// now is the desk's clock; later moves it on.
func (d *desk) now() time.Time { return time.Now().Add(time.Duration(d.ahead.Load())) }

func (d *desk) later(by time.Duration) { d.ahead.Add(int64(by)) }

// each runs fn on a desk of each dialect.
func each(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		t.Parallel()
		fn(t, newDesk(t, database))
	})
}

func newDesk(t testing.TB, database *db.DB) *desk {
	t.Helper()
	d := &desk{t: t, base: database}
	d.tickets, d.Service, d.files = services(database, parts{dir: t.TempDir(), node: 1, now: d.now, log: slog.New(slog.NewTextHandler(logOf{t}, nil)), broken: d.isBroken,
		alert: func(_ context.Context, kind string, args map[string]string) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.alerts = append(d.alerts, kind+" "+args["reason"])
		}, over: func(_ context.Context, kind string) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.over = append(d.over, kind)
		}})
	d.begin()
	return d
}

// begin makes the shop, the inbox and an agent.
func (d *desk) begin() {
	d.t.Helper()
	must(d.t, d.tickets.SaveShop(bg, tickets.Shop{Name: "青禾", Locale: "zh-CN", Timezone: "Asia/Shanghai", Country: "CN", Currency: "CNY"}))
	var err error
	d.inbox, err = d.tickets.CreateInbox(bg, tickets.NewInbox{Channel: tickets.ChannelEmail, Name: "客服邮箱"})
	must(d.t, err)
	a, err := d.tickets.CreateAgent(bg, tickets.NewAgent{Name: "林", Email: "lin@shop.test", Role: tickets.RoleAgent, PasswordHash: "x"})
	must(d.t, err)
	d.agent = tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: a.Role}
}

// parts are what differs from one process to another.
type parts struct {
	dir    string // key ring and files
	node   int
	log    *slog.Logger
	broken func(name string) bool
	alert  func(ctx context.Context, kind string, args map[string]string)
	over   func(ctx context.Context, kind string)
	step   func(name string)
	wait   time.Duration
	now    func() time.Time // nil: the real clock
}

// services makes the domain and the mail service over a database.
func services(database *db.DB, p parts) (*tickets.Service, *mailin.Service, *files.Service) {
	if p.now == nil {
		p.now = time.Now
	}
	ids := id.NewMaker(p.node, time.Now)
	store := tickets.Store{Write: database.Write, Read: database.Read, After: db.After}
	sealer, err := seal.Open(bg, seal.Options{
		DB: seal.Store{Write: database.Write, Read: database.Read}, RingPath: filepath.Join(p.dir, "keyring"), Now: time.Now, NewID: ids.Next,
	})
	if err != nil {
		panic(err)
	}
	texts, err := i18n.Load()
	if err != nil {
		panic(err)
	}
	var kept *files.Service
	var mails *mailin.Service
	domain := tickets.New(tickets.Options{
		Store: store, Sealer: sealer, IDs: ids, Now: p.now,
		CopyFile: func(ctx context.Context, a *tickets.Attachment, contact id.ID) (*tickets.Attachment, error) {
			return kept.CopyFor(ctx, a, contact)
		},
		Replied: func(tx *gorm.DB, t *tickets.Ticket, m *tickets.Message) error { return mails.Replied(tx, t, m) },
		Moved: func(tx *gorm.DB, from id.ID, copied *tickets.Message, into *tickets.Ticket, files map[id.ID]id.ID) error {
			return mails.Moved(tx, from, copied, into, files)
		},
	})
	kept = files.New(files.Options{
		Store: blob.Folder{Dir: filepath.Join(p.dir, "files")}, Tickets: domain, Sealer: sealer, Read: database.Read, NewID: ids.Next, Now: time.Now, Log: p.log,
	})
	mails = mailin.New(mailin.Options{
		Store: store, Tickets: domain, Sealer: sealer, IDs: ids, Now: p.now, Log: p.log, Alert: p.alert, AlertOver: p.over, Step: p.step, CommandTime: p.wait,
		BaseURL: &url.URL{Scheme: "https", Host: "desk.test"}, Text: texts.Text,
		TakeFile: func(ctx context.Context, contact id.ID, name, _ string, content []byte) (*tickets.Attachment, error) {
			if p.broken != nil && p.broken(name) {
				return nil, errors.New("a disk that fails")
			}
			return kept.Take(ctx, files.Upload{By: tickets.Actor{Kind: tickets.ActorContact, ID: contact}, Name: name, Body: bytes.NewReader(content), Mailed: true})
		},
		AgentSignature: func(context.Context, id.ID) (string, error) { return "分机 21", nil },
		OpenFile: func(ctx context.Context, a *tickets.Attachment) (io.ReadCloser, error) {
			return kept.Open(ctx, a, files.Original)
		},
		Send: mailout.Sender{Mailer: mailer.New(mailer.Options{Now: p.now})}.Send,
	})
	return domain, mails, kept
}

// mailbox gives the desk a real mailbox and reads it until the test ends.
func (d *desk) mailbox() {
	d.t.Helper()
	d.server = mailtest.StartDovecot(d.t)
	must(d.t, d.Save(bg, d.account()))
}

func (d *desk) account() mailin.Account {
	return mailin.Account{
		InboxID: d.inbox.ID, Active: true, Address: "support@shop.test", Processed: "Huiyin",
		IMAP: mailin.Server{Host: "127.0.0.1", Port: d.server.Plain, Security: imapbox.Plain, User: "support@shop.test", Password: mailtest.Password},
	}
}

// run lets the readers work until stop is called.
func (d *desk) run() (stop func()) {
	ctx, cancel := context.WithCancel(bg)
	done := make(chan struct{})
	go func() { defer close(done); d.Run(ctx) }()
	var once sync.Once
	stop = func() { once.Do(func() { cancel(); <-done }) }
	d.t.Cleanup(stop)
	return stop
}

// count gives how many rows a query tells.
func (d *desk) count(query string, args ...any) (n int) {
	d.t.Helper()
	must(d.t, d.base.Read(bg).Raw(query, args...).Row().Scan(&n))
	return n
}

// settled waits until so many mails came and nothing waits any more.
func (d *desk) settled(n int) {
	d.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		all, left := d.count(`SELECT COUNT(*) FROM mail_incoming`), d.count(`SELECT (SELECT COUNT(*) FROM mail_incoming WHERE state = 'new') + (SELECT COUNT(*) FROM mail_incoming WHERE NOT put_away)`)
		if all >= n && left == 0 {
			return
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("%d mails came and %d wait, want %d: %s", all, left, n, d.server.Log())
		}
	}
}

// written is when the letters of the tests were: an hour ago, and for all of a run the same.
var written = time.Now().Add(-time.Hour).Format(time.RFC1123Z)

// letter writes a mail.
func letter(id, from, subject, body string, more ...string) []byte {
	return fmt.Appendf(nil, "Message-ID: <%s>\r\nFrom: %s\r\nTo: support@shop.test\r\nSubject: %s\r\nDate: %s\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n%s\r\n%s\r\n",
		id, from, subject, written, strings.Join(append(more, ""), "\r\n"), body)
}

func (d *desk) fail(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = name
}

func (d *desk) isBroken(name string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return name != "" && name == d.broken
}

// all gives every ticket, the oldest first.
func (d *desk) all() (out []*tickets.Ticket) {
	d.t.Helper()
	var ids []int64
	must(d.t, d.base.Read(bg).Raw(`SELECT id FROM tickets ORDER BY number`).Scan(&ids).Error)
	for _, one := range ids {
		t, err := d.tickets.Ticket(bg, id.ID(one))
		must(d.t, err)
		out = append(out, t)
	}
	return out
}

// said gives the messages of a ticket: kind and text.
func (d *desk) said(ticket id.ID) (out []string) {
	d.t.Helper()
	entries, err := d.tickets.Timeline(bg, ticket, 0, 200)
	must(d.t, err)
	for _, e := range entries {
		if e.Message != nil {
			out = append(out, string(e.Message.Kind)+": "+e.Message.Body)
		}
	}
	return out
}

// newestReason tells why the newest mail stands in its ticket.
func (d *desk) newestReason() (reason string) {
	d.t.Helper()
	must(d.t, d.base.Read(bg).Raw(`SELECT reason FROM mail_messages ORDER BY incoming_id DESC LIMIT 1`).Row().Scan(&reason))
	return reason
}

// put stores mails as if they had been fetched, and reads them.
func (d *desk) put(raws ...[]byte) {
	d.t.Helper()
	for _, raw := range raws {
		d.uids++
		must(d.t, d.Keep(bg, d.inbox.ID, 1, imapbox.Mail{UID: d.uids, Raw: raw, At: time.Now(), Size: int64(len(raw))}))
	}
	d.process()
}

func (d *desk) process() {
	d.t.Helper()
	for {
		n, err := d.Process(bg)
		must(d.t, err)
		if n == 0 {
			return
		}
	}
}

// quiet gives the desk an account whose server nobody asks.
func (d *desk) quiet() {
	d.t.Helper()
	must(d.t, d.Save(bg, mailin.Account{
		InboxID: d.inbox.ID, Address: "support@shop.test", Plus: mailin.PlusYes, AuthServ: "mx.shop.test", IMAP: mailin.Server{Host: "imap.shop.test"},
	}))
}

// logOf writes into a test's own log.
type logOf struct{ t testing.TB }

func (l logOf) Write(line []byte) (int, error) {
	if l.t.Context().Err() == nil {
		l.t.Log(strings.TrimSpace(string(line)))
	}
	return len(line), nil
}
