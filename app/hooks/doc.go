// Package hooks tells other programs what happens on the desk: webhooks out.
//
//	event of the log ──▶ Read: a row in webhook_deliveries for each hook that wants it, in the transaction that moves the cursor
//	                       └──▶ job Drain of that hook ──▶ build the body, sign, send ──▶ the row says what came of it
//
// One job at a time drains one hook, in a queue with room for as many jobs as there may be hooks: a receiver that hangs holds up
// nobody but itself. A delivery that failed is due again after a growing pause, for 24 hours; Look, once a minute, starts the
// drains of whatever is due. Its id stays the same, so that a receiver can tell a second time from a second event. 410 ends a hook.
//
// Rows hold ids and states only, and so does the body, which is built when it is sent: a receiver fetches what it may see
// through the API. The package owns both tables. kinds.go lists the events; a later one is a line there.
package hooks
