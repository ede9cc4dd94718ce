package attempts_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/attempts"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

var bg = context.Background()

// noon is a Wednesday, 12:07 in Shanghai.
var noon = time.Date(2026, 11, 25, 4, 7, 0, 0, time.UTC)

// desk is a domain that counts attempts on a real database; its clock is the test's.
type desk struct {
	*attempts.Service
	t       testing.TB
	db      *db.DB
	at      time.Time
	tickets *tickets.Service
	alerts  []string
	over    []string
	args    map[string]string
}

func newDesk(t testing.TB, dialect string) *desk {
	t.Helper()
	base := dbtest.Open(t, dialect)
	d := &desk{t: t, db: base, at: noon}
	ids := id.NewMaker(0, time.Now)
	store := tickets.Store{Write: base.Write, Read: base.Read, After: db.After}
	sealer, err := seal.Open(bg, seal.Options{
		DB: seal.Store{Write: base.Write, Read: base.Read}, RingPath: filepath.Join(t.TempDir(), "ring.json"), Now: time.Now, NewID: ids.Next,
	})
	must(t, err)
	now := func() time.Time { return d.at }
	d.tickets = tickets.New(tickets.Options{Store: store, Sealer: sealer, IDs: ids, Now: now})
	d.Service = attempts.New(attempts.Options{
		Store: store, Tickets: d.tickets, Sealer: sealer, IDs: ids, Now: now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Alert: func(_ context.Context, kind string, args map[string]string) {
			d.alerts, d.args = append(d.alerts, kind), args
		},
		AlertOver: func(_ context.Context, kind string) { d.over = append(d.over, kind) },
	})
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func onBoth(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	t.Parallel()
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) { t.Parallel(); fn(t, newDesk(t, dialect)) })
	}
}

func (d *desk) post(list ...attempts.Attempt) attempts.Posted {
	d.t.Helper()
	got, err := d.Post(bg, list, true)
	must(d.t, err)
	return got
}

func (d *desk) report(origin string) *attempts.Report {
	d.t.Helper()
	r, err := d.Report(bg, origin, d.at.Add(-24*time.Hour), d.at.Add(time.Hour))
	must(d.t, err)
	return r
}

func failed(n int, step, reason string) attempts.Attempt {
	return attempts.Attempt{ID: fmt.Sprintf("f-%d", n), Outcome: attempts.Failed, Step: step, Reason: reason, Device: "phone"}
}

func TestAnAttemptIsCountedOnceHoweverOftenItIsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		a := failed(1, "payment", "payment")
		if got, want := d.post(a, a, failed(2, "payment", "payment")), (attempts.Posted{Stored: 2, Known: 1}); got != want {
			t.Errorf("first: %+v, want %+v", got, want)
		}
		if got, want := d.post(a, attempts.Attempt{ID: "o", Outcome: attempts.OK}), (attempts.Posted{Stored: 1, Known: 1}); got != want {
			t.Errorf("again: %+v, want %+v", got, want)
		}
		r := d.report(attempts.FromAPI)
		if got, want := r.Total, (attempts.Count{OK: 1, Failed: 2}); got != want {
			t.Errorf("counted %+v, want %+v", got, want)
		}
		if got := r.Steps[0]; got.Word != "payment" || got.Failed != 2 {
			t.Errorf("steps %+v", r.Steps)
		}
		if got := d.report(attempts.FromShop).Total.All(); got != 0 {
			t.Errorf("what the server said is counted as the page's: %d", got)
		}
	})
}

func TestManyAtOnceAreCountedOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				var list []attempts.Attempt
				for i := range 150 {
					list = append(list, failed(i, []string{"cart", "address", "payment"}[i%3], "system"))
				}
				if _, err := d.Post(bg, list, true); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := d.report(attempts.FromAPI).Total.All(); got != 150 {
			t.Errorf("counted %d, want 150", got)
		}
	})
}

