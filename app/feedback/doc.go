// Package feedback asks shoppers what they think and takes what they answer: forms, their versions, responses.
//
//	signed link, embed, QR ─▶ web ─▶ Submit ─ one transaction: response · contact · event feedback.received
//	                                          └ a text, a photo, a low score: tickets.ReceiveTx, a ticket in the form's inbox
//	event of the log ──▶ Read: the counts that the reports read (rolls.go), and whom to ask next (ask.go)
//	                       └──▶ job Asking: a mail with the signed link, once, and never within the form's quiet days
//
// A form belongs to one inbox, whose secret signs the links that carry an order (sign.go). What is published never changes: a
// change is a new version, and a response keeps its own (form.go, definition.go). An order has one response per form; within
// 24 hours it can be given again, and what it said before is kept (submit.go, again.go).
//
// Answers, order numbers and pages are sealed with the person's key; scores, states and counts are clear. Erasing her empties the
// answers, and every count stays. The package owns the tables of migration 00025 and starts no goroutine.
package feedback
