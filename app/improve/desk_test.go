package improve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/improve"
	"huiyin/app/insights"
	"huiyin/app/orders"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// noon is a Wednesday, 12:00 in Shanghai.
var noon = time.Date(2026, 11, 25, 4, 0, 0, 0, time.UTC)

// desk is a domain with tasks, complaints and orders on a real database; its clock is the test's.
type desk struct {
	*improve.Service
	t        testing.TB
	db       *db.DB
	at       time.Time
	ids      *id.Maker
	tickets  *tickets.Service
	orders   *orders.Service
	insights *insights.Service
	sealer   *seal.Sealer
	boss     tickets.Actor
	second   tickets.Actor
	helper   tickets.Actor
	kept     map[string][]byte
	answers  [2]int
	tried    map[id.ID]improve.Tried
	n        int
}

func newDesk(t testing.TB, base *db.DB) *desk {
	t.Helper()
	d := &desk{t: t, db: base, at: noon, ids: id.NewMaker(0, time.Now), kept: map[string][]byte{}}
	store := tickets.Store{Write: base.Write, Read: base.Read, After: db.After}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	var err error
	d.sealer, err = seal.Open(t.Context(), seal.Options{
		DB: seal.Store{Write: base.Write, Read: base.Read}, RingPath: filepath.Join(t.TempDir(), "ring.json"), Now: time.Now, NewID: d.ids.Next,
	})
	must(t, err)
	now := func() time.Time { return d.at }
	d.tickets = tickets.New(tickets.Options{Store: store, Sealer: d.sealer, IDs: d.ids, Now: now})
	d.orders = orders.New(orders.Options{Store: store, Tickets: d.tickets, Sealer: d.sealer, IDs: d.ids, Now: now, Log: log})
	d.insights = insights.New(insights.Options{Store: store, Tickets: d.tickets, Sealer: d.sealer, IDs: d.ids, Now: now, Log: log, Paid: d.orders.Paid})
	d.Service = improve.New(improve.Options{
		Store: store, Tickets: d.tickets, Sealer: d.sealer, IDs: d.ids, Now: now, Log: log, Insights: d.insights,
		Orders:  improve.Orders{Paid: d.orders.Paid, InArms: d.orders.InArms, Arms: d.orders.Arms},
		Tried:   func(context.Context, string, []id.ID) (map[id.ID]improve.Tried, error) { return d.tried, nil },
		Answers: func(context.Context, id.ID) (int, int, error) { return d.answers[0], d.answers[1], nil },
		Files: improve.Files{
			Keep: func(_ context.Context, row id.ID, name string, body io.Reader) (improve.Stored, error) {
				content, err := io.ReadAll(body)
				d.kept["f"+row.String()] = content
				return improve.Stored{Name: name, Type: "text/plain", Size: int64(len(content)), File: "f" + row.String()}, err
			},
			Open: func(_ context.Context, _ id.ID, file string) (io.ReadCloser, error) {
				return io.NopCloser(bytes.NewReader(d.kept[file])), nil
			},
			Drop: func(_ context.Context, file string) error { delete(d.kept, file); return nil },
		},
	})
	d.boss, d.second, d.helper = d.agent("Bo Ss", tickets.RoleManager), d.agent("Lin", tickets.RoleAdmin), d.agent("Lin Da", tickets.RoleAgent)
	return d
}

func (d *desk) agent(name string, role tickets.Role) tickets.Actor {
	d.n++
	a, err := d.tickets.CreateAgent(d.t.Context(), tickets.NewAgent{Name: name, Email: fmt.Sprintf("a%d@example.com", d.n), Role: role})
	must(d.t, err)
	return tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: a.Role}
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

// fails wants an error of a kind with a text, of the first field where it names one.
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

// group makes a group of complaints.
func (d *desk) group(state string, into id.ID) id.ID {
	d.t.Helper()
	group := d.ids.Next()
	var merged any
	if into != 0 {
		merged = int64(into)
	}
	d.exec(`INSERT INTO insight_groups (id, level, state, pinned, by_hand, merged_into, language, aspect, size, twin_refused, dirty, version, created_at, updated_at)
 VALUES (?, 'group', ?, ?, ?, ?, 'zh', 'delivery', 1, ?, ?, 1, 0, 0)`, int64(group), state, false, false, merged, false, false)
	return group
}

// complaint is one that a test makes.
type complaint struct {
	group   id.ID
	contact id.ID // zero: nobody known
	order   string
	at      time.Time
}

// complain writes complaints as the reader of the log would.
func (d *desk) complain(list ...complaint) {
	d.t.Helper()
	must(d.t, d.db.Write(context.Background(), func(tx *gorm.DB) error {
		for _, c := range list {
			var contact, order any
			if c.contact != 0 {
				contact = int64(c.contact)
			}
			if c.order != "" {
				order = d.tickets.OrderKey(c.order)
			}
			err := tx.Exec(`INSERT INTO insight_voices (id, source, subject_id, contact_id, channel, language, team_id, order_hash, aspect, complaint, fine_id, group_id, score, fixed, at, day, created_at)
 VALUES (?, 'ticket', ?, ?, 'chat', 'zh', 0, ?, 'delivery', ?, 0, ?, 1, ?, ?, 0, 0)`, int64(d.ids.Next()), int64(d.ids.Next()), contact, order, true, int64(c.group), false, c.at.UnixMilli()).Error
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// paid writes how many orders were paid on days, as app/orders counts them.
func (d *desk) paid(from time.Time, days, perDay int) {
	d.t.Helper()
	must(d.t, d.db.Write(context.Background(), func(tx *gorm.DB) error {
		for day := range days {
			at := from.AddDate(0, 0, day).UnixMilli()
			if err := tx.Exec(`INSERT INTO order_paid_rolls (quarter, n) VALUES (?, ?)`, at-at%900_000, perDay).Error; err != nil {
				return err
			}
		}
		return nil
	}))
}

// events are the data of the log's rows of a type.
func (d *desk) events() (out []map[string]any) {
	d.t.Helper()
	list, err := d.tickets.EventsAfter(context.Background(), 0, 1000)
	must(d.t, err)
	for i := range list {
		if list[i].Type != tickets.EventTaskUpdated {
			continue
		}
		data := map[string]any{}
		must(d.t, json.Unmarshal([]byte(list[i].Data), &data))
		out = append(out, data)
	}
	return out
}

func (d *desk) task(draft improve.Draft) *improve.Task {
	d.t.Helper()
	if draft.Title == "" {
		draft.Title = "包装加固"
	}
	t, err := d.Create(context.Background(), d.boss, draft)
	must(d.t, err)
	return t
}

func (d *desk) move(t *improve.Task, to improve.State) *improve.Task {
	d.t.Helper()
	got, err := d.MoveTo(context.Background(), d.boss, t.ID, improve.Move{Version: t.Version, To: to})
	must(d.t, err)
	return got
}
