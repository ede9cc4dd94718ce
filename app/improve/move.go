package improve

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Move says where a task goes on the board.
type Move struct {
	Version int    // of the task as who moves it has seen it
	To      State  // empty: it stays in its column
	Before  id.ID  // the task in whose place it comes; zero: to the end
	Note    string // why
}

// MoveTo moves a task over the board. Into trial it begins its trial, out of it it ends the trial; rolled out without a day, that
// is today. Errors: Denied, NotFound, Invalid with fields, Conflict (somebody was first).
func (s *Service) MoveTo(ctx context.Context, by tickets.Actor, task id.ID, m Move) (*Task, error) {
	if err := mayLead(by); err != nil {
		return nil, err
	}
	if m.Note = strings.TrimSpace(m.Note); !fits(m.Note, TextMax) {
		return nil, fault.InvalidField("note", "too_long", "improve.error.long", map[string]any{"max": TextMax})
	}
	if m.To != "" && !slices.Contains(States(), m.To) {
		return nil, fault.InvalidField("state", "invalid", "web.error.choice", nil)
	}
	t, err := s.Task(ctx, task)
	if err != nil {
		return nil, err
	}
	if m.To == "" {
		m.To = t.State
	}
	plan, err := s.mayEnter(ctx, t, m.To)
	if err != nil {
		return nil, err
	}
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return nil, err
	}
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		return s.moveTx(tx, by, t, m, plan, s.Now().In(shop.Zone()).Format(time.DateOnly))
	})
	if err != nil {
		return nil, err
	}
	if m.To != t.State && (m.To == Trying || m.To == RolledOut) { // from now on there is something to say
		if _, err := s.Measure(ctx, task); err != nil {
			return nil, err
		}
	}
	return s.Task(ctx, task)
}

// mayEnter refuses a state that the task is not ready for, and gives the trial that begins with it.
func (s *Service) mayEnter(ctx context.Context, t *Task, to State) (*Trial, error) {
	if to == t.State {
		return nil, nil
	}
	switch to {
	case Trying:
		return s.ready(ctx, t)
	case Verified:
		if t.Effect == nil || !t.Effect.Helped() {
			return nil, fault.InvalidField("state", "verdict", "improve.error.verdict", nil)
		}
	}
	return nil, nil
}

func (s *Service) moveTx(tx *gorm.DB, by tickets.Actor, seen *Task, m Move, plan *Trial, today string) error {
	t := new(*seen) // the transaction may be run again
	place, err := s.makeRoom(tx, t, m)
	if err != nil {
		return err
	}
	from := t.State
	set, args := `place = ?`, []any{place}
	if m.To != from {
		set, args = set+`, state = ?, state_at = ?`, append(args, string(m.To), tickets.Millis(s.Now()))
	}
	if m.To == RolledOut && t.ChangeDay == "" {
		set, args = set+`, change_day = ?`, append(args, today)
	}
	if err := s.update(tx, t, m.Version, set, args...); err != nil || m.To == from && m.Note == "" {
		return err
	}
	t.State = m.To
	if plan != nil {
		if err := s.startTx(tx, by, t, plan); err != nil {
			return err
		}
	}
	if from == Trying && m.To != Trying {
		if err := s.endTx(tx, by, t); err != nil {
			return err
		}
	}
	if _, err := s.note(tx, t, by, Entry{Kind: EntryState, Body: m.Note, Data: map[string]any{"from": string(from), "to": string(m.To)}}); err != nil {
		return err
	}
	return s.tell(tx, t, by, "state", t.Owner)
}

// makeRoom gives the place in its column where a task goes, after it has moved those behind it on.
func (s *Service) makeRoom(tx *gorm.DB, t *Task, m Move) (place int64, err error) {
	if m.Before == t.ID {
		return t.place, nil
	}
	if m.Before != 0 {
		before, err := s.taskTx(tx, m.Before)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return 0, err
		}
		if err == nil && before.State == m.To {
			return before.place, tx.Exec(`UPDATE improve_tasks SET place = place + 1 WHERE state = ? AND place >= ?`, string(m.To), before.place).Error
		}
	}
	err = tx.Raw(`SELECT COALESCE(MAX(place), 0) + 1 FROM improve_tasks WHERE state = ?`, string(m.To)).Row().Scan(&place)
	return place, err
}