func TestOneWrongAttemptRefusesTheBatchAndIsNamed(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "sqlite")
	good := failed(1, "cart", "stock")
	for want, bad := range map[string]attempts.Attempt{
		"items[1].reason:invalid":       {ID: "x", Outcome: attempts.Failed, Reason: "weather"},
		"items[1].outcome:invalid":      {ID: "x", Outcome: "maybe"},
		"items[1].id:required":          {Outcome: attempts.OK},
		"items[1].step:invalid":         {ID: "x", Outcome: attempts.OK, Step: "pay now"},
		"items[1].at:future":            {ID: "x", Outcome: attempts.OK, At: noon.Add(6 * time.Minute)},
		"items[1].at:too_old":           {ID: "x", Outcome: attempts.OK, At: noon.AddDate(0, 0, -31)},
		"items[1].device:invalid":       {ID: "x", Outcome: attempts.OK, Device: "watch"},
		"items[1].detail:too_long":      {ID: "x", Outcome: attempts.OK, Detail: strings.Repeat("字", 501)},
		"items[1].contact.id:not_found": {ID: "x", Outcome: attempts.OK, Contact: tickets.ContactRef{ID: 7}},
	} {
		_, err := d.Post(bg, []attempts.Attempt{good, bad}, true)
		e := fault.As(err)
		if e == nil || e.Kind != fault.Invalid || len(e.Fields) != 1 || e.Fields[0].Name+":"+e.Fields[0].Code != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := d.Post(bg, []attempts.Attempt{{ID: "x", Outcome: "maybe"}}, false); fault.As(err) == nil || fault.As(err).Fields[0].Name != "outcome" {
		t.Errorf("of one alone: %v", err)
	}
	if _, err := d.Post(bg, make([]attempts.Attempt, 1001), true); !fault.Is(err, fault.Invalid) {
		t.Errorf("1001 at once: %v", err)
	}
	if got := d.report(attempts.FromAPI).Total.All(); got != 0 {
		t.Errorf("%d were taken", got)
	}
}

func TestMadeUpStepsFillNoRolls(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		for i := range attempts.StepsMost + 30 {
			must(t, d.FromPage(bg, attempts.Visit{}, attempts.Attempt{ID: fmt.Sprint(i), Outcome: attempts.Failed, Step: fmt.Sprintf("step-%d", i), Reason: "nonsense"}))
		}
		r := d.report(attempts.FromShop)
		if len(r.Steps) != attempts.StepsMost+1 || r.Steps[0].Word != "other" || r.Steps[0].Failed != 30 {
			t.Errorf("%d steps, first %+v", len(r.Steps), r.Steps[0])
		}
		if len(r.Reasons) != 1 || r.Reasons[0].Word != "other" {
			t.Errorf("reasons %+v", r.Reasons)
		}
	})
}

func TestAPageKeepsNothingThatStandsBehindItsAddress(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		p, err := d.tickets.CreateContact(bg, tickets.NewContact{})
		must(t, err)
		must(t, d.FromPage(bg, attempts.Visit{Contact: p.ID, UserAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 13_0)"}, attempts.Attempt{
			ID: "1", Outcome: attempts.Failed, Step: "Payment", Reason: "payment", Order: "20260001", Page: "https://shop.example/checkout?token=secret#x", At: noon.Add(time.Hour),
		}))
		list, err := d.Of(bg, p.ID, "", 5)
		must(t, err)
		if len(list) != 1 {
			t.Fatalf("%d attempts", len(list))
		}
		k := list[0]
		if k.Page != "https://shop.example/checkout" || k.Order != "20260001" || k.Device != "phone" || k.Step != "payment" || k.At != noon.UnixMilli() {
			t.Errorf("kept %+v", k)
		}
		byOrder, err := d.Of(bg, 0, "2026 0001", 5)
		must(t, err)
		if len(byOrder) != 1 {
			t.Errorf("by the order's number: %d", len(byOrder))
		}
	})
}

