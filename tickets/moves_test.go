package tickets

import (
	"fmt"
	"testing"
)

var statuses = []Status{StatusNew, StatusOpen, StatusPending, StatusSolved, StatusClosed, StatusSpam}

// What each cause may do, from the row's status to the column's, in the order of statuses.
var expected = map[cause][]string{
	byHand: {
		//       new    open   pend.  solved closed spam
		/* new    */ "·yyyyy",
		/* open   */ "··yyyy",
		/* pend.  */ "·y·yyy",
		/* solved */ "·yy·yy",
		/* closed */ "······",
		/* spam   */ "·y··y·",
	},
	byTaking:  {"·y····", "······", "······", "······", "······", "······"},
	byReply:   {"··y···", "··y···", "······", "······", "······", "······"},
	byContact: {"······", "······", "·y····", "·y····", "······", "······"},
}

func TestMovesAreThoseOfTheTableAndNoOthers(t *testing.T) {
	t.Parallel()
	for by, rows := range expected {
		for i, from := range statuses {
			for j, to := range statuses {
				t.Run(fmt.Sprintf("%d/%s to %s", by, from, to), func(t *testing.T) {
					want := []rune(rows[i])[j] == 'y'
					if got := mayMove(from, to, by); got != want {
						t.Errorf("got %v, want %v", got, want)
					}
				})
			}
		}
	}
}

func TestACauseOtherThanAPersonLeadsToOneStatus(t *testing.T) {
	t.Parallel()
	for _, by := range []cause{byTaking, byReply, byContact} {
		for _, from := range statuses {
			var to []Status
			for _, s := range statuses {
				if mayMove(from, s, by) {
					to = append(to, s)
				}
			}
			switch {
			case len(to) > 1:
				t.Errorf("cause %d leads from %s to %v", by, from, to)
			case len(to) == 1 && follow(from, by) != to[0], len(to) == 0 && follow(from, by) != from:
				t.Errorf("cause %d: follow(%s) is %s, the table says %v", by, from, follow(from, by), to)
			}
		}
	}
}

func TestAMoveKeepsTheTimesThatHangOnTheStatus(t *testing.T) {
	t.Parallel()
	for _, from := range statuses {
		for _, to := range statuses {
			if !mayMove(from, to, byHand) {
				continue
			}
			earlier := int64(1)
			ticket := Ticket{Status: from, WaitingSince: &earlier, SnoozedUntil: &earlier}
			if from == StatusSolved {
				ticket.SolvedAt = &earlier
			}
			ticket.move(to, 2)
			if solved := ticket.SolvedAt != nil && *ticket.SolvedAt == 2; solved != (to == StatusSolved) {
				t.Errorf("%s to %s: solved at %v", from, to, ticket.SolvedAt)
			}
			if to.Active() && ticket.SolvedAt != nil {
				t.Errorf("%s to %s: an active ticket has a time of being solved", from, to)
			}
			if (ticket.ClosedAt != nil) != (to == StatusClosed) {
				t.Errorf("%s to %s: closed at %v", from, to, ticket.ClosedAt)
			}
			if waits := to.Active() && to != StatusPending; (ticket.WaitingSince != nil) != waits {
				t.Errorf("%s to %s: waiting since %v", from, to, ticket.WaitingSince)
			}
			if (ticket.SnoozedUntil != nil) != to.Active() {
				t.Errorf("%s to %s: snoozed until %v", from, to, ticket.SnoozedUntil)
			}
		}
	}
}
