package insights_test

import (
	"context"
	"io/fs"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/blob"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/insights"
	"huiyin/app/insights/worker"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// noon is a Wednesday, 12:07 in Shanghai.
var noon = time.Date(2026, 11, 25, 4, 7, 0, 0, time.UTC)

// desk is a domain whose complaints are grouped, on a real database; its clock is the test's.
type desk struct {
	*insights.Service
	t       testing.TB
	db      *db.DB
	at      time.Time
	ids     *id.Maker
	tickets *tickets.Service
	sealer  *seal.Sealer
	by      id.ID

	n         int
	cursor    int64 // in the log
	boxes     map[tickets.Channel]id.ID
	responses map[id.ID]insights.Response
	orders    map[string]order
	dir       string // of models
	alerts    map[string]map[string]string
	over      []string
	refunds   map[string]insights.Refund
}

type order struct {
	skus []string
	of   id.ID
}

func emptied(ticket id.ID) func(tx *gorm.DB) error {
	return func(tx *gorm.DB) error { return insights.Forget(tx, tickets.Erased{Tickets: []id.ID{ticket}}) }
}

func forget(contact id.ID) func(tx *gorm.DB) error {
	return func(tx *gorm.DB) error { return insights.Forget(tx, tickets.Erased{Contacts: []id.ID{contact}}) }
}

func newDesk(t testing.TB, base *db.DB) *desk {
	t.Helper()
	d := &desk{t: t, db: base, at: noon, ids: id.NewMaker(0, time.Now), by: 7, boxes: map[tickets.Channel]id.ID{}, responses: map[id.ID]insights.Response{}, orders: map[string]order{}, dir: t.TempDir()}
	store := tickets.Store{Write: base.Write, Read: base.Read, After: db.After}
	var err error
	d.sealer, err = seal.Open(t.Context(), seal.Options{
		DB: seal.Store{Write: base.Write, Read: base.Read}, RingPath: filepath.Join(t.TempDir(), "ring.json"), Now: time.Now, NewID: d.ids.Next,
	})
	must(t, err)
	now := func() time.Time { return d.at }
	d.tickets = tickets.New(tickets.Options{Store: store, Sealer: d.sealer, IDs: d.ids, Now: now})
	d.Service = insights.New(insights.Options{
		Store: store, Tickets: d.tickets, Sealer: d.sealer, IDs: d.ids, Now: now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Alert: func(_ context.Context, kind string, args map[string]string) {
			if d.alerts == nil {
				d.alerts = map[string]map[string]string{}
			}
			d.alerts[kind] = args
		},
		AlertOver: func(_ context.Context, kind string) { d.over = append(d.over, kind) },
		Refunds:   func(context.Context, [][]byte) (map[string]insights.Refund, error) { return d.refunds, nil },
		Worker:    &worker.Local{}, Files: blob.Folder{Dir: d.dir}, Memory: 600, Writers: 3,
		Order: func(_ context.Context, number string) ([]string, id.ID, error) {
			return d.orders[number].skus, d.orders[number].of, nil
		},
		Response: func(_ context.Context, response id.ID) (*insights.Response, error) {
			r, known := d.responses[response]
			if !known {
				return nil, fault.New(fault.NotFound, "feedback.error.response")
			}
			return &r, nil
		},
	})
	return d
}

// each runs a test on both databases.
func each(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		t.Parallel()
		fn(t, newDesk(t, base))
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fails wants an error of a kind with a text.
func fails(t testing.TB, err error, kind fault.Kind, key string) {
	t.Helper()
	e := fault.As(err)
	if e == nil || e.Kind != kind {
		t.Fatalf("got %v, want kind %v (%s)", err, kind, key)
	}
	got := e.Key
	if len(e.Fields) > 0 {
		got = e.Fields[0].Key
	}
	if got != key {
		t.Errorf("got %s, want %s", got, key)
	}
}

func (d *desk) exec(query string, args ...any) {
	d.t.Helper()
	must(d.t, d.db.Write(context.Background(), func(tx *gorm.DB) error { return tx.Exec(query, args...).Error }))
}

// number reads one number.
func (d *desk) number(query string, args ...any) (n int64) {
	d.t.Helper()
	must(d.t, d.db.Read(context.Background()).Raw(query, args...).Row().Scan(&n))
	return n
}

// files counts the models that are kept.
func (d *desk) files() (n int) {
	d.t.Helper()
	must(d.t, filepath.WalkDir(d.dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	}))
	return n
}

func (d *desk) settle() {
	d.t.Helper()
	more, err := d.Settle(context.Background())
	must(d.t, err)
	if more {
		d.t.Error("there is more to settle")
	}
}

func (d *desk) assign() {
	d.t.Helper()
	_, err := d.Assign(context.Background())
	must(d.t, err)
}
