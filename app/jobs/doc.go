// Package jobs runs what leaves the house (mail, push, webhooks) and what takes long or comes by the clock. It is River
// v0.49.0 on the desk's own database behind a small face; nothing else of the desk knows River.
//
// A job is inserted in the transaction of the change that causes it, so it exists exactly if the change does. It runs at
// least once: after an error or a crash it runs again, with growing pauses, until it has used up its attempts; then it
// is discarded and kept for a week. Args hold ids, never personal data, and so do the log and the stored errors (see
// clean.go). What is fast or follows the order of events belongs to the readers of the event log, not here.
//
// # What is changed in River
//
// A desk has to be quiet when nothing happens, so River's drivers are wrapped (driver.go) and, on SQLite, River itself is
// stopped while there is nothing to do:
//
//   - On SQLite River listens by polling a table every 50 ms. Here the bell rings within the process, right after the
//     commit, and nothing is written for it (bell.go).
//   - Producers look for jobs every 30 s instead of every second; insertion rings on both databases. River makes a job
//     that is due within 5 s "available" early and trusts the next look to find it: the late bell rings when it is due.
//   - On SQLite one process works. Jobs that a crash left "running" start again with it. Ten seconds after the last job
//     the dozer (doze.go) stops River, whose 50 ms ticker alone costs a third of a percent of a core, and starts it when
//     a job is inserted, is due or comes by the clock. A resting desk then spends 0.002 % of a core here.
//   - On PostgreSQL the nodes take up the jobs of one whose lease is over (tenure.go), whatever their timeouts. River's own
//     rescuer, which waits for RescueAfter and the timeout, does so for nodes of older programs.
//
// # Several nodes
//
// A node runs jobs as long as it surely holds its lease, that of its node number, and under a name made of it. A node that cannot renew
// it ends its jobs a little before it is over; they are put off, and the attempt does not count. The others see by the
// clock of the database that a lease is over, wait for another half of its time, in which nodes renew first if it was the
// database that was away, and let the jobs run again. What a node that had no lease for a while says of a job is written only
// while nobody else has begun it (fence.go). So a job that heeds its context is not at work on two nodes, but for the seconds
// in which a machine that slept finds out.
//
// # Who runs what
//
// Open makes the client, Register and Periodic tell it what there is to do, Start lets River's goroutines go (a few for
// each queue, the leader's housekeeping), on SQLite the dozer's and on PostgreSQL the two of the tenure, Stop waits for running jobs and ends them all. River
// uses the database beside Write: on SQLite it takes its turn at the one writing connection, on PostgreSQL it keeps one
// connection to listen.
package jobs
