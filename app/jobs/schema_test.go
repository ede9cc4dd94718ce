package jobs_test

import (
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

// Our migration 00002 has to leave what River's own migrations leave. When this fails after a new version of River, the
// difference goes into a new migration.
func TestOurSchemaIsRivers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		ours := describe(t, d.Dialect(), d.SQL())
		theirs := describe(t, d.Dialect(), migratedByRiver(t, d.Dialect()))
		for _, line := range ours {
			if !slices.Contains(theirs, line) {
				t.Errorf("only ours:   %s", line)
			}
		}
		for _, line := range theirs {
			if !slices.Contains(ours, line) {
				t.Errorf("only River's: %s", line)
			}
		}
		if len(ours) < 10 {
			t.Errorf("found only %d lines: the description looks at the wrong place", len(ours))
		}
	})
}

func migratedByRiver(t *testing.T, dialect string) *sql.DB {
	t.Helper()
	o := db.Options{Log: slog.New(slog.DiscardHandler)}
	if dialect == db.SQLite {
		o.Path = filepath.Join(t.TempDir(), "river.db")
	} else {
		o.DSN = dbtest.Postgres(t)
	}
	d, err := db.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if dialect == db.SQLite {
		migrate(t, riversqlite.New(d.SQL()))
	} else {
		migrate(t, riverpgxv5.New(pool(t, o.DSN)))
	}
	return d.SQL()
}

func pool(t *testing.T, dsn string) *pgxpool.Pool {
	t.Helper()
	p, err := pgxpool.New(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func migrate[T any](t *testing.T, driver riverdriver.Driver[T]) {
	t.Helper()
	m, err := rivermigrate.New(driver, nil)
	if err == nil {
		_, err = m.Migrate(context.Background(), rivermigrate.DirectionUp, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// describe tells everything of River's in a database, a line each.
func describe(t *testing.T, dialect string, pool *sql.DB) []string {
	t.Helper()
	rows, err := pool.QueryContext(t.Context(), schemaSQL[dialect])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, normal(line))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// normal takes comments, quotes and spaces out of SQL.
func normal(text string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		line, _, _ = strings.Cut(line, "--")
		b.WriteString(line + " ")
	}
	return strings.Join(strings.Fields(strings.NewReplacer(`"`, "", "(", " ( ", ")", " ) ", ",", " , ").Replace(b.String())), " ")
}

var schemaSQL = map[string]string{
	db.SQLite: `SELECT sql FROM sqlite_master WHERE name LIKE 'river%' AND sql IS NOT NULL
		UNION ALL SELECT 'migration ' || line || ' ' || version FROM river_migration`,
	db.Postgres: `
		SELECT format('column %s %s.%s %s null:%s default:%s', attnum, relname, attname, format_type(atttypid, atttypmod), NOT attnotnull,
			(SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum))
			FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
			WHERE relname LIKE 'river%' AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
		UNION ALL SELECT format('table %s %s', relname, relpersistence) FROM pg_class WHERE relname LIKE 'river%' AND relkind IN ('r', 'S')
		UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE tablename LIKE 'river%'
		UNION ALL SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
			FROM pg_constraint WHERE conrelid::regclass::text LIKE 'river%'
		UNION ALL SELECT 'function ' || pg_get_functiondef(oid) FROM pg_proc WHERE proname LIKE 'river%'
		UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid::regclass::text LIKE 'river%' AND NOT tgisinternal
		UNION ALL SELECT format('enum %s %s %s', enumtypid::regtype, row_number() OVER (ORDER BY enumsortorder), enumlabel) FROM pg_enum
		UNION ALL SELECT format('migration %s %s', line, version) FROM river_migration`,
}
