// Package app joins the parts into one desk and runs it.
//
// The folder graph is a straight line, cmd → app → {chat, mailin} → tickets, with templates and static beside it;
// arch_test.go holds the rules. Open (open.go) builds the ground that every command needs: database, key ring,
// domain. Serve (run.go) adds what a running desk needs (bus, chat, web, event readers, jobs) and owns the order in
// which they start and stop:
//
//	start  database → migrations → node → key ring → domain → bus → chat → web listens → readers, jobs
//	stop   not ready → sockets closed with 1001 → web drained → readers, jobs → bus → database
//
// Where the desk speaks TLS itself, secure.go opens app/certs for the listener and leads plain HTTP there.
//
// What a feature needs of another it takes in New as a func or a small value, and it is wired here.
//
//	shopper's frame  chat ──▶ tickets.Receive ─ commit ─▶ ack
//	agent's reply    chat, web ──▶ tickets.Post             │
//	                                       ┌────────────────┴──────────────┐
//	                        chat hints at once, all nodes by bus   events.go: the readers
//
// Everything that happens is a row in events. events.go lists who reacts to which; schedule.go lists what runs by the
// clock.
package app
