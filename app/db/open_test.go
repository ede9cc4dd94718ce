package db_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

// wantLine opens a database that cannot be opened, and wants one line that holds the words.
func wantLine(t *testing.T, o db.Options, words ...string) {
	t.Helper()
	d, err := db.Open(context.Background(), o)
	if err == nil {
		_ = d.Close()
		t.Fatal("it opened")
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %q", err)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
}

func TestOpenSaysWhatToDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	must(t, os.WriteFile(garbage, []byte(strings.Repeat("not a database ", 1000)), 0o600))
	wantLine(t, db.Options{Path: garbage}, garbage, "no database of Huiyin")
	wantLine(t, db.Options{Path: filepath.Join(dir, "none", "x.db")}, filepath.Join(dir, "none"), "create it")
	wantLine(t, db.Options{Path: dir}, dir, "directory")
	wantLine(t, db.Options{DSN: "mysql://u:secret@h/d"}, "postgres://", "--database")
	wantLine(t, db.Options{DSN: "postgres://u:secret@127.0.0.1:1/d"}, "does not answer", "--database")
	if os.Getuid() != 0 { // whom no mode stops
		locked := filepath.Join(dir, "locked.db")
		must(t, os.WriteFile(locked, nil, 0o400))
		wantLine(t, db.Options{Path: locked}, locked, "mode")
	}
}

func TestOpenNeverRepeatsThePassword(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{
		"mysql://u:s3cret@h/d", "postgres://u:s3cret@127.0.0.1:1/d", "postgres://u:s3cret@h:port/d", "postgres://u:s3cret@h/d?connect_timeout=x",
	} {
		_, err := db.Open(t.Context(), db.Options{DSN: dsn})
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: error = %v", dsn, err)
		}
	}
}

func TestOpenNamesAWrongDatabaseOnPostgres(t *testing.T) {
	t.Parallel()
	dsn := dbtest.Postgres(t)
	wantLine(t, db.Options{DSN: strings.Replace(dsn, "huiyin_test_", "huiyin_none_", 1)}, "does not exist", "--database")
}

func TestFilesAreForTheirOwnerAlone(t *testing.T) {
	t.Parallel()
	d := sqlite(t)
	must(t, d.Write(t.Context(), adds(1)))
	_ = ids(t, d)
	path := sqlitePath(t, d)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		must(t, err)
		if got, want := info.Mode().Perm(), fs.FileMode(0o600); got != want {
			t.Errorf("mode of %s = %v, want %v", filepath.Base(path)+suffix, got, want)
		}
	}
}

func TestSettingsOfTheConnections(t *testing.T) {
	t.Parallel()
	d := sqlite(t)
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000", "query_only": "0",
	} {
		var got string
		must(t, d.SQL().QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got))
		if got != want {
			t.Errorf("writer: %s = %s, want %s", pragma, got, want)
		}
	}
	for pragma, want := range map[string]string{"query_only": "1", "foreign_keys": "1", "busy_timeout": "10000"} {
		var got string
		must(t, d.Read(t.Context()).Raw("PRAGMA "+pragma).Scan(&got).Error)
		if got != want {
			t.Errorf("readers: %s = %s, want %s", pragma, got, want)
		}
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	newer := func(tx *gorm.DB) error {
		return tx.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, ?)", true).Error
	}
	t.Run(db.SQLite, func(t *testing.T) {
		t.Parallel()
		d := dbtest.Open(t, db.SQLite)
		must(t, d.Write(t.Context(), newer))
		wantLine(t, db.Options{Path: sqlitePath(t, d)}, "newer Huiyin", "99999")
		if _, err := d.Pending(t.Context()); err == nil {
			t.Error("Pending did not notice")
		}
	})
	t.Run(db.Postgres, func(t *testing.T) {
		t.Parallel()
		dsn := dbtest.Postgres(t)
		d, err := db.Open(t.Context(), db.Options{DSN: dsn})
		must(t, err)
		t.Cleanup(func() { must(t, d.Close()) })
		_, err = d.Migrate(t.Context())
		must(t, err)
		must(t, d.Write(t.Context(), newer))
		wantLine(t, db.Options{DSN: dsn}, "newer Huiyin", "99999")
	})
}
