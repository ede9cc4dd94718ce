// Package desktest gives tests of features what each of them stands on: a desk on a real database, with its key ring, its
// ids, its tickets and a clock that the test sets. A test embeds Desk in a desk of its own and adds the feature.
package desktest

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// Desk is a desk without features.
type Desk struct {
	T       testing.TB
	DB      *db.DB
	Store   tickets.Store
	Sealer  *seal.Sealer
	IDs     *id.Maker
	Log     *slog.Logger
	Tickets *tickets.Service
	At      time.Time // what its clock shows

	agents int
}

// New makes a desk whose clock shows at. merged is what features do when two contacts become one; nil: nothing.
func New(t testing.TB, base *db.DB, at time.Time, merged func(tx *gorm.DB, from, to id.ID) error) *Desk {
	t.Helper()
	d := &Desk{
		T: t, DB: base, At: at, IDs: id.NewMaker(0, time.Now), Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Store: tickets.Store{Write: base.Write, Read: base.Read, After: db.After},
	}
	var err error
	d.Sealer, err = seal.Open(t.Context(), seal.Options{
		DB: seal.Store{Write: base.Write, Read: base.Read}, RingPath: filepath.Join(t.TempDir(), "ring.json"), Now: time.Now, NewID: d.IDs.Next,
	})
	Must(t, err)
	d.Tickets = tickets.New(tickets.Options{Store: d.Store, Sealer: d.Sealer, IDs: d.IDs, Now: d.Now, Merged: merged})
	return d
}

// Each runs a test on a desk of each database.
func Each[D any](t *testing.T, open func(t testing.TB, base *db.DB) D, fn func(t *testing.T, d D)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		t.Parallel()
		fn(t, open(t, base))
	})
}

// Now is the desk's clock.
func (d *Desk) Now() time.Time { return d.At }

// Agent adds somebody who works at the desk.
func (d *Desk) Agent(name string, role tickets.Role) tickets.Actor {
	d.T.Helper()
	d.agents++
	a, err := d.Tickets.CreateAgent(d.T.Context(), tickets.NewAgent{Name: name, Email: fmt.Sprintf("a%d@example.com", d.agents), Role: role})
	Must(d.T, err)
	return tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: a.Role}
}

// Inbox adds one.
func (d *Desk) Inbox(channel tickets.Channel) id.ID {
	d.T.Helper()
	box, err := d.Tickets.CreateInbox(d.T.Context(), tickets.NewInbox{Channel: channel, Name: string(channel)})
	Must(d.T, err)
	return box.ID
}

// Exec writes as no service does.
func (d *Desk) Exec(query string, args ...any) {
	d.T.Helper()
	Must(d.T, d.DB.Write(context.Background(), func(tx *gorm.DB) error { return tx.Exec(query, args...).Error }))
}

// Number reads one number.
func (d *Desk) Number(query string, args ...any) (n int64) {
	d.T.Helper()
	Must(d.T, d.DB.Read(context.Background()).Raw(query, args...).Row().Scan(&n))
	return n
}
