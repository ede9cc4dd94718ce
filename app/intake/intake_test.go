package intake_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/blob"
	"huiyin/app/db"
	"huiyin/app/desktest"
	"huiyin/app/intake"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// desk keeps files as orders do.
type desk struct {
	*desktest.Desk
	tray *intake.Tray
	file string // of the last import
}

func newDesk(t testing.TB, base *db.DB) *desk {
	t.Helper()
	d := &desk{Desk: desktest.New(t, base, time.Date(2026, 11, 25, 4, 0, 0, 0, time.UTC), nil)}
	d.tray = &intake.Tray{Table: "order_imports", Faults: "order_import_faults", Words: intake.Words{Gone: "orders.file.gone", Started: "orders.error.started"}, Store: d.Store, Sealer: d.Sealer, Files: blob.Folder{Dir: t.TempDir()}, Now: d.Now}
	return d
}

var must, fails = desktest.Must, desktest.Fails

func (d *desk) put(content []byte) id.ID {
	d.T.Helper()
	one := d.IDs.Next()
	must(d.T, d.tray.Put(d.T.Context(), one, "orders.csv", content, func(tx *gorm.DB, file string, name []byte) error {
		d.file = file
		return tx.Exec(`INSERT INTO order_imports (id, agent_id, file, name, plan, state, reason, orders, place, added, changed, same, older, refused, created_at)
 VALUES (?, 1, ?, ?, '', ?, '', 0, 0, 0, 0, 0, 0, 0, 0)`, int64(one), file, name, intake.New).Error
	}))
	return one
}

func TestAFileIsKeptUntilItsImportIsOver(t *testing.T) {
	t.Parallel()
	desktest.Each(t, newDesk, func(t *testing.T, d *desk) {
		content := bytes.Repeat([]byte("number,status\n"), 20_000)
		one := d.put(content)
		got, err := d.tray.Content(t.Context(), one, d.file)
		if must(t, err); !bytes.Equal(got, content) {
			t.Errorf("%d bytes came back of %d, or others", len(got), len(content))
		}
		start := func(tx *gorm.DB) error { return d.tray.Start(tx, one, []byte("{}")) }
		must(t, d.DB.Write(t.Context(), start))
		fails(t, d.DB.Write(t.Context(), start), fault.Conflict, "orders.error.started")
		fails(t, d.tray.Discard(t.Context(), one, d.file), fault.Conflict, "orders.error.started")
		if used, err := d.tray.FilesOf(t.Context(), []string{d.file, "other"}); err != nil || len(used) != 1 {
			t.Errorf("%v, %v are needed, want the file", used, err)
		}
		must(t, d.tray.Fail(t.Context(), one, d.file, fault.New(fault.Invalid, "orders.file.broken")))
		if d.Number(`SELECT COUNT(*) FROM order_imports WHERE state = 'failed' AND reason = 'broken' AND ended_at IS NOT NULL`) != 1 {
			t.Error("the import has not failed")
		}
		_, err = d.tray.Content(t.Context(), one, d.file)
		fails(t, err, fault.NotFound, "orders.file.gone")
	})
}

func TestWhatIsNoFaultOfAFileDoesNotEndItsImport(t *testing.T) {
	t.Parallel()
	desktest.Each(t, newDesk, func(t *testing.T, d *desk) {
		one, away := d.put([]byte("a,b\n")), errors.New("the database is away")
		if err := d.tray.Fail(t.Context(), one, d.file, away); !errors.Is(err, away) {
			t.Errorf("got %v, want %v", err, away)
		}
		must(t, d.tray.Discard(t.Context(), one, d.file))
		if d.Number(`SELECT COUNT(*) FROM order_imports`) != 0 {
			t.Error("what was not started is not taken away")
		}
	})
}

func TestRefusedLinesAreKeptInTheirOrderAndNoMoreThanAPersonMends(t *testing.T) {
	t.Parallel()
	desktest.Each(t, newDesk, func(t *testing.T, d *desk) {
		one, line := d.put([]byte("a,b\n")), 0
		for _, n := range []int{0, 1, 250, 9_700, 100, 1} {
			var list []intake.Reject[string]
			for range n {
				line++
				list = append(list, intake.Reject[string]{Line: line, Col: 2, Field: "status", Code: "required"})
			}
			must(t, d.DB.Write(t.Context(), func(tx *gorm.DB) error { return intake.Note(tx, d.tray, one, list) }))
		}
		got, err := intake.Rejects[string](t.Context(), d.tray, one, 20_000)
		if must(t, err); len(got) != 10_000 {
			t.Fatalf("%d lines are kept, want 10,000", len(got))
		}
		for i, r := range got {
			if want := (intake.Reject[string]{Line: i + 1, Col: 2, Field: "status", Code: "required"}); r != want {
				t.Fatalf("the line at %d is %v, want %v", i, r, want)
			}
		}
	})
}
