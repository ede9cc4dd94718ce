package improve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/desktest"
	"huiyin/app/improve"
	"huiyin/app/insights"
	"huiyin/app/orders"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// noon is a Wednesday, 12:00 in Shanghai.
var noon = time.Date(2026, 11, 25, 4, 0, 0, 0, time.UTC)

// desk is a domain with tasks, complaints and orders on a real database; its clock is the test's.
type desk struct {
	*desktest.Desk
	*improve.Service
	orders   *orders.Service
	insights *insights.Service
	boss     tickets.Actor
	second   tickets.Actor
	helper   tickets.Actor
	kept     map[string][]byte
	answers  [2]int
	tried    map[id.ID]improve.Tried
}

func newDesk(t testing.TB, base *db.DB) *desk {
	t.Helper()
	d := &desk{Desk: desktest.New(t, base, noon, nil), kept: map[string][]byte{}}
	d.orders = orders.New(orders.Options{Store: d.Store, Tickets: d.Tickets, Sealer: d.Sealer, IDs: d.IDs, Now: d.Now, Log: d.Log})
	d.insights = insights.New(insights.Options{Store: d.Store, Tickets: d.Tickets, Sealer: d.Sealer, IDs: d.IDs, Now: d.Now, Log: d.Log, Paid: d.orders.Paid})
	d.Service = improve.New(improve.Options{
		Store: d.Store, Tickets: d.Tickets, Sealer: d.Sealer, IDs: d.IDs, Now: d.Now, Log: d.Log, Insights: d.insights,
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
	d.boss, d.second, d.helper = d.Agent("Bo Ss", tickets.RoleManager), d.Agent("Lin", tickets.RoleAdmin), d.Agent("Lin Da", tickets.RoleAgent)
	return d
}

// each runs a test on both databases.
func each(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	desktest.Each(t, newDesk, fn)
}

var must, fails = desktest.Must, desktest.Fails

// group makes a group of complaints.
func (d *desk) group(state string, into id.ID) id.ID {
	d.T.Helper()
	group := d.IDs.Next()
	var merged any
	if into != 0 {
		merged = int64(into)
	}
	d.Exec(`INSERT INTO insight_groups (id, level, state, pinned, by_hand, merged_into, language, aspect, size, twin_refused, dirty, version, created_at, updated_at)
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
	d.T.Helper()
	must(d.T, d.DB.Write(context.Background(), func(tx *gorm.DB) error {
		for _, c := range list {
			var contact, order any
			if c.contact != 0 {
				contact = int64(c.contact)
			}
			if c.order != "" {
				order = d.Tickets.OrderKey(c.order)
			}
			err := tx.Exec(`INSERT INTO insight_voices (id, source, subject_id, contact_id, channel, language, team_id, order_hash, aspect, complaint, fine_id, group_id, score, fixed, at, day, created_at)
 VALUES (?, 'ticket', ?, ?, 'chat', 'zh', 0, ?, 'delivery', ?, 0, ?, 1, ?, ?, 0, 0)`, int64(d.IDs.Next()), int64(d.IDs.Next()), contact, order, true, int64(c.group), false, c.at.UnixMilli()).Error
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// paid writes how many orders were paid on days, as app/orders counts them.
func (d *desk) paid(from time.Time, days, perDay int) {
	d.T.Helper()
	must(d.T, d.DB.Write(context.Background(), func(tx *gorm.DB) error {
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
	d.T.Helper()
	list, err := d.Tickets.EventsAfter(context.Background(), 0, 1000)
	must(d.T, err)
	for i := range list {
		if list[i].Type != tickets.EventTaskUpdated {
			continue
		}
		data := map[string]any{}
		must(d.T, json.Unmarshal([]byte(list[i].Data), &data))
		out = append(out, data)
	}
	return out
}

func (d *desk) task(draft improve.Draft) *improve.Task {
	d.T.Helper()
	if draft.Title == "" {
		draft.Title = "包装加固"
	}
	t, err := d.Create(context.Background(), d.boss, draft)
	must(d.T, err)
	return t
}

func (d *desk) move(t *improve.Task, to improve.State) *improve.Task {
	d.T.Helper()
	got, err := d.MoveTo(context.Background(), d.boss, t.ID, improve.Move{Version: t.Version, To: to})
	must(d.T, err)
	return got
}
