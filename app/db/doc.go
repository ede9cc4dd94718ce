// Package db is the desk's database: SQLite inside the process (the default) or PostgreSQL, behind one gorm schema.
//
// It owns the connections, the migrations (migrations/, one folder per dialect) and the tables nodes and leases. Every
// other table belongs to the package that uses it. It imports nothing of ours; app wires it, dbtest gives each test a
// database of its own.
//
// # One door for writes
//
// Write runs a function in a transaction and returns when the commit is durable. Read gives the readers' side.
//
// On SQLite one goroutine, the committer, takes what waits (at most 256 requests), runs each in a SAVEPOINT of one
// transaction, commits once with synchronous=FULL, runs the After hooks in the order of the commits and answers the
// callers. So a write costs a share of a disk flush, and requests see each other in one order. A request that fails is
// undone alone. When a failure has cost the whole transaction (a full disk, INSERT OR ROLLBACK), the committer runs all
// of its requests again, each in a transaction of its own: that is why a function may run more than once.
//
// On PostgreSQL a Write is an ordinary transaction on the caller's goroutine, run again after a serialization failure
// or a deadlock.
//
// Rules for a Write's function, the same on both: use tx alone; no second Write (it is refused); nothing slow; after a
// statement has failed return its error, or undo it with tx.Transaction (a savepoint), for PostgreSQL refuses to go on.
//
// # Who stands on what, on SQLite
//
//	committer goroutine ─┐                        Read(ctx) ── 4 connections, query_only
//	River, migrations ───┴─ writer: 1 connection
//
// conn (sqlite_conn.go) wraps the driver's connection for both pools. It keeps prepared statements, and on the writer it
// never hands a context to SQLite: a cancelled statement would roll the whole transaction back, and the next statement
// would then commit alone. It also notices when the transaction is gone and refuses what follows.
//
// Goroutines: the committer (Open … Close), and one per LeaseNode (until its context or the database ends).
package db
