package db_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

// odd is a table with every kind of value that the desk keeps, and the ones that copies like to spoil.
func withOdd(t *testing.T, d *db.DB) {
	t.Helper()
	blob := "BLOB"
	if d.Dialect() == db.Postgres {
		blob = "BYTEA"
	}
	must(t, d.Write(t.Context(), func(tx *gorm.DB) error {
		if err := tx.Exec("CREATE TABLE odd (id BIGINT PRIMARY KEY, word TEXT, data " + blob + ", yes BOOLEAN, share DOUBLE PRECISION)").Error; err != nil {
			return err
		}
		for _, row := range [][]any{
			{1, nil, nil, nil, nil},
			{2, "", []byte{}, false, 0.1},
			{3, "tab\tline\nback\\slash\\N \"quote\" 回音", []byte{0, 1, '\n', '\\', 255}, true, -1e300},
			{int64(-1) << 62, strings.Repeat("长", 70_000), []byte(strings.Repeat("\x00\n", 700_000)), true, 1.0 / 3},
		} {
			if err := tx.Exec("INSERT INTO odd VALUES (?, ?, ?, ?, ?)", row...).Error; err != nil {
				return err
			}
		}
		return nil
	}))
}

func tableOf(t *testing.T, look *db.Snapshot, name string) db.Table {
	t.Helper()
	tables, err := look.Tables(t.Context())
	must(t, err)
	i := slices.IndexFunc(tables, func(one db.Table) bool { return one.Name == name })
	if i < 0 {
		t.Fatalf("no table %s in %v", name, tables)
	}
	return tables[i]
}

func rowsOf(t *testing.T, look *db.Snapshot, table db.Table) (rows []string) {
	t.Helper()
	must(t, look.Rows(t.Context(), table, func(row []byte) error { rows = append(rows, string(row)); return nil }))
	slices.Sort(rows)
	return rows
}

func TestEveryRowComesOutAndGoesInAsItIs(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		withOdd(t, d)
		must(t, d.Snapshot(t.Context(), func(look *db.Snapshot) error {
			table := tableOf(t, look, "odd")
			want := rowsOf(t, look, table)
			if len(want) != 4 {
				t.Fatalf("%d rows came out of 4", len(want))
			}
			return nil
		}))
		roundTrip(t, d)
	})
}

// roundTrip fills a second database and compares.
func roundTrip(t *testing.T, d *db.DB) {
	t.Helper()
	other := dbtest.Open(t, d.Dialect())
	must(t, other.Write(t.Context(), func(tx *gorm.DB) error {
		blob := "BLOB"
		if d.Dialect() == db.Postgres {
			blob = "BYTEA"
		}
		return tx.Exec("CREATE TABLE odd (id BIGINT PRIMARY KEY, word TEXT, data " + blob + ", yes BOOLEAN, share DOUBLE PRECISION)").Error
	}))
	var want []string
	var table db.Table
	must(t, d.Snapshot(t.Context(), func(look *db.Snapshot) error {
		table = tableOf(t, look, "odd")
		want = rowsOf(t, look, table)
		return nil
	}))
	must(t, other.Fill(t.Context(), func(f *db.Filling) error {
		_, err := f.Table(t.Context(), table, from(want))
		return errors.Join(err, f.Counters(t.Context(), map[string]int64{counterOf(d): 4711}))
	}))
	must(t, other.Snapshot(t.Context(), func(look *db.Snapshot) error {
		if got := rowsOf(t, look, table); !slices.Equal(got, want) {
			t.Error("the rows that were put in are not those that came out")
		}
		counters, err := look.Counters(t.Context())
		must(t, err)
		if counters[counterOf(d)] != 4711 {
			t.Errorf("the counter of events stands at %d", counters[counterOf(d)])
		}
		return nil
	}))
}

func counterOf(d *db.DB) string {
	if d.Dialect() == db.Postgres {
		return "events_n_seq"
	}
	return "events"
}

func from(rows []string) func() ([]byte, error) {
	return func() ([]byte, error) {
		if len(rows) == 0 {
			return nil, io.EOF
		}
		row := rows[0]
		rows = rows[1:]
		return []byte(row), nil
	}
}

func TestASnapshotStaysWhileOthersWrite(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *db.DB) {
		must(t, d.Write(t.Context(), func(tx *gorm.DB) error { return add(tx, 1, 1) }))
		must(t, d.Snapshot(t.Context(), func(look *db.Snapshot) error {
			must(t, d.Write(t.Context(), func(tx *gorm.DB) error { return add(tx, 2, 1) }))
			if rows := rowsOf(t, look, tableOf(t, look, "items")); len(rows) != 1 {
				t.Errorf("the snapshot has %d rows, want the one of its moment", len(rows))
			}
			return nil
		}))
	})
}

func TestNothingIsFilledIntoADesk(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		must(t, d.Write(t.Context(), func(tx *gorm.DB) error {
			return tx.Exec("INSERT INTO master_keys (version, fingerprint, created_at) VALUES (1, ?, 1)", []byte("12345678")).Error
		}))
		err := d.Fill(t.Context(), func(*db.Filling) error { t.Error("it was begun"); return nil })
		if !errors.Is(err, db.ErrOccupied) {
			t.Errorf("%v, want ErrOccupied", err)
		}
	})
}

func TestAFillingThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		table := db.Table{Name: "teams", Columns: []string{"id", "name", "created_at"}}
		broken := errors.New("the archive ends here")
		err := d.Fill(context.Background(), func(f *db.Filling) error {
			_, err := f.Table(t.Context(), table, func() ([]byte, error) { return nil, broken })
			return err
		})
		if !errors.Is(err, broken) {
			t.Errorf("%v, want the reader's error", err)
		}
		if vacant, err := d.Vacant(t.Context()); !vacant || err != nil {
			t.Errorf("vacant %t, %v", vacant, err)
		}
	})
}
