package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

const (
	scrubTries = 8
	scrubPause = 250 * time.Millisecond
)

// ErrBusy is returned by Scrub when a long read, as a backup is, still needs the write-ahead log.
var ErrBusy = errors.New("db: the write-ahead log is in use: try again later")

// Scrub makes what was deleted vanish from SQLite's files. Deleting overwrites pages with zeros, but the write-ahead log
// keeps the pages as they were until it is folded into the file and cut. Writers are held up for a tenth of a second at
// most. On PostgreSQL it does nothing: vacuum is the server's own. Errors: ErrBusy.
func (d *DB) Scrub(ctx context.Context) (err error) {
	s, ok := d.backend.(*sqliteDB)
	if !ok {
		return nil
	}
	pool := sql.OpenDB(connector{dsn: sqliteURI(s.path, scrubParams)})
	defer func() { err = errors.Join(err, pool.Close()) }()
	pool.SetMaxOpenConns(1)
	// The long part first, which waits for nobody and holds up nobody.
	if _, err := checkpoint(ctx, pool, "PASSIVE"); err != nil {
		return err
	}
	for range scrubTries {
		done, err := checkpoint(ctx, pool, "TRUNCATE")
		if done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(scrubPause):
		}
	}
	return ErrBusy
}

// checkpoint tells whether the whole log was folded in.
func checkpoint(ctx context.Context, pool *sql.DB, mode string) (done bool, err error) {
	var busy, pages, folded int
	if err := pool.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &pages, &folded); err != nil {
		if sqliteCode(err)&0xff == sqliteBusy {
			return false, nil
		}
		return false, fmt.Errorf("db: fold the write-ahead log: %w", err)
	}
	return busy == 0, nil
}
