// Package attempts counts how often orders come about: every try of a shopper to order, what became of it, at which step
// and why.
//
//	shop's server ── POST /api/v1/order-attempts ─▶ Post ──────┐
//	shop's page ──── huiyin('attempt', …) ─ chat ─▶ FromPage ──┤
//	                                                           ▼
//	                              order_attempts + attempt_rolls, in one transaction
//	                                                           │
//	          page /success ◀── Report (rolls only) ◀──────────┼──▶ Look (clock) ──▶ alarm ──▶ notify
//	          side panel of a ticket ◀── Of, About ◀───────────┘
//
// What the shop's server says and what a page says are counted apart (origin): a page is anybody's claim.
//
// A roll is the count of one quarter of an hour (UTC), origin, outcome, step, reason and device. Pages read rolls, so they
// cost the same however many attempts there were; days and hours are cut in the shop's zone when rolls are read. Steps are
// the shop's own words; after StepsMost different ones on a day the rest is counted as "other" (steps.go), so that nobody
// fills the rolls by making up words.
//
// The success rate is ok / (ok + failed + abandoned).
//
// Look compares the last minutes with the same hour of the weeks before and says when the rate has fallen by more than
// chance explains (alarm.go, judge.go, chance.go).
//
// The order number, detail and page of an attempt are sealed with the contact's key, or the desk's when nobody is known.
// Forget empties a person's; Sweep deletes rows after a while, and the rolls stay. The package owns the tables
// order_attempts, attempt_rolls, attempt_steps and attempt_alarms, and no goroutine.
package attempts
