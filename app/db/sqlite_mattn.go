//go:build sqlite_fts5 && cgo

package db

import (
	"database/sql/driver"
	"errors"

	"github.com/mattn/go-sqlite3"
)

// The parameters of a connection; the file's URI comes before them. What is deleted is overwritten with zeros: an erased
// data key left in the file's free space could be read again. In WAL mode this driver's own default would be
// synchronous=NORMAL.
const (
	writerParams = "_busy_timeout=10000&_journal_mode=WAL&_foreign_keys=1&_synchronous=FULL&_secure_delete=true&_txlock=immediate"
	readerParams = "_busy_timeout=10000&_foreign_keys=1&_query_only=1"
	lockParams   = "_busy_timeout=120000&_txlock=exclusive"
	scrubParams  = "_busy_timeout=100"
)

// sqliteDriver is the driver in C: the tag that gives it FTS5 picks it.
func sqliteDriver() driver.Driver { return &sqlite3.SQLiteDriver{} }

// sqliteCode is the extended result code of a SQLite error, or zero.
func sqliteCode(err error) int {
	var e sqlite3.Error
	if errors.As(err, &e) {
		if e.ExtendedCode != 0 {
			return int(e.ExtendedCode)
		}
		return int(e.Code)
	}
	return 0
}
