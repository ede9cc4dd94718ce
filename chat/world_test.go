package chat_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"huiyin/app/bus"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/i18n"
	"huiyin/chat"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

var bg = context.Background()

var texts = sync.OnceValue(func() *i18n.Bundle {
	b, err := i18n.Load()
	if err != nil {
		panic(err)
	}
	return b
})

// world is a shop's desk on a database of its own: one or more nodes, an inbox, two agents.
type world struct {
	t      testing.TB
	db     *db.DB
	store  tickets.Store
	sealer *seal.Sealer
	bus    *bus.Local
	inbox  *tickets.Inbox
	lin    tickets.Actor // 小林
	chen   tickets.Actor // 陈晨
	nodes  []*node
	ahead  atomic.Int64
	buyer  atomic.Int64 // of order 20260001
	scale  float64
	notice atomic.Pointer[[2]string] // how the privacy notice stands
	hurry  bool                      // nodes that join later run their clocks fast

	mu       sync.Mutex
	attempts []chat.Attempt
	refused  map[id.ID]bool // agents whose sign-in has ended
	onSign   func()         // called while an agent signs in
}

// node is one process of the desk.
type node struct {
	*tickets.Service
	world *world
	desk  *chat.Desk
	http  *httptest.Server
	ids   *id.Maker
	url   string
}

// each runs fn on a desk of each dialect.
func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		fn(t, newWorld(t, d, 1))
	})
}

// onSQLite is for what is the same on both databases.
func onSQLite(t testing.TB) *world {
	t.Helper()
	if tt, ok := t.(*testing.T); ok {
		tt.Parallel()
	}
	return newWorld(t, dbtest.Open(t, db.SQLite), 1)
}

func newWorld(t testing.TB, d *db.DB, scale float64) *world {
	t.Helper()
	w := &world{t: t, db: d, bus: bus.NewLocal(), scale: scale, refused: map[id.ID]bool{}}
	w.store = tickets.Store{Write: d.Write, Read: d.Read, After: db.After}
	ids := id.NewMaker(1023, w.now)
	var err error
	w.sealer, err = seal.Open(bg, seal.Options{
		DB: seal.Store{Write: d.Write, Read: d.Read}, RingPath: filepath.Join(t.TempDir(), "keyring"), Now: w.now, NewID: ids.Next,
	})
	ok(t, err)
	n := w.join(w.bus.Node())
	w.inbox, err = n.CreateInbox(bg, tickets.NewInbox{Channel: tickets.ChannelChat, Name: "青禾小店", Settings: tickets.InboxSettings{
		AllowedOrigins: []string{"https://shop.example"},
	}})
	ok(t, err)
	w.lin, w.chen = w.agent("lin@huiyin.test", "小林"), w.agent("chen@huiyin.test", "陈晨")
	return w
}

func (w *world) now() time.Time          { return time.Now().Add(time.Duration(w.ahead.Load())) }
func (w *world) advance(t time.Duration) { w.ahead.Add(int64(t)) }
func (w *world) node() *node             { return w.nodes[0] }

func (w *world) agent(email, name string) tickets.Actor {
	w.t.Helper()
	a, err := w.node().CreateAgent(bg, tickets.NewAgent{Email: email, Name: name, Role: tickets.RoleAgent, PasswordHash: "$argon2id$"})
	ok(w.t, err)
	return tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: a.Role}
}

// standing is how the desk's privacy notice stands: version 1, or what the test has set.
func (w *world) standing(context.Context) (current, since string, err error) {
	if set := w.notice.Load(); set != nil {
		return set[0], set[1], nil
	}
	return "1", "1", nil
}

// join starts one more node, which goes with the test.
func (w *world) join(b bus.Bus) *node {
	w.t.Helper()
	n := &node{world: w, ids: id.NewMaker(len(w.nodes)+1, w.now)}
	n.http = httptest.NewUnstartedServer(http.NotFoundHandler())
	n.url = "http://" + n.http.Listener.Addr().String()
	base, err := url.Parse(n.url)
	ok(w.t, err)
	n.Service = tickets.New(tickets.Options{Store: w.store, Sealer: w.sealer, IDs: n.ids, Now: w.now, Notify: func(c tickets.Change) { n.desk.Changed(c) }})
	n.desk = chat.New(chat.Options{
		Store: w.store, Tickets: n.Service, Sealer: w.sealer, IDs: n.ids, Now: w.now, Bus: b, BaseURL: base,
		ClientIP: addressOf, AuthAgent: w.signIn, Text: texts().Text, LimitScale: w.scale, Notice: w.standing, Orders: w.look, Attempt: w.takeAttempt, Assign: w.assign,
		Log: slog.New(slog.NewTextHandler(w.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if w.hurry {
		n.desk.Hurry()
	}
	mux := http.NewServeMux()
	mux.Handle("/chat/", n.desk.Visitor())
	mux.Handle("/agent/", n.desk.Agent())
	n.http.Config.Handler = mux
	n.http.Start()
	ran := make(chan error, 1)
	go func() { ran <- n.desk.Run(bg) }()
	w.nodes = append(w.nodes, n)
	w.t.Cleanup(func() {
		n.stop(ran)
		ok(w.t, b.Close())
	})
	return n
}

// stop closes a node the way the program does.
func (n *node) stop(ran <-chan error) {
	ctx, cancel := context.WithTimeout(bg, 20*time.Second)
	defer cancel()
	ok(n.world.t, n.desk.Close(ctx))
	ok(n.world.t, <-ran)
	n.http.Close()
}

// addressOf believes a header, so that a test can come from many addresses.
func addressOf(r *http.Request) netip.Addr {
	if a, err := netip.ParseAddr(r.Header.Get("X-Test-Address")); err == nil {
		return a
	}
	a, _ := netip.ParseAddrPort(r.RemoteAddr)
	return a.Addr()
}

// signIn takes "Bearer agent ID" or the cookie agent=ID.
func (w *world) signIn(r *http.Request) (tickets.Actor, string, error) {
	text, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer agent ")
	if c, err := r.Cookie("agent"); err == nil && !found {
		text, found = c.Value, true
	}
	who, err := id.Parse(text)
	if w.onSign != nil {
		w.onSign()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil || !found || w.refused[who] {
		return tickets.Actor{}, "", fault.New(fault.Unauthenticated, "chat.error.sign_in")
	}
	return tickets.Actor{Kind: tickets.ActorAgent, ID: who, Role: tickets.RoleAgent}, "zh-CN", nil
}

func (w *world) signOut(who id.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refused[who] = true
}

// settings changes the inbox.
func (w *world) settings(change func(s *tickets.InboxSettings)) {
	w.t.Helper()
	s := w.inbox.Settings
	change(&s)
	w.inbox.Settings = s
	_, err := w.node().UpdateInboxSettings(bg, w.inbox.ID, s)
	ok(w.t, err)
}

// newWorldScaled is a desk on SQLite with other limits.
func newWorldScaled(t *testing.T, scale float64) *world {
	t.Helper()
	t.Parallel()
	return newWorld(t, dbtest.Open(t, db.SQLite), scale)
}
