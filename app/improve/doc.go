// Package improve keeps what the shop does about complaints, and says whether it helped.
//
//	group of complaints ─▶ task ─▶ everybody at once ─▶ weeks before, weeks after ──┐
//	                         └──▶ trial ─▶ Assign: who is treated ─▶ arms ──────────┤
//	insights: who complained, when, with which order ───────────────────────────────┤
//	                                                                                ▼
//	                                                         effect.Judge ─▶ Effect, kept on the card
//
// A task (task.go) goes over a board: proposed, in work, trial, rolled out, verified, no effect, dropped. Managers lead it; its
// owner and who was mentioned may write at it. Every change is an entry of its history (history.go) and an event task.updated. A
// change says which version it was made upon: of two managers who move one card the second hears of the first.
//
// # Trials
//
// A trial (trial.go) treats a part of the shoppers. In mode hash the desk says who (assign.go): a keyed hash of the trial and the
// unit, so that the answer is the same at every time and nobody can guess it. The unit is the shop's id of a signed contact, else
// a session. The first time that somebody is assigned is written down; what she complained of before says nothing. In mode flag
// the shop decides and says so with its orders: meta {"trial": KEY, "arm": "treated" or "untreated"}. Whose order says an arm
// belongs to it, whatever else is known.
//
// # Effect
//
// Package effect has the arithmetic and no figure is said that it does not give. Who is counted are persons (persons.go): a
// contact, or what was said by somebody whom nobody knows. A task that everybody got at once compares weeks (weeks.go): days of
// campaigns and the rise that started the task are left out, and the best that can be said is that complaints fell.
//
// What a task says is sealed with the desk's key; it holds no person's words. The package owns the tables improve_* and starts
// no goroutine.
package improve
