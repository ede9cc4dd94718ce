package insights_test

import (
	"context"
	"io/fs"
	"path/filepath"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/blob"
	"huiyin/app/db"
	"huiyin/app/desktest"
	"huiyin/app/insights"
	"huiyin/app/insights/worker"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// noon is a Wednesday, 12:07 in Shanghai.
var noon = time.Date(2026, 11, 25, 4, 7, 0, 0, time.UTC)

// desk is a domain whose complaints are grouped, on a real database; its clock is the test's.
type desk struct {
	*desktest.Desk
	*insights.Service
	by id.ID

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
	d := &desk{Desk: desktest.New(t, base, noon, nil), by: 7, boxes: map[tickets.Channel]id.ID{}, responses: map[id.ID]insights.Response{}, orders: map[string]order{}, dir: t.TempDir()}
	d.Service = insights.New(insights.Options{
		Store: d.Store, Tickets: d.Tickets, Sealer: d.Sealer, IDs: d.IDs, Now: d.Now, Log: d.Log,
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
	desktest.Each(t, newDesk, fn)
}

var must, fails = desktest.Must, desktest.Fails

// files counts the models that are kept.
func (d *desk) files() (n int) {
	d.T.Helper()
	must(d.T, filepath.WalkDir(d.dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	}))
	return n
}

func (d *desk) settle() {
	d.T.Helper()
	more, err := d.Settle(context.Background())
	must(d.T, err)
	if more {
		d.T.Error("there is more to settle")
	}
}

func (d *desk) assign() {
	d.T.Helper()
	_, err := d.Assign(context.Background())
	must(d.T, err)
}
