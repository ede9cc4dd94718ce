//go:build !(sqlite_fts5 && cgo)

package db

import (
	"database/sql/driver"
	"errors"

	"modernc.org/sqlite"
)

// The parameters of a connection; the file's URI comes before them. What is deleted is overwritten with zeros: an erased
// data key left in the file's free space could be read again.
const (
	writerParams = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_pragma=synchronous(FULL)&_pragma=secure_delete(1)" +
		"&_txlock=immediate&_time_format=sqlite"
	readerParams = "_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=query_only(1)&_time_format=sqlite"
	lockParams   = "_pragma=busy_timeout(120000)&_txlock=exclusive"
)

// sqliteDriver is the default driver: it needs no C compiler and always has FTS5.
func sqliteDriver() driver.Driver { return &sqlite.Driver{} }

// sqliteCode is the extended result code of a SQLite error, or zero.
func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}
