package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// lockMigrations on PostgreSQL is an advisory lock that goose takes and releases; who waits looks every second.
func (p *postgresDB) lockMigrations(context.Context) (migrationLock, error) {
	const period, tries = 1, 300
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(period, tries), lock.WithUnlockTimeout(period, tries))
	if err != nil {
		return migrationLock{}, fmt.Errorf("db: migrate: %w", err)
	}
	return migrationLock{
		options: []goose.ProviderOption{goose.WithSessionLocker(locker)},
		release: func() error { return nil },
	}, nil
}

// lockMigrations on SQLite holds the write lock of an empty database beside the real one: a lock that works wherever
// SQLite does and that the system releases when its holder dies. The file stays, for removing it would let two waiters
// hold locks on two files.
func (s *sqliteDB) lockMigrations(ctx context.Context) (migrationLock, error) {
	path, err := createFile(s.path + ".migrate")
	if err != nil {
		return migrationLock{}, err
	}
	pool := sql.OpenDB(connector{dsn: sqliteURI(path, lockParams)})
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return migrationLock{}, errors.Join(fmt.Errorf("db: wait for another migration: %w", err), pool.Close())
	}
	return migrationLock{release: func() error { return errors.Join(tx.Rollback(), pool.Close()) }}, nil
}
