package dbtest

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"huiyin/app/db"
)

// Open gives a private migrated database of a dialect ("sqlite" or "postgres"), which goes with the test. Without
// PostgreSQL on the machine the test is skipped.
func Open(t testing.TB, dialect string) *db.DB {
	t.Helper()
	o := db.Options{Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))}
	switch dialect {
	case db.SQLite:
		o.Path = filepath.Join(t.TempDir(), "huiyin.db")
		content, err := migratedFile()
		if err == nil {
			err = os.WriteFile(o.Path, content, 0o600)
		}
		if err != nil {
			t.Fatalf("dbtest: %v", err)
		}
	case db.Postgres:
		o.DSN = clone(t)
	default:
		t.Fatalf("dbtest: no dialect %q", dialect)
	}
	d, err := db.Open(context.Background(), o)
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("dbtest: close: %v", err)
		}
	})
	return d
}

// Each runs fn as a subtest on each dialect. fn may call t.Parallel.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		t.Run(dialect, func(t *testing.T) { fn(t, Open(t, dialect)) })
	}
}

// migratedFile is the content of a migrated SQLite database, made at the first call.
var migratedFile = sync.OnceValues(func() (content []byte, err error) {
	dir, err := os.MkdirTemp("", "huiyin-dbtest-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "template.db")
	if err := migrate(db.Options{Path: path}); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// migrate opens, migrates and closes a database.
func migrate(o db.Options) error {
	d, err := db.Open(context.Background(), o)
	if err != nil {
		return err
	}
	if _, err = d.Migrate(context.Background()); err != nil {
		_ = d.Close()
		return err
	}
	return d.Close()
}
