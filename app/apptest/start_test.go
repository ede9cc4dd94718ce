package apptest_test

import (
	"testing"

	"huiyin/app/apptest"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

// startOn starts a desk on a database of its own of a dialect.
func startOn(t testing.TB, dialect string, settings ...string) *apptest.Process {
	t.Helper()
	if dialect == db.Postgres {
		settings = append(settings, "HUIYIN_DATABASE="+dbtest.Postgres(t))
	}
	return apptest.StartProcess(t, settings...)
}