func TestOneVisitorCannotTakeAnothersID(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "sqlite")
	for range 2 {
		p, err := d.tickets.CreateContact(bg, tickets.NewContact{})
		must(t, err)
		must(t, d.FromPage(bg, attempts.Visit{Contact: p.ID}, attempts.Attempt{ID: "same", Outcome: attempts.OK}))
	}
	if got := d.report(attempts.FromShop).Total.OK; got != 2 {
		t.Errorf("counted %d, want 2", got)
	}
}

func TestForgettingLeavesTheCount(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		a := failed(1, "payment", "payment")
		a.Contact, a.Order, a.Detail, a.Page = tickets.ContactRef{ExternalID: "u1"}, "20260001", "E42", "https://shop.example/pay"
		nobodys := failed(2, "payment", "payment")
		nobodys.Order = "20260001"
		d.post(a, nobodys)
		list, err := d.Missed(bg, attempts.Filter{Origin: attempts.FromAPI, From: noon.Add(-time.Hour), To: noon.Add(time.Hour)}, 50)
		must(t, err)
		if len(list) != 2 || list[1].Contact == 0 {
			t.Fatalf("%+v", list)
		}
		if hers, err := d.Export(bg, list[1].Contact); err != nil || len(hers) != 1 || hers[0].Order != "20260001" || hers[0].Detail != "E42" {
			t.Errorf("her export: %+v %v", hers, err)
		}
		must(t, d.db.Write(bg, func(tx *gorm.DB) error { return attempts.Forget(tx, []id.ID{list[1].Contact}) }))
		var left int64
		must(t, d.db.Read(bg).Raw(`SELECT COUNT(*) FROM order_attempts WHERE contact_id IS NOT NULL OR order_hash IS NOT NULL OR order_no IS NOT NULL OR detail IS NOT NULL OR page_url IS NOT NULL`).Scan(&left).Error)
		if left != 0 {
			t.Errorf("%d rows still know her", left)
		}
		if got := d.report(attempts.FromAPI).Total.Failed; got != 2 {
			t.Errorf("counted %d, want 2", got)
		}
	})
}

func TestOldAttemptsGoAndTheirCountsStay(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		for i := range 5 {
			d.post(failed(i, "cart", "stock"))
		}
		was := d.report(attempts.FromAPI).Total
		d.at = d.at.AddDate(0, 0, 91)
		must(t, d.Sweep(bg, 2))
		var rows int64
		must(t, d.db.Read(bg).Raw(`SELECT COUNT(*) FROM order_attempts`).Scan(&rows).Error)
		d.at = noon
		if now := d.report(attempts.FromAPI).Total; rows != 0 || now != was {
			t.Errorf("%d rows left, counted %+v before and %+v now", rows, was, now)
		}
	})
}

