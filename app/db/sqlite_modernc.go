//go:build !(sqlite_fts5 && cgo)

package db

import (
	"database/sql/driver"
	"errors"
	"sync"

	"modernc.org/libc"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// The parameters of a connection; the file's URI comes before them. What is deleted is overwritten with zeros: an erased
// data key left in the file's free space could be read again.
const (
	writerParams = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_pragma=synchronous(FULL)&_pragma=secure_delete(1)" +
		"&_txlock=immediate&_time_format=sqlite"
	readerParams = "_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=query_only(1)&_time_format=sqlite"
	lockParams   = "_pragma=busy_timeout(120000)&_txlock=exclusive"
	scrubParams  = "_pragma=busy_timeout(100)"
)

// savepointMemory keeps all of a batch's savepoints in memory: what its writes change of pages that were there, so a few
// megabytes at most. The built-in 64 KiB sent every large batch through a temporary file, a quarter of all the processor time
// of writing. It must be -1 or below 128 KiB: SQLite moves the memory to the file in pieces of this size, and its write of a
// multiple of 128 KiB writes nothing, which it takes for a full disk.
const savepointMemory = -1

// configureSQLite sets what SQLite takes for the whole process and only before its first connection. A refusal (somebody
// else has used SQLite already) costs speed and nothing else.
var configureSQLite = sync.OnceFunc(func() {
	tls := libc.NewTLS()
	defer tls.Close()
	args := libc.NewVaList(int32(savepointMemory))
	defer libc.Xfree(tls, args)
	sqlite3.Xsqlite3_config(tls, sqlite3.SQLITE_CONFIG_STMTJRNL_SPILL, args)
})

// sqliteDriver is the default driver: it needs no C compiler and always has FTS5.
func sqliteDriver() driver.Driver {
	configureSQLite()
	return &sqlite.Driver{}
}

// sqliteCode is the extended result code of a SQLite error, or zero.
func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}
