package chat

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// Bus carries hints to the other nodes. app/bus has the two that exist: inside the process, and NATS.
type Bus interface {
	// Publish sends data to the other nodes' subscribers and does not wait for them.
	Publish(subject string, data []byte) error
	// Subscribe calls fn for each message of a subject, one at a time; fn must not block.
	Subscribe(subject string, fn func(subject string, data []byte)) (cancel func(), err error)
	// OnReconnect adds a function that runs whenever messages may have been lost.
	OnReconnect(fn func())
	// Remote tells whether other processes can be reached.
	Remote() bool
}

// Options are what New needs. LimitScale, Log and Metrics may be left out.
type Options struct {
	Store   tickets.Store
	Tickets *tickets.Service
	Sealer  *seal.Sealer
	IDs     *id.Maker
	Now     func() time.Time
	Bus     Bus
	// BaseURL is the desk's public address; its origin may always speak for shoppers.
	BaseURL *url.URL
	// ClientIP tells from which address a request came, proxies minded.
	ClientIP func(*http.Request) netip.Addr
	// AuthAgent tells who an agent's request is from. It is asked again every half minute with a copy of the request
	// (same header, a context that does not end), so it must look the sign-in up afresh each time.
	AuthAgent func(*http.Request) (who tickets.Actor, locale string, err error)
	// Text gives a message in the person's language.
	Text func(locale, key string, args map[string]any) string
	// Notice tells how the desk's own privacy notice stands. nil: it has one version.
	Notice NoticeStanding
	// Files gives links to files and TakeFile takes uploads. nil: there are none.
	Files    FileLink
	TakeFile Taker
	// Attempt takes what pages say of order attempts. nil: nothing of it is taken.
	Attempt TakeAttempt
	// Assign puts visitors into trials of the shop. nil: there are none.
	Assign Assign
	// Orders looks an order up. nil: nothing is known of orders.
	Orders OrderLook
	// LimitScale multiplies the limits of work (not of sizes); 0 means 1.
	LimitScale float64
	Log        *slog.Logger
	Metrics    prometheus.Registerer
}

// Desk is the chat of one node.
type Desk struct {
	crew
	store     tickets.Store
	tickets   *tickets.Service
	sealer    *seal.Sealer
	ids       *id.Maker
	now       func() time.Time
	bus       Bus
	base      *url.URL
	origin    string
	clientIP  func(*http.Request) netip.Addr
	authAgent func(*http.Request) (tickets.Actor, string, error)
	text      func(locale, key string, args map[string]any) string
	scale     float64
	log       *slog.Logger
	metrics   *metrics
	fileLink  FileLink
	taker     Taker
	orders    OrderLook
	standing  NoticeStanding
	attempt   TakeAttempt
	assign    Assign

	pace  pace
	node  string // this node's name among the others, new at every start
	hub   *hub
	names *names

	visitors map[string]visitorForm // by language; never changes

	sends   *limiters[id.ID]        // by session
	marks   *limiters[markKey]      // by session and frame: typing and read
	calls   *limiters[id.ID]        // by session
	starts  *limiters[netip.Prefix] // by address
	posts   *limiters[id.ID]        // by agent
	uploads *limiters[id.ID]        // by session
	tries   *limiters[id.ID]        // by session: order attempts
	asks    *limiters[id.ID]        // by session: trials
	triers  *limiters[netip.Prefix] // by address: the same
	sockets *counts[netip.Prefix]
	polls   *counts[id.ID]
	pollers *counts[struct{}]
	reads   chan struct{} // places at the database for fillers and greetings

	ctx      context.Context // ends when Close has given up waiting
	stop     context.CancelFunc
	closing  chan struct{} // closed when Close begins
	closeOne sync.Once
	running  atomic.Bool

	mu    sync.Mutex
	conns map[*conn]struct{}
	lost  seldom
	told  told
	slots int // in which second of the half minute the next connection is pinged
}

// markKey keeps typing and reading apart.
type markKey struct {
	session id.ID
	frame   string
}

// readers is how many fillers read at once; a thousand clients who come back together take turns.
const readers = 16

// New makes the chat of one node. Run drives it.
func New(o Options) *Desk {
	if o.LimitScale <= 0 {
		o.LimitScale = 1
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	ctx, stop := context.WithCancel(context.Background())
	scale := o.LimitScale
	if o.Notice == nil {
		o.Notice = func(context.Context) (string, string, error) { return "1", "1", nil }
	}
	d := &Desk{
		store: o.Store, tickets: o.Tickets, sealer: o.Sealer, ids: o.IDs, now: o.Now, bus: o.Bus, base: o.BaseURL,
		origin: originOf(o.BaseURL.String()), clientIP: o.ClientIP, authAgent: o.AuthAgent, text: o.Text, scale: scale,
		log: o.Log, fileLink: o.Files, taker: o.TakeFile, orders: o.Orders, standing: o.Notice, attempt: o.Attempt, assign: o.Assign, metrics: newMetrics(o.Metrics), node: newNode(), pace: usual,
		sends:   newLimiters[id.ID](5, 40, scale),
		marks:   newLimiters[markKey](5, 10, scale),
		calls:   newLimiters[id.ID](20, 100, scale),
		starts:  newLimiters[netip.Prefix](5, 300, scale),
		uploads: newLimiters[id.ID](0.5, 12, scale),
		tries:   newLimiters[id.ID](0.1, 12, scale),
		asks:    newLimiters[id.ID](0.5, 30, scale),
		triers:  newLimiters[netip.Prefix](5, 300, scale),
		posts:   newLimiters[id.ID](agentSendsPS, 10*agentSendsPS, scale),

		sockets: newCounts[netip.Prefix](int(2000 * scale)), polls: newCounts[id.ID](pollsSession),
		pollers: newCounts[struct{}](pollsAll), reads: make(chan struct{}, readers),
		ctx: ctx, stop: stop, closing: make(chan struct{}), conns: map[*conn]struct{}{},
	}
	if d.now == nil {
		d.now = time.Now
	}
	d.told.last = map[id.ID]tickets.Outlook{}
	d.names = newNames(d)
	d.visitors = visitorForms(o.Text)
	d.hub = newHub(d)
	return d
}

func newNode() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// Changed takes a committed change and returns at once. It is tickets.Options.Notify.
func (d *Desk) Changed(c tickets.Change) {
	d.hub.do(func() {
		n := newsOf(c)
		d.hub.spread(n)
		d.publish(subjectNews, n.hint())
	})
}

// reading runs fn with one of the places at the database.
func (d *Desk) reading(ctx context.Context, fn func() error) error {
	select {
	case d.reads <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-d.reads }()
	return fn()
}

// pause waits, unless the desk is going down.
func (d *Desk) pause(t time.Duration) bool {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-d.closing:
		return false
	}
}

func (d *Desk) nowMillis() int64 { return tickets.Millis(d.now()) }

// address is what the limits take for the address of a request.
func (d *Desk) address(r *http.Request) netip.Prefix { return network(d.clientIP(r)) }