// weeks writes the counts of a shop with 100 attempts an hour for some weeks.
func (d *desk) weeks(n int, rate float64) {
	d.t.Helper()
	must(d.t, d.db.Write(bg, func(tx *gorm.DB) error {
		for at := d.at.AddDate(0, 0, -7*n); at.Before(d.at); at = at.Add(15 * time.Minute) {
			ms := at.UnixMilli() - at.UnixMilli()%900_000
			ok := int(25*rate + 0.5)
			if at.Minute()/15%2 == 0 && rate > .96 {
				ok = 25
			}
			for _, one := range []struct {
				outcome string
				n       int
			}{{"ok", ok}, {"failed", 25 - ok}} {
				if one.n == 0 {
					continue
				}
				if err := tx.Exec(`INSERT INTO attempt_quarters (origin, quarter, outcome, n) VALUES ('api', ?, ?, ?) ON CONFLICT (origin, quarter, outcome) DO UPDATE SET n = excluded.n`,
					ms, one.outcome, one.n).Error; err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// play lets minutes pass with 5 attempts in three minutes, each failedOf-th of which fails.
func (d *desk) play(minutes, failedOf int) {
	d.t.Helper()
	var list []attempts.Attempt
	for m := range minutes {
		for i := range 2 - m%3/2 {
			n := len(list)
			a := attempts.Attempt{ID: fmt.Sprint(d.at.UnixMilli(), m, i), Outcome: attempts.OK, Step: "done", Device: "phone", At: d.at.Add(time.Duration(m) * time.Minute)}
			if n%failedOf == failedOf-1 {
				a.Outcome, a.Step, a.Reason = attempts.Failed, "payment", "payment"
			}
			list = append(list, a)
		}
	}
	d.at = d.at.Add(time.Duration(minutes) * time.Minute)
	d.post(list...)
	must(d.t, d.Look(bg))
}

func TestAFallIsToldOnceAndItsEndToo(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		d.weeks(3, .97)
		d.play(60, 33)
		if len(d.alerts) != 0 {
			t.Fatalf("told of nothing: %v %v", d.alerts, d.args)
		}
		for range 6 {
			d.play(5, 4)
		}
		if len(d.alerts) != 1 || d.alerts[0] != "success.fall_api" || d.args["reason"] != "@success.reason.payment" {
			t.Fatalf("told %v %v", d.alerts, d.args)
		}
		list, err := d.Alarms(bg, attempts.FromAPI, 5)
		must(t, err)
		if len(list) != 1 || list[0].OverAt != nil || list[0].Usual != attempts.UsualWeeks || list[0].Rate() > .85 {
			t.Fatalf("alarm %+v", list)
		}
		for range 8 {
			d.play(5, 33)
		}
		if len(d.over) != 1 || len(d.alerts) != 1 {
			t.Errorf("over %v, alerts %v", d.over, d.alerts)
		}
		// What was counted in its minutes is not what is usual, a week later.
		d.at = time.UnixMilli(list[0].RaisedAt).AddDate(0, 0, 7)
		usual, err := d.Usual(bg, attempts.FromAPI, d.at)
		must(t, err)
		if usual.From != attempts.UsualWeeks || usual.Rate() < .96 {
			t.Errorf("a week later %+v is usual", usual)
		}
	})
}

func TestWithoutWeeksTheLastDaysAreUsualAndFewSayNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "sqlite")
	d.play(30, 2)
	if u, err := d.Usual(bg, attempts.FromAPI, d.at); err != nil || u.From != "" || len(d.alerts) != 0 {
		t.Errorf("on the first day: %+v, %v, alerts %v", u, err, d.alerts)
	}
	e := newDesk(t, "sqlite")
	e.weeks(1, .97)
	e.at = e.at.Add(time.Minute)
	e.play(30, 4)
	if list, err := e.Alarms(bg, attempts.FromAPI, 5); err != nil || len(list) != 1 || list[0].Usual != attempts.UsualRecent {
		t.Errorf("in the second week: %+v, %v", list, err)
	}
	e.at = e.at.Add(time.Hour)
	must(t, e.SaveSettings(bg, attempts.Settings{On: false, Least: 20, Points: 5, Days: 90}))
	must(t, e.Look(bg))
	if len(e.over) != 1 {
		t.Errorf("switched off, it still stands: %v", e.over)
	}
}

// A contact who was merged into another brings her attempts with her.
func TestMergedContactsAttemptsAreShownWithTheOther(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		a, b := failed(1, "payment", "payment"), failed(2, "cart", "stock")
		for _, one := range []*attempts.Attempt{&a, &b} { // nobody knows who they are: such are merged
			p, err := d.tickets.CreateContact(bg, tickets.NewContact{})
			must(t, err)
			one.Contact.ID = p.ID
		}
		d.post(a, b)
		var who [2]id.ID
		list, err := d.Missed(bg, attempts.Filter{Origin: attempts.FromAPI, From: noon.Add(-time.Hour), To: noon.Add(time.Hour)}, 50)
		must(t, err)
		who[0], who[1] = list[0].Contact, list[1].Contact
		must(t, d.db.Write(bg, func(tx *gorm.DB) error { return d.tickets.MergeContactTx(tx, who[0], who[1]) }))
		if got, err := d.Of(bg, who[1], "", 5); err != nil || len(got) != 2 {
			t.Errorf("%d attempts, %v; want 2", len(got), err)
		}
	})
}

