package tickets

import (
	"context"
	"strconv"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// wakeMax is the most that one call of WakeSnoozed wakes.
const wakeMax = 100

// Snooze puts an active ticket off until a time (Unix ms), or wakes it with nil. It leaves the lists of what is to do
// until then, or until the contact writes. Errors: Denied, NotFound, Invalid (a time that has passed), Conflict (the
// ticket is not active).
func (s *Service) Snooze(ctx context.Context, a Actor, ticket id.ID, until *int64) (*Ticket, error) {
	if until != nil && *until <= Millis(s.now()) {
		return nil, fault.InvalidField("snoozed_until", "past", "error.snooze.past", nil)
	}
	return s.change(ctx, a, ticket, func(e *edit) error {
		switch {
		case same(e.t.SnoozedUntil, until):
		case until == nil:
			e.wake()
		case !e.t.Status.Active():
			return fault.New(fault.Conflict, "error.snooze.inactive")
		default:
			e.t.SnoozedUntil = new(*until)
			e.event(EventSnoozed, 0, `{"until":`+strconv.FormatInt(*until, 10)+`}`)
		}
		return nil
	})
}

func (e *edit) wake() {
	e.t.SnoozedUntil = nil
	e.event(EventWoken, 0, "")
}

// WakeSnoozed wakes at most limit tickets (100 at most) whose time has come, the longest due first, and tells how many
// it woke. The caller comes again while it is as many as asked for.
func (s *Service) WakeSnoozed(ctx context.Context, limit int) (int, error) {
	now := Millis(s.now())
	due, err := on(s.store.Read(ctx)).ids(
		`SELECT t.id FROM tickets t WHERE t.snoozed_until <= ? ORDER BY t.snoozed_until LIMIT ?`, now, clamp(limit, wakeMax, wakeMax))
	if len(due) == 0 || err != nil {
		return 0, err
	}
	woken := 0
	for _, ticket := range due { // each in its own transaction, so that none holds the rows of two tickets
		awake := false
		err := s.store.Write(ctx, func(tx *gorm.DB) (err error) {
			awake, err = s.wakeDue(on(tx), ticket, now)
			return err
		})
		if err != nil {
			return woken, err
		}
		if awake {
			woken++
		}
	}
	return woken, nil
}

// wakeDue looks at the ticket again under its lock: the contact or another process may have been quicker.
func (s *Service) wakeDue(c conn, ticket id.ID, now int64) (bool, error) {
	t, err := s.locked(c, ticket)
	if err != nil || t.SnoozedUntil == nil || *t.SnoozedUntil > now {
		return false, err
	}
	e := s.begin(c, t, system, now)
	e.wake()
	return true, e.save()
}
