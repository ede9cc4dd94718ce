package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
)

const (
	readerConns = 4 // that read at once
	sqliteBusy  = 5
	busyTimeout = 10 * time.Second // as in the connections' parameters
	busyPause   = 40 * time.Millisecond
)

// sqliteDB is the backend inside the process.
type sqliteDB struct {
	*committer
	path    string
	readers *sql.DB
	base    *gorm.DB // over the readers
}

func openSQLite(ctx context.Context, path string, log *slog.Logger) (*sqliteDB, error) {
	path, err := createFile(path)
	if err != nil {
		return nil, err
	}
	writer := sql.OpenDB(connector{dsn: sqliteURI(path, writerParams), writer: true})
	writer.SetMaxOpenConns(1)
	readers := sql.OpenDB(connector{dsn: sqliteURI(path, readerParams)})
	readers.SetMaxOpenConns(readerConns)
	readers.SetMaxIdleConns(readerConns)
	s := &sqliteDB{path: path, readers: readers}
	var base *gorm.DB
	if err = firstConn(ctx, writer); err == nil {
		base, err = overSQLite(writer, log)
	}
	if err == nil {
		s.base, err = overSQLite(readers, log)
	}
	if err != nil {
		return nil, errors.Join(explainSQLite(path, err), readers.Close(), writer.Close())
	}
	s.committer = newCommitter(writer, base, log)
	return s, nil
}

// firstConn opens the writer's connection, which puts a new file into WAL mode: the readers rely on it. Several processes
// that do so at once get SQLITE_BUSY at once, whatever busy_timeout says.
func firstConn(ctx context.Context, writer *sql.DB) error {
	for start := time.Now(); ; time.Sleep(rand.N(busyPause)) {
		err := writer.PingContext(ctx)
		if sqliteCode(err)&0xff != sqliteBusy || time.Since(start) > busyTimeout {
			return err
		}
	}
}

func overSQLite(pool *sql.DB, log *slog.Logger) (*gorm.DB, error) {
	return gorm.Open(sqliteDialect{&sqlite.Dialector{Conn: pool}}, gormConfig(log))
}

// createFile makes the file readable by its owner alone. SQLite gives the -wal and -shm files the same mode.
func createFile(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("db: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err == nil {
		err = f.Close()
	}
	switch {
	case err == nil:
		return path, nil
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("db: there is no folder %s: create it or give another data folder", filepath.Dir(path))
	case errors.Is(err, fs.ErrPermission):
		return "", fmt.Errorf("db: %s cannot be read and written by this user: change its owner or its mode", path)
	}
	return "", fmt.Errorf("db: cannot open the database file: %w", err)
}

// sqliteURI escapes the path, for ? and # would end it.
func sqliteURI(path, params string) string {
	p := filepath.ToSlash(path)
	if p[0] != '/' { // a drive letter
		p = "/" + p
	}
	return "file://" + (&url.URL{Path: p}).EscapedPath() + "?" + params
}

// explainSQLite says what to do about a file that cannot be opened.
func explainSQLite(path string, err error) error {
	const (
		readOnly, corrupt, full, cantOpen, notADB = 8, 11, 13, 14, 26
	)
	advice := "see the error"
	switch sqliteCode(err) & 0xff {
	case sqliteBusy:
		advice = "another program holds it: stop that first"
	case readOnly, cantOpen:
		advice = "this user cannot write it or its folder: change the owner or the mode"
	case corrupt:
		advice = "it is damaged: restore the newest backup"
	case full:
		advice = "the disk is full: make room"
	case notADB:
		advice = "it is no database of Huiyin: give another data folder or move the file away"
	}
	return fmt.Errorf("db: cannot use %s: %s (%w)", path, advice, err)
}

func (s *sqliteDB) read(ctx context.Context) *gorm.DB { return s.base.WithContext(ctx) }

func (s *sqliteDB) sqlDB() *sql.DB { return s.writer }

func (s *sqliteDB) ping(ctx context.Context) error { return s.readers.PingContext(ctx) }

// close drains the queue first. The last connection to close folds the WAL into the file.
func (s *sqliteDB) close() error {
	s.committer.close()
	return errors.Join(s.readers.Close(), s.writer.Close())
}
