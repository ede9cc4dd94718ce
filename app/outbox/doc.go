// Package outbox hands the desk's log of events (the table events, which is also each ticket's timeline) to its readers:
// search, insights, statistics, whatever reacts to what happened. It owns the table event_readers: one row a reader, with
// the number n of the last event that it has dealt with. app lists the readers; events are rows of the caller's type.
//
// # What is promised
//
// Each reader gets every committed event at least once and in the order of n, hence in order per ticket: a ticket's
// writers wait for its row before they take their n. A batch that fails comes again, after growing pauses and in smaller
// bites, and nothing behind it is handed over before it: an event is never skipped. A reader whose Handle writes through
// the tx that it is given does so exactly once, because its cursor moves in the same transaction.
//
// # Numbers that are missing
//
// On SQLite n follows the commits. On PostgreSQL it comes from a sequence, so event 6 can be visible while event 5 is not
// committed yet; a reader that goes on to 6 never sees 5. Nor can 6 be handed over before 5 instead: they may belong to
// one ticket's order with 4 and 7, and the cursor is one number. So a cursor stops before a missing number until it is
// certain that the number will never come:
//
//	a writer locks the table events (ROW EXCLUSIVE, until its end) before it takes a number. Hence, when n is visible,
//	whoever has taken a smaller number holds that lock now or has ended. gaps.go lists the holders, waits until none of
//	them is left, and reads again: what is still missing then has been rolled back.
//
// Remembering pg_snapshot_xmax and waiting for pg_snapshot_xmin to reach it is not enough: xmax lies after the newest
// transaction that has ended, so the writer of the missing number can be beyond it (a test shows that). A cursor over
// (transaction id, n) loses nothing but breaks the order per ticket: of two writers of one ticket the later one can have
// the smaller transaction id, if it began first and waited for the row. The list of lock holders also waits for writers
// of events alone and not, as xmin does, for every transaction of the server.
//
// # Who runs what
//
// Run starts one goroutine a reader and waits for them all. Where several nodes share a database a reader runs on the
// node that holds its lease; a second goroutine renews it, and cancels the handler's context when it is lost. Commits
// call Wake, which costs nothing and wakes the readers at once after a rest and at most every 50 ms in a rush, so that
// they take batches. Nothing is asked of the database oftener than every 10 s (30 s on SQLite) when nothing happens.
package outbox
