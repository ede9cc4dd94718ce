package tickets

import "huiyin/tickets/fault"

// Status is where a ticket stands.
type Status string

// The statuses.
const (
	StatusNew     Status = "new"     // nobody has taken it up
	StatusOpen    Status = "open"    // waits for the desk
	StatusPending Status = "pending" // waits for the contact
	StatusSolved  Status = "solved"  // the contact's next message reopens it, within the inbox's reopen days
	StatusClosed  Status = "closed"  // for good
	StatusSpam    Status = "spam"
)

// Valid tells whether s is one of the statuses.
func (s Status) Valid() bool {
	switch s {
	case StatusNew, StatusOpen, StatusPending, StatusSolved, StatusClosed, StatusSpam:
		return true
	}
	return false
}

// Active tells whether a ticket of this status is still worked on.
func (s Status) Active() bool { return s == StatusNew || s == StatusOpen || s == StatusPending }

// cause is what moves a ticket from one status to another.
type cause uint8

const (
	byHand    cause = 1 << iota // somebody of the desk chose the status
	byTaking                    // an agent took the ticket up or was given it
	byReply                     // an agent answered
	byContact                   // the contact wrote
)

// moves are all legal moves with what may cause them. A cause other than byHand leads from one status to one other
// at most, so that it needs no target; where it has no row it leaves the status alone.
//
// Nothing leads back to new, and nothing out of closed: there the contact's next message begins another ticket, as it
// does with spam and with a ticket that was solved too long ago. An answer to a solved ticket ("you are welcome")
// leaves it solved.
var moves = []struct {
	from, to Status
	causes   cause
}{
	{StatusNew, StatusOpen, byHand | byTaking},
	{StatusNew, StatusPending, byHand | byReply},
	{StatusNew, StatusSolved, byHand},
	{StatusNew, StatusClosed, byHand},
	{StatusNew, StatusSpam, byHand},

	{StatusOpen, StatusPending, byHand | byReply},
	{StatusOpen, StatusSolved, byHand},
	{StatusOpen, StatusClosed, byHand},
	{StatusOpen, StatusSpam, byHand},

	{StatusPending, StatusOpen, byHand | byContact},
	{StatusPending, StatusSolved, byHand},
	{StatusPending, StatusClosed, byHand},
	{StatusPending, StatusSpam, byHand},

	{StatusSolved, StatusOpen, byHand | byContact},
	{StatusSolved, StatusPending, byHand},
	{StatusSolved, StatusClosed, byHand},
	{StatusSolved, StatusSpam, byHand},

	{StatusSpam, StatusOpen, byHand},
	{StatusSpam, StatusClosed, byHand},
}

// mayMove tells whether the cause may move a ticket from one status to the other.
func mayMove(from, to Status, by cause) bool {
	for _, m := range moves {
		if m.from == from && m.to == to {
			return m.causes&by != 0
		}
	}
	return false
}

// follow gives the status that a cause other than byHand leads to.
func follow(from Status, by cause) Status {
	for _, m := range moves {
		if m.from == from && m.causes&by != 0 {
			return m.to
		}
	}
	return from
}

// move changes the ticket's status with all that hangs on it: times, waiting, snooze. The caller writes the event.
func (t *Ticket) move(to Status, at int64) {
	switch {
	case to == StatusSolved:
		t.SolvedAt = &at
	case to == StatusClosed:
		t.ClosedAt = &at
	case to.Active():
		t.SolvedAt = nil
	}
	if !to.Active() {
		t.WaitingSince, t.SnoozedUntil = nil, nil
	}
	if to == StatusPending {
		t.WaitingSince = nil
	}
	t.Status = to
}

func illegalMove(from, to Status) error {
	e := fault.New(fault.Conflict, "error.ticket.move")
	e.Args = map[string]any{"from": string(from), "to": string(to)}
	return e
}
