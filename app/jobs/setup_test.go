package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/jobs"
)

const (
	// patience is how long a test waits for what has to come.
	patience = 20 * time.Second
	// soon is far less than the 30 s after which River would look by itself.
	soon = 8 * time.Second
)

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		runChild()
		return
	}
	flag.Parse()
	_ = flag.Set("test.parallel", "8") // these tests wait more than they work
	os.Exit(m.Run())
}

type noteArgs struct {
	Ticket int64  `json:"ticket"`
	Note   string `json:"note"`
}

func (noteArgs) Kind() string { return "note" }

// A notebook collects what its worker did.
type notebook struct {
	mu    sync.Mutex
	notes []string
	fail  func(job jobs.Job[noteArgs]) error
	hold  func(ctx context.Context)
}

func (n *notebook) work(ctx context.Context, job jobs.Job[noteArgs]) error {
	if n.hold != nil {
		n.hold(ctx)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if n.fail != nil {
		if err := n.fail(job); err != nil {
			return err
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.notes = append(n.notes, job.Args.Note)
	return nil
}

func (n *notebook) count(note string) (count int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, x := range n.notes {
		if x == note {
			count++
		}
	}
	return count
}

func options(t testing.TB, d *db.DB) jobs.Options {
	o := jobs.Options{
		SQLTx: db.SQLTx, After: db.After, PgxTx: db.PgxTx, Read: d.Read,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	if d.Dialect() == db.SQLite {
		o.SQL = d.SQL()
	} else {
		o.Pool = d.PgxPool()
	}
	return o
}

// leased gives a node a lease of its own, as the desk does.
func leased(ctx context.Context, d *db.DB, holder string, ttl time.Duration) (*jobs.Lease, error) {
	_, err := d.LeaseNode(ctx, holder, ttl)
	return &jobs.Lease{
		Holder: holder, TTL: ttl,
		Left: func() (time.Duration, int) {
			held := d.NodeLease()
			return held.Left(), held.Lapses
		},
		Holders: func(ctx context.Context) (list []string, err error) {
			nodes, err := d.Nodes(ctx)
			for _, n := range nodes {
				list = append(list, n.Holder)
			}
			return list, err
		},
	}, err
}

func openWith(t testing.TB, o jobs.Options, n *notebook) *jobs.Client {
	t.Helper()
	c, err := jobs.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := jobs.Register(c, jobs.Worker[noteArgs]{Work: n.work}); err != nil {
		t.Fatal(err)
	}
	return c
}

// start gives a running client that ends with the test.
func start(t testing.TB, d *db.DB, n *notebook) *jobs.Client {
	t.Helper()
	c := openWith(t, options(t, d), n)
	run(t, c)
	return c
}

func run(t testing.TB, c *jobs.Client) {
	t.Helper()
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func insert(t testing.TB, d *db.DB, c *jobs.Client, note string, o jobs.InsertOptions) jobs.Inserted {
	t.Helper()
	var done jobs.Inserted
	err := d.Write(t.Context(), func(tx *gorm.DB) (err error) {
		done, err = c.Insert(tx, noteArgs{Note: note}, o)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

var errNo = errors.New("no")

// insertInVain inserts a job in a transaction that fails.
func insertInVain(t testing.TB, d *db.DB, c *jobs.Client, note string) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *gorm.DB) error {
		if _, err := c.Insert(tx, noteArgs{Note: note}, jobs.InsertOptions{}); err != nil {
			return fmt.Errorf("insert: %w", err)
		}
		return errNo
	})
	if !errors.Is(err, errNo) {
		t.Fatalf("got %v, want the transaction's own error", err)
	}
}

func within(t testing.TB, d time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(d); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %s for: %s", d, what)
		}
	}
}

// both runs a test on each database, side by side.
func both(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		test(t, d)
	})
}

// A logbook keeps a log as text.
type logbook struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
