package db_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

// TestMain also runs this binary as the child of a test, and at the end finds goroutines that outlived their database.
func TestMain(m *testing.M) {
	if child := os.Getenv(childEnv); child != "" {
		os.Exit(runChild(child))
	}
	goleak.VerifyTestMain(m)
}

// item is a table of the tests' own.
type item struct {
	ID   int64 `gorm:"primaryKey;autoIncrement:false"`
	Part int64 `gorm:"primaryKey;autoIncrement:false"`
	Name *string
}

// each runs fn on both dialects with the table items.
func each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		withItems(t, d)
		fn(t, d)
	})
}

// sqlite gives a SQLite database with the table items.
func sqlite(t testing.TB) *db.DB {
	t.Helper()
	d := dbtest.Open(t, db.SQLite)
	withItems(t, d)
	return d
}

func withItems(t testing.TB, d *db.DB) {
	t.Helper()
	must(t, d.Write(t.Context(), func(tx *gorm.DB) error {
		return tx.Exec("CREATE TABLE items (id BIGINT NOT NULL, part BIGINT NOT NULL, name TEXT UNIQUE, PRIMARY KEY (id, part))").Error
	}))
}

func add(tx *gorm.DB, id, part int64) error { return tx.Create(&item{ID: id, Part: part}).Error }

// ids lists the ids of items, one for each part.
func ids(t testing.TB, d *db.DB) (list []int64) {
	t.Helper()
	must(t, d.Read(context.Background()).Model(&item{}).Order("id, part").Pluck("id", &list).Error)
	return list
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantIDs(t testing.TB, d *db.DB, want ...int64) {
	t.Helper()
	got := ids(t, d)
	if len(got) != len(want) {
		t.Fatalf("ids = %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("ids = %v, want %v", got, want)
		}
	}
}

func wantErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error = %v, want %v", err, want)
	}
}

// soon fails the test when fn does not return.
func soon(t testing.TB, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatal("blocked")
	}
}
