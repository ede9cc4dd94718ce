package oldtexts_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/blob"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/insights"
	"huiyin/app/insights/oldtexts"
	"huiyin/app/orders"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// noon is a Wednesday, 12:07 in Shanghai.
var noon = time.Date(2026, 11, 25, 4, 7, 0, 0, time.UTC)

// desk is a domain that takes in old texts, on a real database; its clock is the test's.
type desk struct {
	t       testing.TB
	db      *db.DB
	at      time.Time
	tickets *tickets.Service
	sealer  *seal.Sealer
	groups  *insights.Service
	orders  *orders.Service
	texts   *oldtexts.Service
	queued  []oldtexts.Job
	by      tickets.Actor
}

func newDesk(t testing.TB, base *db.DB) *desk {
	t.Helper()
	d := &desk{t: t, db: base, at: noon, by: tickets.Actor{Kind: tickets.ActorAgent, ID: 7}}
	ids := id.NewMaker(0, time.Now)
	store := tickets.Store{Write: base.Write, Read: base.Read, After: db.After}
	var err error
	d.sealer, err = seal.Open(t.Context(), seal.Options{
		DB: seal.Store{Write: base.Write, Read: base.Read}, RingPath: filepath.Join(t.TempDir(), "ring.json"), Now: time.Now, NewID: ids.Next,
	})
	must(t, err)
	now := func() time.Time { return d.at }
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	d.tickets = tickets.New(tickets.Options{Store: store, Sealer: d.sealer, IDs: ids, Now: now, Merged: orders.Merged})
	d.groups = insights.New(insights.Options{Store: store, Tickets: d.tickets, Sealer: d.sealer, IDs: ids, Now: now, Log: log})
	d.orders = orders.New(orders.Options{Store: store, Tickets: d.tickets, Sealer: d.sealer, IDs: ids, Now: now, Log: log})
	d.texts = oldtexts.New(oldtexts.Options{
		Store: store, Tickets: d.tickets, Sealer: d.sealer, IDs: ids, Now: now, Log: log, Files: blob.Folder{Dir: t.TempDir()}, Groups: d.groups,
		Queue: func(_ *gorm.DB, job oldtexts.Job) error { d.queued = append(d.queued, job); return nil },
		Buyers: func(tx *gorm.DB, keys [][]byte) (map[string]oldtexts.Buyer, error) {
			list, err := d.orders.BuyersTx(tx, keys)
			out := map[string]oldtexts.Buyer{}
			for key, who := range list {
				out[key] = oldtexts.Buyer(who)
			}
			return out, err
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

// upload sends a file and starts it as its columns were guessed.
func (d *desk) upload(preset string, data []byte, change ...func(*oldtexts.Choice)) id.ID {
	d.t.Helper()
	one, err := d.texts.Upload(d.t.Context(), d.by, "old.csv", preset, data)
	must(d.t, err)
	p, err := d.texts.Preview(d.t.Context(), one)
	must(d.t, err)
	c := oldtexts.Choice{Columns: p.Plan.Columns}
	for _, fn := range change {
		fn(&c)
	}
	must(d.t, d.texts.Start(d.t.Context(), one, c))
	return one
}

// imported sends a file and lets its import run to its end.
func (d *desk) imported(preset string, data []byte, change ...func(*oldtexts.Choice)) *oldtexts.File {
	d.t.Helper()
	one := d.upload(preset, data, change...)
	d.work(one)
	return d.file(one)
}

func (d *desk) file(one id.ID) *oldtexts.File {
	d.t.Helper()
	f, err := d.texts.Import(d.t.Context(), one)
	must(d.t, err)
	return f
}

func (d *desk) work(one id.ID) {
	d.t.Helper()
	for more := true; more; {
		var err error
		more, err = d.texts.Work(d.t.Context(), oldtexts.Job{Import: one})
		must(d.t, err)
	}
}

// count counts rows.
func (d *desk) count(query string, args ...any) (n int64) {
	d.t.Helper()
	must(d.t, d.db.Read(context.Background()).Raw(query, args...).Row().Scan(&n))
	return n
}

// field gives the code of a wrong field of an error.
func field(err error, name string) string {
	if e := fault.As(err); e != nil {
		for _, f := range e.Fields {
			if f.Name == name {
				return f.Code
			}
		}
	}
	return ""
}
