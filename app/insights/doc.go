// Package insights keeps what shoppers complain of in groups, and says which of them hurt, rise and are new.
//
//	events: messages, responses ─▶ reader (read.go) ─┐
//	imports of old texts (package oldtexts) ──────────┤
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
// # Passes
//
// due.go says which pass over all texts comes and why: the first (cold) with the hundredth text, one each night, one each week with
// words placed anew, cold again when the lexicon or the form of the model has changed. A pass (pass.go) streams the texts to the
// worker (load.go), makes rows of new groups, moves texts a hundred at a time, and only then lets the new model hold, with the numbers
// of its fine groups, in one step (passmembers.go); names, samples and twins follow (passwords.go). Killed anywhere, it is done again
// from where its rows are. New texts get their groups by the model of the last one (assign.go), also while a pass is under way: these
// are marked, and the pass, or the model that it brings, places them once more.
//
// look.go finds groups that rise, costing.go what was given back, zone.go cuts days anew. All of this is called by jobs
// (app/insights_jobs.go), one at a time over all nodes; the package has no goroutine. Whoever changes groups, clauses or counts holds one
// lock for a small transaction (store.go): what a subject counts depends on all its clauses (tally.go, change.go).
//
// # Identity
//
// The model knows fine groups by numbers that it carries from day to day; insight_groups gives each an id that is never
// given twice, and a parent: the group that people see. Groups are changed by hand (hand.go) by moving fine groups between
// groups, so every later pass obeys; each change is an action that can be undone. The rows of the clauses follow in small
// transactions (settle.go); until then a group that was merged into another is shown within it.
//
// Clauses that people put into a group stay there, and from five on they teach it: each pass gives them to the worker as such
// (load.go, placed.go), and what it claims for the group lies in one more fine group of it, which the model knows.
//
// # Words
//
// Bodies are sealed with the key of who said them, names and terms with the desk's: only words that several people used
// get into those. Who is erased takes her texts out of the groups; the counts stay.
package insights
