// Package demo fills a desk with the life of a sample shop, 青禾小店 (Qinghe), which sells cups and small things for the
// house: agents in teams, shoppers, and some 300 conversations of the last months in Chinese and English, the newest of
// them still going on.
//
// The library folder holds what people say: one file per subject and language, each a list of scenarios in the form
// that script.go describes. Whoever can write can add one.
//
//	library (texts) ──▶ scenario ──┐
//	seed, now ──▶ schedule ────────┼──▶ plan: threads of steps with their times ──▶ play, through tickets.Service
//	shop (goods, names) ──▶ slots ─┘
//
// The year folder holds what customers complained of in a year, one matter after the other. The year (yearplan.go) is orders,
// complaints about some of them, and what the shop did about three matters (year.go); it is played day by day, after the
// conversations.
//
// A plan is a pure function of seed and now. Open makes inboxes, teams and agents and returns at once; Fill plays the
// threads, oldest first so that ticket numbers follow the calendar, a few at a time, with a short rest after each, so
// that whoever chats meanwhile does not notice. Fill owns the goroutines that it starts and waits for them.
//
// Everything goes through the domain's services with a clock set to the past; nothing here knows a table.
package demo
