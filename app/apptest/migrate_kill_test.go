package apptest_test

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"huiyin/app/apptest"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

// opened opens a process's database beside it.
func opened(t *testing.T, p *apptest.Process, fn func(d *db.DB)) {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{DSN: p.Setting("HUIYIN_DATABASE"), Path: filepath.Join(p.Dir, "huiyin.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	fn(d)
}

// standsAt gives the schema's version and its tables.
func standsAt(t *testing.T, d *db.DB) (version int64, tables []db.Table) {
	t.Helper()
	err := d.Snapshot(t.Context(), func(look *db.Snapshot) (err error) {
		if version, err = look.Schema(t.Context()); err == nil {
			tables, err = look.Tables(t.Context())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return version, tables
}

// newest is the version that a database of today has.
func newestSchema(t *testing.T, dialect string) int64 {
	t.Helper()
	v, _ := standsAt(t, dbtest.Open(t, dialect))
	return v
}

// A migration that is killed between any two of its steps, or within one, leaves a database that is exactly at one of
// them; called again it ends well, and nothing that was said is lost.
func TestAMigrationThatIsKilledIsCalledAgain(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			last := newestSchema(t, dialect)
			p, y := leave(t, dialect)
			caught := killMigrations(t, p, dialect, last)
			for tries := 0; caught < 3 && tries < 8; tries++ { // on a busy machine the steps are over before they are seen
				p, y = leave(t, dialect)
				caught = killMigrations(t, p, dialect, last)
			}
			if caught < 3 {
				t.Errorf("caught in the middle %d times only: the test tries nothing", caught)
			}
			p.Start()
			if page := y.heard(t, p); !strings.Contains(page, "昨天买的陶瓷杯什么时候发货？") || !strings.Contains(page, "杯口有一点小缺口") {
				t.Errorf("the shopper lacks what was said: %s", page)
			}
			if stray := files(t, p, "migration-*.part"); len(stray) > 0 {
				t.Errorf("half a backup is still there: %v", stray)
			}
			opened(t, p, func(d *db.DB) {
				if v, _ := standsAt(t, d); v != last {
					t.Errorf("the schema is %d, want %d", v, last)
				}
			})
		})
	}
}

// killMigrations kills a migration in the backup before it, after the backup, and after each step. It tells how often it caught one.
func killMigrations(t *testing.T, p *apptest.Process, dialect string, last int64) (caught int) {
	t.Helper()
	half := func() bool { return len(files(t, p, "*.part")) > 0 }
	whole := func() bool { return len(files(t, p, "*.huiyin")) > 0 }
	killed := func(what string, when func(version int64) bool) (version int64, hit bool) {
		t.Helper()
		opened(t, p, func(d *db.DB) {
			cmd := p.Begin("migrate")
			hit = cmd.KillWhen(func() bool {
				var v int64 // asked as quickly as can be: a step takes milliseconds
				err := d.Read(t.Context()).Raw("SELECT max(version_id) FROM goose_db_version").Scan(&v).Error
				return err == nil && when(v)
			})
		})
		if hit {
			caught++
		}
		opened(t, p, func(d *db.DB) {
			var tables []db.Table
			version, tables = standsAt(t, d)
			if want := tablesAt(t, dialect, version); !reflect.DeepEqual(tables, want) {
				t.Errorf("killed %s: the version is %d and the tables are not:\n%v\n%v", what, version, tables, want)
			}
		})
		return version, hit
	}
	if v, hit := killed("within the backup", func(int64) bool { return half() }); hit && v != 2 {
		t.Errorf("the schema is %d before there is a backup", v)
	}
	killed("right after the backup", func(int64) bool { return whole() })
	for at := int64(2); at < last; {
		v, _ := killed("after a step", func(v int64) bool { return v > at })
		at = max(v, at+1)
	}
	return caught
}

func files(t *testing.T, p *apptest.Process, pattern string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(p.Dir, "backups", pattern))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// tablesAt is what a database has that was brought to a version without any trouble.
func tablesAt(t *testing.T, dialect string, version int64) []db.Table {
	t.Helper()
	o := db.Options{Path: filepath.Join(t.TempDir(), "huiyin.db")}
	if dialect == db.Postgres {
		o.DSN = dbtest.Postgres(t)
	}
	d, err := db.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close() //nolint:errcheck // only looked at
	if err := d.MigrateTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	_, tables := standsAt(t, d)
	return tables
}
