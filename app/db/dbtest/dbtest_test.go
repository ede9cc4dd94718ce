package dbtest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for range 2 {
		dbtest.Each(t, func(t *testing.T, d *db.DB) {
			pending, err := d.Pending(t.Context())
			if err != nil || pending != 0 {
				t.Fatalf("pending = %d, %v", pending, err)
			}
			err = d.Write(t.Context(), func(tx *gorm.DB) error {
				return tx.Exec("INSERT INTO event_readers (name, cursor, updated_at) VALUES ('x', 1, 1)").Error
			})
			if err != nil { // the other's row would be in the way
				t.Fatal(err)
			}
		})
	}
}

func TestPostgresGivesAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), db.Options{DSN: dbtest.Postgres(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	pending, err := d.Pending(t.Context())
	if err != nil || pending == 0 {
		t.Errorf("pending = %d, %v", pending, err)
	}
}

// kind is made so that lines, the model, and the table agree in nothing but the first columns.
type kind struct {
	ID      int64 `gorm:"primaryKey;autoIncrement:false"`
	Sealed  []byte
	Same    *string
	Extra   int64
	Class   string
	MayNull int64
	NotNull *int64
	Skipped string `gorm:"-"`
}

type nowhere struct{ ID int64 }

// complaints collects what a check says.
type complaints struct {
	testing.TB
	lines []string
}

func (c *complaints) Helper() {}

func (c *complaints) Errorf(format string, args ...any) {
	c.lines = append(c.lines, fmt.Sprintf(format, args...))
}

func TestCheckModelsFindsEverySortOfDisagreement(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		blob := map[string]string{db.SQLite: "BLOB", db.Postgres: "BYTEA"}[d.Dialect()]
		err := d.Write(t.Context(), func(tx *gorm.DB) error {
			return tx.Exec("CREATE TABLE kinds (id BIGINT PRIMARY KEY, sealed " + blob + " NOT NULL, same TEXT, " +
				"class BIGINT NOT NULL, may_null BIGINT, not_null BIGINT NOT NULL, unknown TEXT)").Error
		})
		if err != nil {
			t.Fatal(err)
		}
		c := &complaints{TB: t}
		dbtest.CheckModels(c, d, &kind{}, &nowhere{})
		for _, want := range []string{
			"the table has no column extra", "class is text in the model, integer in the table", "may_null is int64", "not_null is *int64",
			"the model has no column unknown", "there is no such table",
		} {
			if !slices.ContainsFunc(c.lines, func(l string) bool { return strings.Contains(l, want) }) {
				t.Errorf("not found: %s", want)
			}
		}
		if len(c.lines) != 6 {
			t.Errorf("%d complaints, want 6:\n%s", len(c.lines), strings.Join(c.lines, "\n"))
		}
	})
}

// TestTwoSchemasAreTwins holds the dialects' tables and indexes against each other. River's differ by nature.
func TestTwoSchemasAreTwins(t *testing.T) {
	t.Parallel()
	lite, pg := shape(t, dbtest.Open(t, db.SQLite)), shape(t, dbtest.Open(t, db.Postgres))
	for _, line := range lite {
		if !slices.Contains(pg, line) {
			t.Errorf("only in SQLite: %s", line)
		}
	}
	for _, line := range pg {
		if !slices.Contains(lite, line) {
			t.Errorf("only in PostgreSQL: %s", line)
		}
	}
	if len(lite) < 100 {
		t.Errorf("%d lines: the test does not see the schema", len(lite))
	}
}

// twinless are tables that one dialect alone needs: SQLite counts where PostgreSQL has a sequence, and a bookkeeper's.
func twinless(name string) bool {
	return name == "counters" || strings.HasPrefix(name, "river_") || strings.HasPrefix(name, "sqlite_") || strings.HasPrefix(name, "goose_")
}

func shape(t *testing.T, d *db.DB) (lines []string) {
	t.Helper()
	tables, indexes := "SELECT name FROM sqlite_master WHERE type = 'table'",
		"SELECT tbl_name || '.' || name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
	if d.Dialect() == db.Postgres {
		tables = "SELECT tablename FROM pg_tables WHERE schemaname IN ('public', 'huiyin_keys')"
		indexes = "SELECT tablename || '.' || indexname FROM pg_indexes WHERE schemaname IN ('public', 'huiyin_keys') AND indexname NOT LIKE '%\\_pkey'"
	}
	var names, found []string
	read := d.Read(context.Background())
	if err := read.Raw(tables).Scan(&names).Error; err != nil {
		t.Fatal(err)
	}
	if err := read.Raw(indexes).Scan(&found).Error; err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if twinless(n) {
			continue
		}
		columns, err := dbtest.Columns(d, n)
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range columns {
			lines = append(lines, fmt.Sprintf("column %s.%s %s, nullable %v", n, name, c.Class, c.Nullable))
		}
	}
	for _, n := range found {
		if !twinless(n) {
			lines = append(lines, "index "+n)
		}
	}
	return lines
}
