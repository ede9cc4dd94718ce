// Package notify tells people what wants them: agents by the bell, sound, the browser and mail, groups by a robot of
// 企业微信, 钉钉 or 飞书 or by a webhook, administrators of what is wrong with the desk.
//
//	events ──▶ Read (reader of the log) ──▶ notifications, notice_sends ──▶ Tell: the agent's screens, at once
//	clock  ──▶ Look: contacts who wait too long ──┘            │
//	Alert  ──▶ alerts ──▶ event alert.raised ──▶ Read          └──▶ job Out ──▶ mail, robot, webhook
//
// Who is told of what is each person's choice (choices.go) and each target's (targets.go). What leaves the house holds
// the number of a ticket and its link, never anything about a person: it is built when it is sent, and the tables hold
// ids, states and times.
//
// A notification is one row for one agent, kind and subject while she has not read it; opening the ticket, answering or
// solving it reads it. A contact of a chat who waits has a row in notice_waits; when she has waited too long the one
// who answers her is told, again and again until that is read, while the inbox is open (waits.go).
//
// Whatever is sent is a row of notice_sends first, so a crash loses nothing: the job of a target (queue.go, send.go) takes the
// rows that are due together, tries for a day with growing pauses, and writes down why it failed. A target that hangs
// holds up only its own job (outcome.go says what becomes of a failure).
//
// An alert stands from Alert to AlertOver, one of each kind at a time. It is raised even when the disk is full: what
// cannot be written waits in memory (alerts.go).
//
// The package owns no goroutine; app calls Read, Look, Work and Sweep. It owns the tables alerts, notifications,
// notice_waits, notice_targets and notice_sends.
package notify
