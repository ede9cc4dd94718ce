// Package sla is the arithmetic of promises: until when a reply is due, counted in the hours in which the desk is open, and
// whether a promise was kept. It holds no state and asks nobody for the time.
package sla

import (
	"time"

	"huiyin/tickets/hours"
)

// FirstReplyMax is the longest promise of a first reply, in minutes of opening: four weeks of whole days.
const FirstReplyMax = 28 * 24 * 60

// Policy is what a desk promises.
type Policy struct {
	FirstReply int // minutes of opening until the first reply; 0: nothing is promised
}

// FirstReplyDue gives until when the first reply to something said at from is due; ok is false where nothing is promised, or where
// the desk does not open any more.
func (p Policy) FirstReplyDue(c hours.Calendar, from time.Time) (due time.Time, ok bool) {
	if p.FirstReply <= 0 {
		return time.Time{}, false
	}
	return c.Add(from, p.FirstReply)
}

// State is how a promise stands.
type State string

// The states.
const (
	None    State = ""
	Running State = "running" // there is time
	Overdue State = "overdue" // the time is over, and nothing came
	Met     State = "met"
	Missed  State = "missed" // it came, too late
)

// Standing tells how a promise stands: due and done in Unix milliseconds, nil for never.
func Standing(due, done *int64, now int64) State {
	switch {
	case due == nil:
		return None
	case done != nil && *done <= *due:
		return Met
	case done != nil:
		return Missed
	case now > *due:
		return Overdue
	}
	return Running
}
