// Package idempotency makes a call that a program sends twice happen once.
//
//	Do ─► look: the key was used before? the same request ─► its answer again · another one ─► refused
//	   └► one transaction: the call's work + its answer under the key ─► commit ─► answer
//
// The answer is stored in the transaction of the work, so a crash leaves both or neither. A second sending that comes while
// the first still runs is told so and when to come back, on whichever node it arrives (running.go). A call that fails leaves
// nothing: it may be sent again with the same key. Work of several transactions (DoLong) leaves a claim that lapses.
//
// Answers are kept for a day, sealed: with the key of the contact whom they tell of, so that erasing her takes them too,
// else with the desk's. The package owns the table idempotency_keys and no goroutine; app calls Sweep by the clock.
package idempotency
