package dbtest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"huiyin/app/db"
)

// EnvPostgres names the variable that holds the superuser's address of a running server.
const EnvPostgres = "HUIYIN_TEST_POSTGRES"

// testConns is how many connections one test may hold: many tests share one server.
const testConns = 8

// templateLock is the advisory lock under which the template is made, since test binaries run side by side.
const templateLock = 7040291

// errNotInstalled skips a test.
var errNotInstalled = errors.New("PostgreSQL is not installed here: install it (Debian: postgresql) or set " + EnvPostgres)

// Postgres gives the address of a private empty database, which goes with the test.
func Postgres(t testing.TB) (dsn string) {
	t.Helper()
	return create(t, "template0")
}

// clone gives the address of a private migrated database.
func clone(t testing.TB) string {
	t.Helper()
	name, err := template()
	check(t, err)
	return create(t, name) + "&pool_max_conns=" + strconv.Itoa(testConns)
}

// Alone gives a private migrated database on a server of its own, for a test that looks at what all databases of a
// server share.
func Alone(t testing.TB) *db.DB {
	t.Helper()
	base, err := startServer()
	check(t, err)
	d, err := db.Open(t.Context(), db.Options{DSN: createOn(t, base, "template0")})
	check(t, err)
	t.Cleanup(func() { _ = d.Close() })
	_, err = d.Migrate(t.Context())
	check(t, err)
	return d
}

// create makes a database from a template and drops it after the test.
func create(t testing.TB, from string) string {
	t.Helper()
	base, err := server()
	check(t, err)
	return createOn(t, base, from)
}

func createOn(t testing.TB, base, from string) string {
	t.Helper()
	name := "huiyin_test_" + strconv.Itoa(os.Getpid()) + "_" + strconv.FormatUint(rand.Uint64(), 36)
	check(t, run(base, "CREATE DATABASE "+name+" TEMPLATE "+from))
	t.Cleanup(func() {
		if err := run(base, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("dbtest: drop: %v", err)
		}
	})
	dsn, err := database(base, name)
	check(t, err)
	return dsn
}

func check(t testing.TB, err error) {
	t.Helper()
	switch {
	case errors.Is(err, errNotInstalled) && os.Getenv("HUIYIN_TEST_REQUIRED") == "": // make test skips nothing
		t.Skipf("skipped: %v", err)
	case err != nil:
		t.Fatalf("dbtest: %v", err)
	}
}

// server is the superuser's address of the server that the tests share.
var server = sync.OnceValues(func() (string, error) {
	if dsn := os.Getenv(EnvPostgres); dsn != "" {
		return dsn, nil
	}
	return startServer()
})

// template is the name of the migrated database that others are copied from.
var template = sync.OnceValues(func() (name string, err error) {
	base, err := server()
	if err != nil {
		return "", err
	}
	if name, err = templateName(); err != nil {
		return "", err
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, base)
	if err != nil {
		return "", fmt.Errorf("%s: %w", EnvPostgres, err)
	}
	defer func() { _ = conn.Close(ctx) }() // gives the lock back
	if _, err = conn.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
		return "", err
	}
	var found bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&found)
	if err != nil || found {
		return name, err
	}
	return name, makeTemplate(base, name)
})

// makeTemplate migrates under another name first, so that what bears the name is complete.
func makeTemplate(base, name string) error {
	raw := name + "_raw"
	dsn, err := database(base, raw)
	if err == nil {
		err = run(base, "DROP DATABASE IF EXISTS "+raw+" WITH (FORCE)", "CREATE DATABASE "+raw+" TEMPLATE template0")
	}
	if err == nil {
		err = migrate(db.Options{DSN: dsn})
	}
	if err != nil {
		return err
	}
	return run(base, "ALTER DATABASE "+raw+" RENAME TO "+name, "ALTER DATABASE "+name+" WITH ALLOW_CONNECTIONS false")
}

// templateName tells sets of migrations apart.
func templateName() (string, error) {
	files, err := db.Migrations(db.Postgres)
	if err != nil {
		return "", err
	}
	sum := fnv.New64a()
	err = fs.WalkDir(files, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, path)
		_, _ = fmt.Fprintf(sum, "%s %d\n%s", path, len(content), content) // a hash does not fail
		return err
	})
	return "huiyin_template_" + strconv.FormatUint(sum.Sum64(), 16), err
}

// database is the address of another database on the same server.
func database(base, name string) (string, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme == "" {
		return "", fmt.Errorf("%s is not postgres://user@host/database", EnvPostgres)
	}
	u.Path = "/" + name
	if u.RawQuery == "" {
		u.RawQuery = "sslmode=prefer"
	}
	return u.String(), nil
}

// run executes statements on a connection of their own.
func run(dsn string, statements ...string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}
