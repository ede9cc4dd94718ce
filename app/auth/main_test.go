package auth_test

import (
	"context"
	"encoding/base64"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/crypto/argon2"
	"gorm.io/gorm"

	"huiyin/app/auth"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// TestMain finds goroutines that outlive their tests: the package starts none.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var bg = context.Background()

const (
	password = "correct horse battery"
	guess    = "wrong donkey battery"
	here     = "192.0.2.1" // an address
)

// cheapHash is the password's, made with parameters that cost nothing: most tests are not about argon2.
var cheapHash = "$argon2id$v=19$m=8,t=1,p=1$" + base64.RawStdEncoding.EncodeToString([]byte("salt of the test")) + "$" +
	base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte(password), []byte("salt of the test"), 1, 8, 1, 32))

// desk is the service on a database of its own, with a clock that stands still until it is moved.
type desk struct {
	*auth.Service
	db      *db.DB
	store   tickets.Store
	tickets *tickets.Service
	sealer  *seal.Sealer
	ids     *id.Maker
	clock   atomic.Int64 // Unix ms
}

func (d *desk) now() time.Time          { return time.UnixMilli(d.clock.Load()) }
func (d *desk) advance(t time.Duration) { d.clock.Add(t.Milliseconds()) }

// each runs fn on a desk of each dialect.
func each(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		t.Parallel()
		fn(t, newDesk(t, database))
	})
}

// onSQLite gives a desk for what is the same on both databases.
func onSQLite(t *testing.T) *desk {
	t.Helper()
	t.Parallel()
	return newDesk(t, dbtest.Open(t, db.SQLite))
}

func newDesk(t testing.TB, database *db.DB) *desk {
	t.Helper()
	d := &desk{db: database, store: tickets.Store{Write: database.Write, Read: database.Read, After: db.After}}
	d.clock.Store(time.Now().UnixMilli())
	d.ids = id.NewMaker(1, time.Now)
	var err error
	d.sealer, err = seal.Open(bg, seal.Options{
		DB: seal.Store{Write: database.Write, Read: database.Read}, RingPath: filepath.Join(t.TempDir(), "keyring"),
		Now: time.Now, NewID: d.ids.Next,
	})
	ok(t, err)
	d.tickets = d.domain(d.store)
	d.Service = d.service(d.tickets, false)
	return d
}

func (d *desk) domain(store tickets.Store) *tickets.Service {
	return tickets.New(tickets.Options{Store: store, Sealer: d.sealer, IDs: d.ids, Now: d.now})
}

// service is another process on the same data, as far as this package can tell.
func (d *desk) service(domain *tickets.Service, secure bool) *auth.Service {
	return auth.New(auth.Options{
		Store: d.store, Tickets: domain, Sealer: d.sealer, IDs: d.ids, Now: d.now, Log: slog.New(slog.DiscardHandler), Secure: secure,
	})
}

// lingering is the domain with writes that take their time before they commit, so that those made at once overlap.
func (d *desk) lingering() *tickets.Service {
	store := d.store
	store.Write = func(ctx context.Context, fn func(tx *gorm.DB) error) error {
		return d.store.Write(ctx, func(tx *gorm.DB) error {
			err := fn(tx)
			time.Sleep(100 * time.Millisecond)
			return err
		})
	}
	return d.domain(store)
}

// agent adds an agent whose password is cheap to look at.
func (d *desk) agent(t testing.TB, email string) *tickets.Agent {
	t.Helper()
	return d.agentWith(t, email, cheapHash)
}

func (d *desk) agentWith(t testing.TB, email, phc string) *tickets.Agent {
	t.Helper()
	a, err := d.tickets.CreateAgent(bg, tickets.NewAgent{Email: email, Name: "王芳", Role: tickets.RoleAgent, PasswordHash: phc})
	ok(t, err)
	return a
}

func (d *desk) disable(t testing.TB, agent id.ID) {
	t.Helper()
	d.exec(t, "UPDATE agents SET disabled_at = ? WHERE id = ?", d.clock.Load(), agent)
}

func (d *desk) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	ok(t, d.db.Write(bg, func(tx *gorm.DB) error { return tx.Exec(query, args...).Error }))
}

// count counts the rows of a table.
func (d *desk) count(t testing.TB, table string) (n int64) {
	t.Helper()
	ok(t, d.db.Read(bg).Table(table).Count(&n).Error)
	return n
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

func equal[T comparable](t testing.TB, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// refused checks the kind and key of an error.
func refused(t testing.TB, err error, kind fault.Kind, key string) {
	t.Helper()
	e := fault.As(err)
	if e == nil || e.Kind != kind || e.Key != key {
		t.Fatalf("got error %v, want kind %d, key %s", err, kind, key)
	}
}

// wrong checks that an error is the one of a sign-in that failed, and says no more.
func wrong(t testing.TB, err error) {
	t.Helper()
	refused(t, err, fault.Unauthenticated, "auth.error.sign_in")
	if e := fault.As(err); len(e.Fields) > 0 || e.Err != nil || e.Args != nil {
		t.Fatalf("the error says more: %+v", e)
	}
}

// paused checks that an error asks to wait for a time.
func paused(t testing.TB, err error, wait time.Duration) {
	t.Helper()
	refused(t, err, fault.TooMany, "auth.error.too_many")
	equal(t, fault.As(err).RetryAfter, wait)
}
