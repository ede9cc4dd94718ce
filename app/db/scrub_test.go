package db_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/db"
)

// What was deleted lies in neither of SQLite's files after Scrub, while the database stays open; a reader that needs the
// log puts it off and is not disturbed.
func TestScrubLeavesNothingOfWhatWasDeleted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "desk.db")
	d, err := db.Open(t.Context(), db.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	run := func(text string, args ...any) {
		t.Helper()
		if err := d.Write(t.Context(), func(tx *gorm.DB) error { return tx.Exec(text, args...).Error }); err != nil {
			t.Fatal(err)
		}
	}
	secret := []byte("nightingale-lane-12")
	lies := func() (found []string) {
		for _, suffix := range []string{"", "-wal"} {
			raw, err := os.ReadFile(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(raw, secret) {
				found = append(found, "desk.db"+suffix)
			}
		}
		return found
	}
	run("CREATE TABLE notes (id INTEGER PRIMARY KEY, body BLOB)")
	run("INSERT INTO notes VALUES (1, ?)", secret)
	run("DELETE FROM notes")
	if len(lies()) == 0 {
		t.Fatal("the deleted row is gone already: the test tries nothing")
	}
	err = d.Snapshot(t.Context(), func(*db.Snapshot) error {
		run("INSERT INTO notes VALUES (2, ?)", []byte("other"))
		return d.Scrub(t.Context())
	})
	if !errors.Is(err, db.ErrBusy) {
		t.Errorf("while a snapshot is read: %v, want ErrBusy", err)
	}
	if err := d.Scrub(context.Background()); err != nil {
		t.Fatal(err)
	}
	if found := lies(); len(found) > 0 {
		t.Errorf("what was deleted lies in %v", found)
	}
}
