// Package tickets is the domain of the desk: contacts, agents, teams, inboxes, and the tickets in which they meet, with
// their tables and rules. Every channel comes in by Receive, every answer goes out by Post, and every other change is a
// method of Service named for what it does.
//
// # One write
//
// A method checks and forms its input first, then runs one transaction in Store.Write. A change of a ticket is an edit
// (edit.go): it locks the row, collects what happens, and saves row, events and counters together. After the commit
// Options.Notify hears of it, in the order of the commits on SQLite. Nothing else writes tickets or events.
//
//	Receive ─ arrive (check, form, mask?) ─ receive ┬ short way: her open chat ticket (receive.go)
//	                                                └ long way: reopen, begin, other channels (begin.go)
//	Post, Release, MoveMessage, SplitTx, Assign … ─ edit ─ save ─ commit ─ Notify
//
// # What holds
//
//   - pos counts everything in a ticket, seq what its contact may see; both 1, 2, 3 … without gaps, given under the
//     ticket's lock and unused by a message that was there already.
//   - A contact has at most one open chat ticket per inbox: the unique index tickets_open_chat is the judge, and who
//     loses looks again.
//   - An outer id of a sender is stored once, as a keyed hash (messages.dedupe); the same id again gives the first answer.
//   - A message is sealed with the key of its ticket's contact, whoever wrote it; a guest's names her in guest_id
//     (guest.go). A held reply has no seq until Release (held.go). What is moved is copied, and its place stays
//     (movemessage.go, split.go).
//   - Legal moves of the status stand in moves.go and nowhere else.
//   - ticket_counts always equals a count of the tickets (counts.go).
//   - Personal values leave and enter the database sealed (tickets/seal), look-up goes by keyed hashes.
//
// Transactions take their locks in one order: contacts, tickets by id, counters last.
//
// # Who knows what
//
// tickets imports only its leaves id, fault, hours, seal and mask. It starts no goroutine and keeps nothing in memory but
// the inboxes and outlooks of the last second, and how soon they were answered lately, of the last minute. The caller proves who acts (Actor); this package decides what she may do.
package tickets
