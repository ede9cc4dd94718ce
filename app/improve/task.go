package improve

import (
	"time"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// State says where a task stands.
type State string

// The states, as the columns of the board.
const (
	Proposed  State = "proposed"
	InWork    State = "in_work"
	Trying    State = "trial"
	RolledOut State = "rolled_out"
	Verified  State = "verified"
	NoEffect  State = "no_effect"
	Dropped   State = "dropped"
)

// States are all states, in the order of the board.
func States() []State {
	return []State{Proposed, InWork, Trying, RolledOut, Verified, NoEffect, Dropped}
}

// Over tells that nothing more is done in a state.
func (s State) Over() bool { return s == Verified || s == NoEffect || s == Dropped }

// How a change comes to the shoppers.
type How string

// The ways. Everybody at once is the usual one.
const (
	Everybody How = "everybody"
	OnTrial   How = "trial"
)

// Limits of a task.
const (
	TitleMax   = 120  // characters
	TextMax    = 5000 // characters of what, why and a comment
	LinksMost  = 10
	LinkMax    = 500
	GroupsMost = 20
	FilesMost  = 20
	targetMin  = 5 // per cent
	targetMax  = 90

	// TargetUsual is the fall that a new task hopes for, in per cent.
	TargetUsual = 30
)

// Task is something that is done about a complaint.
type Task struct {
	ID        id.ID
	Number    int64
	Title     string
	What      string // is done
	Why       string
	Links     []string
	Owner     id.ID  // zero: nobody yet
	Due       string // 2006-01-02 of the shop; empty: none
	Target    int    // fall of the rate that is hoped for, in per cent
	State     State
	How       How
	ChangeDay string  // when everybody got the change; empty: not yet
	Groups    []id.ID // as people see them: one that was merged is the one that it went into
	Effect    *Effect // what was found last; nil: nothing yet
	EffectAt  int64
	Version   int
	By        id.ID // who made it
	StateAt   int64
	CreatedAt int64
	UpdatedAt int64

	place int64
}

// Draft is what somebody says of a task.
type Draft struct {
	Title, What, Why string
	Links            []string
	Owner            id.ID
	Due              string
	Target           int // zero: TargetUsual
	How              How // empty: Everybody
	ChangeDay        string
	Groups           []id.ID
}

// Draft is what the task says now.
func (t *Task) Draft() Draft {
	return Draft{
		Title: t.Title, What: t.What, Why: t.Why, Links: t.Links, Owner: t.Owner, Due: t.Due, Target: t.Target, How: t.How, ChangeDay: t.ChangeDay, Groups: t.Groups,
	}
}

// Late tells that the day on which it was due is over.
func (t *Task) Late(now time.Time, zone *time.Location) bool {
	return t.Due != "" && !t.State.Over() && t.State != RolledOut && t.Due < now.In(zone).Format(time.DateOnly)
}

func unknownTask() error { return fault.New(fault.NotFound, "improve.error.unknown") }

// mayLead refuses who may not change tasks.
func mayLead(by tickets.Actor) error {
	if by.Kind == tickets.ActorSystem || by.Kind == tickets.ActorAgent && by.Role != tickets.RoleAgent && by.Role != "" {
		return nil
	}
	return fault.New(fault.Denied, "improve.error.managers")
}
