package oldtexts_test

import (
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/blob"
	"huiyin/app/db"
	"huiyin/app/desktest"
	"huiyin/app/insights"
	"huiyin/app/insights/oldtexts"
	"huiyin/app/orders"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// noon is a Wednesday, 12:07 in Shanghai.
var noon = time.Date(2026, 11, 25, 4, 7, 0, 0, time.UTC)

// desk is a domain that takes in old texts, on a real database; its clock is the test's.
type desk struct {
	*desktest.Desk
	groups *insights.Service
	orders *orders.Service
	texts  *oldtexts.Service
	queued []oldtexts.Job
	by     tickets.Actor
}

func newDesk(t testing.TB, base *db.DB) *desk {
	t.Helper()
	d := &desk{Desk: desktest.New(t, base, noon, orders.Merged), by: tickets.Actor{Kind: tickets.ActorAgent, ID: 7}}
	d.groups = insights.New(insights.Options{Store: d.Store, Tickets: d.Tickets, Sealer: d.Sealer, IDs: d.IDs, Now: d.Now, Log: d.Log})
	d.orders = orders.New(orders.Options{Store: d.Store, Tickets: d.Tickets, Sealer: d.Sealer, IDs: d.IDs, Now: d.Now, Log: d.Log})
	d.texts = oldtexts.New(oldtexts.Options{
		Store: d.Store, Tickets: d.Tickets, Sealer: d.Sealer, IDs: d.IDs, Now: d.Now, Log: d.Log, Files: blob.Folder{Dir: t.TempDir()}, Groups: d.groups,
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
	desktest.Each(t, newDesk, fn)
}

var must, field = desktest.Must, desktest.Field

// upload sends a file and starts it as its columns were guessed.
func (d *desk) upload(preset string, data []byte, change ...func(*oldtexts.Choice)) id.ID {
	d.T.Helper()
	one, err := d.texts.Upload(d.T.Context(), d.by, "old.csv", preset, data)
	must(d.T, err)
	p, err := d.texts.Preview(d.T.Context(), one)
	must(d.T, err)
	c := oldtexts.Choice{Columns: p.Plan.Columns}
	for _, fn := range change {
		fn(&c)
	}
	must(d.T, d.texts.Start(d.T.Context(), one, c))
	return one
}

// imported sends a file and lets its import run to its end.
func (d *desk) imported(preset string, data []byte, change ...func(*oldtexts.Choice)) *oldtexts.File {
	d.T.Helper()
	one := d.upload(preset, data, change...)
	d.work(one)
	return d.file(one)
}

func (d *desk) file(one id.ID) *oldtexts.File {
	d.T.Helper()
	f, err := d.texts.Import(d.T.Context(), one)
	must(d.T, err)
	return f
}

func (d *desk) work(one id.ID) {
	d.T.Helper()
	for more := true; more; {
		var err error
		more, err = d.texts.Work(d.T.Context(), oldtexts.Job{Import: one})
		must(d.T, err)
	}
}