// What the page counts from rolls of days and quarters is what the rows say, wherever a period begins and ends.
func TestTheReportCountsWhatTheRowsSay(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		zone, err := time.LoadLocation("Asia/Shanghai")
		must(t, err)
		var list []attempts.Attempt
		for i := range 700 {
			a := failed(i, []string{"cart", "payment", ""}[i%3], attempts.Reasons()[i%6])
			if i%4 != 0 {
				a.Outcome, a.Reason = attempts.OK, ""
			}
			a.At = noon.Add(-time.Duration(i) * 11 * time.Minute)
			list = append(list, a)
		}
		d.post(list...)
		for _, span := range []struct{ from, to time.Time }{
			{time.Date(2026, 11, 22, 0, 0, 0, 0, zone), time.Date(2026, 11, 26, 0, 0, 0, 0, zone)},
			{time.Date(2026, 11, 24, 0, 0, 0, 0, zone), time.Date(2026, 11, 25, 0, 0, 0, 0, zone)},
			{time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)},
		} {
			var want attempts.Count
			for _, a := range list {
				if a.At.Before(span.from) || !a.At.Before(span.to) {
					continue
				}
				if a.Outcome == attempts.OK {
					want.OK++
				} else {
					want.Failed++
				}
			}
			r, err := d.Report(bg, attempts.FromAPI, span.from, span.to)
			must(t, err)
			var parts, steps, hours, reasons attempts.Count
			for _, one := range r.Parts {
				parts.OK, parts.Failed = parts.OK+one.OK, parts.Failed+one.Failed
			}
			for _, one := range r.Hours {
				hours.OK, hours.Failed = hours.OK+one.OK, hours.Failed+one.Failed
			}
			for _, one := range r.Steps {
				steps.OK, steps.Failed = steps.OK+one.OK, steps.Failed+one.Failed
			}
			for _, one := range r.Reasons {
				reasons.Failed += one.Failed
			}
			if r.Total != want || parts != want || steps != want || hours != want || reasons.Failed != want.Failed {
				t.Errorf("from %v: total %+v, parts %+v, steps %+v, hours %+v, reasons %+v; want %+v", span.from, r.Total, parts, steps, hours, reasons, want)
			}
		}
	})
}

func TestWhatFailedIsCountedByOrderAndByPerson(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		who := tickets.ContactRef{ExternalID: "u1"}
		d.post(
			attempts.Attempt{ID: "1", Outcome: attempts.Failed, Step: "payment", Reason: "payment", Order: "A-1", At: noon},
			attempts.Attempt{ID: "2", Outcome: attempts.OK, Step: "done", Order: "A-1", At: noon},
			attempts.Attempt{ID: "3", Outcome: attempts.Abandoned, Step: "address", Contact: who, At: noon},
			attempts.Attempt{ID: "4", Outcome: attempts.Failed, Step: "payment", Order: "A-2", At: noon},
		)
		var contact id.ID
		must(t, d.db.Read(bg).Raw(`SELECT contact_id FROM order_attempts WHERE step = 'address'`).Row().Scan((*int64)(&contact)))
		got, err := d.Behind(bg, [][]byte{d.tickets.OrderKey("A-1")}, []id.ID{contact}, noon.Add(-time.Hour), noon.Add(time.Hour))
		must(t, err)
		if len(got) != 2 || got[attempts.Failing{Step: "payment", Reason: "payment"}] != 1 || got[attempts.Failing{Step: "address"}] != 1 {
			t.Errorf("%v", got)
		}
	})
}
