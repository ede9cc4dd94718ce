package outbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/outbox"
)

// A writer is a transaction on PostgreSQL that takes its time.
type writer struct {
	t    *testing.T
	conn *pgxpool.Conn
}

func begin(t *testing.T, d *db.DB) *writer {
	t.Helper()
	conn, err := d.PgxPool().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Release)
	w := &writer{t, conn}
	w.exec("BEGIN")
	return w
}

func (w *writer) exec(sql string) {
	w.t.Helper()
	if _, err := w.conn.Exec(w.t.Context(), sql); err != nil {
		w.t.Fatal(err)
	}
}

func (w *writer) number(sql string) (n int64) {
	w.t.Helper()
	if err := w.conn.QueryRow(w.t.Context(), sql).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *writer) insert() int64 {
	w.t.Helper()
	return w.number(`INSERT INTO events (type, actor_kind, actor_id, at) VALUES ('test', 'system', 0, 1) RETURNING n`)
}

// naive is a reader by "n > cursor": the mistake.
type naive struct {
	cursor int64
	got    []int64
}

func (r *naive) read(t *testing.T, d *db.DB) {
	t.Helper()
	var more []int64
	if err := d.Read(t.Context()).Raw("SELECT n FROM events WHERE n > ? ORDER BY n", r.cursor).Scan(&more).Error; err != nil {
		t.Fatal(err)
	}
	if len(more) > 0 {
		r.got, r.cursor = append(r.got, more...), more[len(more)-1]
	}
}

func TestALaterNumberThatCommitsFirstWaits(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.Postgres)
	in := &diary{}
	p := pump(t, options(t, d), outbox.Reader[event]{Name: "r", Work: in.work})
	run(t, p)
	var simple naive

	slow, quick := begin(t, d), begin(t, d)
	first, second := slow.insert(), quick.insert()
	quick.exec("COMMIT")
	p.Wake()
	simple.read(t, d)
	time.Sleep(300 * time.Millisecond)
	same(t, in.numbers(), nil)
	slow.exec("COMMIT")
	p.Wake()
	simple.read(t, d)
	within(t, patience, "both", func() bool { return len(in.all()) == 2 })
	same(t, in.numbers(), []int64{first, second})
	same(t, simple.got, []int64{second}) // so that this test is known to be able to fail
}

func TestANumberThatWasRolledBackIsPassed(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.Postgres)
	in := &diary{}
	p := pump(t, options(t, d), outbox.Reader[event]{Name: "r", Work: in.work})
	run(t, p)
	gone, other := begin(t, d), begin(t, d)
	other.insert()
	gone.insert()
	last := other.insert()
	other.exec("COMMIT")
	p.Wake()
	within(t, patience, "what stands before the gap", func() bool { return len(in.all()) == 1 })
	gone.exec("ROLLBACK")
	within(t, patience, "what stands behind it, without a Wake", func() bool { return len(in.all()) == 2 })
	if got := in.numbers()[1]; got != last {
		t.Errorf("got %d, want %d", got, last)
	}
}

// A transaction that does not write events may last as long as it likes.
func TestOtherTransactionsHoldNothingUp(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, db.Postgres)
	bystander, gone, writer := begin(t, d), begin(t, d), begin(t, d)
	bystander.exec("CREATE TABLE bystander (n int)")
	bystander.number("SELECT count(*) FROM events")
	gone.insert()
	want := writer.insert()
	writer.exec("COMMIT")
	gone.exec("ROLLBACK")
	in := &diary{}
	p := pump(t, options(t, d), outbox.Reader[event]{Name: "r", Work: in.work})
	run(t, p)
	within(t, patience, "the event", func() bool { return len(in.all()) == 1 })
	same(t, in.numbers(), []int64{want})
}

// The rule "pass the gap once pg_snapshot_xmin has reached the pg_snapshot_xmax of the moment it was seen" is not safe.
func TestTheSnapshotsBoundsAreNotEnough(t *testing.T) {
	t.Parallel()
	d := dbtest.Alone(t)
	for range 20 { // the server's own work (autovacuum) may move the bounds at times
		if passesTooEarly(t, d) {
			return
		}
	}
	t.Error("the rule was right each time: it could be taken")
}

// passesTooEarly tells whether the rule would have passed a number whose transaction then committed.
func passesTooEarly(t *testing.T, d *db.DB) bool {
	seen, early, late := begin(t, d), begin(t, d), begin(t, d)
	seen.exec("ROLLBACK")
	early.number("SELECT pg_current_xact_id()::text::bigint") // the smaller transaction id …
	missing := late.insert()
	visible := early.insert() // … and the larger number
	early.exec("COMMIT")
	bound := seen.number("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
	now := seen.number("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
	late.exec("COMMIT")
	there := seen.number(fmt.Sprintf("SELECT count(*) FROM events WHERE n = %d", missing))
	return visible > missing && now >= bound && there == 1
}
