// Package insights keeps what shoppers complain of in groups, and says which of them hurt, rise and are new.
//
//	events: messages, responses ─▶ reader (read.go) ─┐
//	imports of old texts (importrun.go) ─────────────┤
//	                                                 ▼
//	               clauses ─▶ gate ─▶ voices ─▶ worker: nearest fine group ─▶ rolls
//	                                     ▲
//	        nightly, weekly: all texts ──┴─▶ worker ─▶ members, names, new groups
//
// A voice is one clause of what somebody said. A subject (a ticket, a response, a line of an import) counts once in each
// group, however many of its clauses are there. What pages show is read from rolls per day of the shop; only quotes are
// opened one by one.
//
// The worker (package worker) does all that needs memory: it runs as a child process of the same binary, with a limit,
// and may be killed at any time. It knows nothing of the database: texts go in, members come out.
//
// # Identity
//
// The model knows fine groups by numbers that it carries from day to day; insight_groups gives each an id that is never
// given twice, and a parent: the group that people see. Groups are changed by hand (hand.go) by moving fine groups between
// groups, so every later pass obeys; each change is an action that can be undone. The rows of the clauses follow in small
// transactions (settle.go); until then a group that was merged into another is shown within it.
//
// # Words
//
// Bodies are sealed with the key of who said them, names and terms with the desk's: only words that several people used
// get into those. Who is erased takes her texts out of the groups; the counts stay.
package insights
