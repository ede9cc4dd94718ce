package db_test

import (
	"io/fs"
	"path/filepath"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

// empty opens a database without a schema.
func empty(t *testing.T, dialect string) *db.DB {
	t.Helper()
	o := db.Options{Path: filepath.Join(t.TempDir(), "huiyin.db")}
	if dialect == db.Postgres {
		o = db.Options{DSN: dbtest.Postgres(t)}
	}
	d, err := db.Open(t.Context(), o)
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	return d
}

func TestMigrateAppliesEachFileOnce(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			d := empty(t, dialect)
			files, err := db.Migrations(dialect)
			must(t, err)
			names, err := fs.Glob(files, "*.sql")
			must(t, err)
			wantPending(t, d, len(names))
			for _, want := range []int{len(names), 0} {
				got, err := d.Migrate(t.Context())
				must(t, err)
				if got != want {
					t.Errorf("applied %d, want %d", got, want)
				}
				wantPending(t, d, 0)
			}
			list, err := d.Status(t.Context())
			must(t, err)
			for i, s := range list {
				if s.Name != names[i] || !s.Applied || s.AppliedAt.IsZero() {
					t.Errorf("status %d = %+v, want %s applied", i, s, names[i])
				}
			}
		})
	}
}

func wantPending(t *testing.T, d *db.DB, want int) {
	t.Helper()
	got, err := d.Pending(t.Context())
	must(t, err)
	if got != want {
		t.Errorf("pending = %d, want %d", got, want)
	}
}

func TestStatusOfAnEmptyDatabaseShowsAllAsPending(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			list, err := empty(t, dialect).Status(t.Context())
			must(t, err)
			for _, s := range list {
				if s.Applied || !s.AppliedAt.IsZero() {
					t.Errorf("%s is said to be applied", s.Name)
				}
			}
			if len(list) == 0 {
				t.Error("no migrations")
			}
		})
	}
}

func TestDataKeysAreFoundWithoutTheirSchema(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		must(t, d.Write(t.Context(), func(tx *gorm.DB) error {
			return tx.Exec("INSERT INTO data_keys (id, purpose, master, wrapped, created_at) VALUES (1, 'desk', 1, ?, 0)", []byte{1}).Error
		}))
		if d.Dialect() != db.Postgres {
			return
		}
		var schema string
		must(t, d.Read(t.Context()).Raw("SELECT schemaname FROM pg_tables WHERE tablename = 'data_keys'").Scan(&schema).Error)
		if schema != "huiyin_keys" {
			t.Errorf("schema = %s", schema)
		}
	})
}
