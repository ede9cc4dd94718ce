package db

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*/*.sql
var migrations embed.FS

// versionTable is goose's record of what has been applied.
const versionTable = goose.DefaultTablename

// MigrationStatus tells where one migration stands.
type MigrationStatus struct {
	Version   int64
	Name      string // file name
	Applied   bool
	AppliedAt time.Time // zero when it is not
}

// Migrations are the SQL files of a dialect, in goose's format.
func Migrations(dialect string) (fs.FS, error) { return fs.Sub(migrations, "migrations/"+dialect) }

// migrationLock keeps other processes from migrating the same database.
type migrationLock struct {
	options []goose.ProviderOption
	release func() error
}

// Migrate brings the schema up to date and tells how many migrations it applied. Of several processes that call it at
// once one migrates and the others wait. With nothing to do it is one look at one table.
func (d *DB) Migrate(ctx context.Context) (applied int, err error) {
	if n, err := d.Pending(ctx); err != nil || n == 0 {
		return 0, err
	}
	lock, err := d.lockMigrations(ctx)
	if err != nil {
		return 0, err
	}
	defer func() {
		if rerr := lock.release(); err == nil && rerr != nil {
			err = fmt.Errorf("db: migrate: %w", rerr)
		}
	}()
	p, err := d.provider(lock.options...)
	if err != nil {
		return 0, err
	}
	results, err := p.Up(ctx)
	if err != nil {
		return 0, fmt.Errorf("db: migrate: %w", err)
	}
	return len(results), nil
}

// Pending tells how many migrations have not been applied. It waits for no lock.
func (d *DB) Pending(ctx context.Context) (int, error) {
	applied, err := d.applied(ctx)
	if err != nil {
		return 0, err
	}
	known, err := d.known()
	if err != nil {
		return 0, err
	}
	n := len(known)
	for _, v := range known {
		if applied[v] {
			n--
		}
	}
	return n, nil
}

// Status lists all migrations that this program knows, oldest first.
func (d *DB) Status(ctx context.Context) ([]MigrationStatus, error) {
	p, err := d.provider()
	if err != nil {
		return nil, err
	}
	found, err := p.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("db: migration status: %w", err)
	}
	list := make([]MigrationStatus, len(found))
	for i, s := range found {
		list[i] = MigrationStatus{
			Version: s.Source.Version, Name: path.Base(s.Source.Path),
			Applied: s.State == goose.StateApplied, AppliedAt: s.AppliedAt,
		}
	}
	return list, nil
}

func (d *DB) provider(options ...goose.ProviderOption) (*goose.Provider, error) {
	dialect := goose.DialectSQLite3
	if d.dialect == Postgres {
		dialect = goose.DialectPostgres
	}
	files, err := Migrations(d.dialect)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	options = append(options, goose.WithDisableGlobalRegistry(true))
	p, err := goose.NewProvider(dialect, d.sqlDB(), files, options...)
	if err != nil {
		return nil, fmt.Errorf("db: migrations: %w", err)
	}
	return p, nil
}

// known lists the versions that this program brings, oldest first.
func (d *DB) known() ([]int64, error) {
	names, err := fs.Glob(migrations, "migrations/"+d.dialect+"/*.sql") // sorted by name
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	versions := make([]int64, len(names))
	for i, name := range names {
		if versions[i], err = goose.NumericComponent(name); err != nil {
			return nil, fmt.Errorf("db: migration %s: %w", name, err)
		}
	}
	return versions, nil
}

// applied gives the versions that the database has. It refuses a database of a newer program, which this one would
// misread.
func (d *DB) applied(ctx context.Context) (map[int64]bool, error) {
	var tables int
	find := "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
	if d.dialect == Postgres {
		find = "SELECT count(to_regclass(?))"
	}
	if err := d.read(ctx).Raw(find, versionTable).Scan(&tables).Error; err != nil {
		return nil, fmt.Errorf("db: read the schema's version: %w", err)
	}
	if tables == 0 {
		return nil, nil
	}
	var versions []int64
	err := d.read(ctx).Raw("SELECT version_id FROM " + versionTable + " WHERE is_applied ORDER BY version_id").Scan(&versions).Error
	if err != nil {
		return nil, fmt.Errorf("db: read the schema's version: %w", err)
	}
	known, err := d.known()
	if err != nil {
		return nil, err
	}
	applied := make(map[int64]bool, len(versions))
	for _, v := range versions {
		applied[v] = true
	}
	if newest := known[len(known)-1]; len(versions) > 0 && versions[len(versions)-1] > newest {
		return nil, fmt.Errorf("db: the database is of a newer Huiyin (schema %d, this one knows %d): start the newer program, "+
			"or restore the backup made before the upgrade", versions[len(versions)-1], newest)
	}
	return applied, nil
}
