package tickets

import (
	"context"
	"errors"
	"time"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// DueHeld gives held replies that are due before a moment, the first due first.
func (s *Service) DueHeld(ctx context.Context, before time.Time, limit int) ([]id.ID, error) {
	return on(s.store.Read(ctx)).ids(`SELECT m.id FROM messages m WHERE m.state = 'held' AND m.held_until <= ? ORDER BY m.held_until LIMIT ?`,
		Millis(before), clamp(limit, PageUsual, PageMax))
}

// ReleaseDue releases what is due, at most so many, and tells how many that were. Every node may call it by the clock: it
// is what remains when the job that was to release a reply is lost. One that cannot be released stops nobody else's.
func (s *Service) ReleaseDue(ctx context.Context, limit int) (released int, err error) {
	due, err := s.DueHeld(ctx, s.now(), limit)
	for _, one := range due {
		p, e := s.Release(ctx, one)
		if e == nil && !p.Duplicate {
			released++
		}
		err = errors.Join(err, e)
	}
	return released, err
}

// Messages gives messages, of whatever kind and state, by id; those that are not there are left out.
func (s *Service) Messages(ctx context.Context, messages []id.ID) ([]Message, error) {
	in, args := list(int64s(messages))
	return s.messages(on(s.store.Read(ctx)), selectMessage+` WHERE m.id IN `+in+` ORDER BY m.id`, args...)
}

// Message gives a message, of whatever kind and state. Errors: NotFound.
func (s *Service) Message(ctx context.Context, message id.ID) (*Message, error) {
	found, err := s.messages(on(s.store.Read(ctx)), selectMessage+` WHERE m.id = ?`, int64(message))
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "error.message.not_found")
	}
	if err != nil {
		return nil, err
	}
	return &found[0], nil
}
