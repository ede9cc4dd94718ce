package telling

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// The states of a telling.
const (
	Gathering = "gathering"
	Telling   = "telling"
	Stopped   = "stopped"
	Done      = "done"
)

const (
	tellingsTable = "tellings"
	// SinceUsual is how long ago a complaint may lie, in days.
	SinceUsual = 180
	// SinceMost is the most that can be asked for, in days.
	SinceMost = 730
)

// Round is one telling of a task.
type Round struct {
	ID            id.ID
	Task          id.ID
	Agent         id.ID
	State         string
	Texts         Texts
	Since, Before int64
	People        int // who was found
	Told, Missed  int
	CreatedAt     int64
	EndedAt       *int64
}

// Moving tells whether a job works on it.
func (r *Round) Moving() bool { return r.State == Gathering || r.State == Telling }

// Start begins to tell who complained of a task within so many days. Errors: NotFound, Invalid (fields text_…, days), Conflict
// (nothing has changed yet, or a telling of the task is under way).
func (s *Service) Start(ctx context.Context, by tickets.Actor, task id.ID, texts Texts, days int) (id.ID, error) {
	t, err := s.taskToTell(ctx, task)
	if err != nil {
		return 0, err
	}
	if texts, err = texts.checked(); err != nil {
		return 0, err
	}
	if days < 1 || days > SinceMost {
		return 0, fault.InvalidField("days", "invalid", "telling.error.days", map[string]any{"max": SinceMost})
	}
	one, now := s.IDs.Next(), s.Now()
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		if err := holdTask(tx, task); err != nil {
			return err
		}
		var open int
		if err := tx.Raw(`SELECT COUNT(*) FROM tellings WHERE task_id = ? AND ended_at IS NULL`, int64(task)).Row().Scan(&open); err != nil {
			return err
		}
		if open > 0 {
			return fault.New(fault.Conflict, "telling.error.open")
		}
		sealed, err := s.sealJSON(tx, tellingsTable, one, texts)
		if err != nil {
			return err
		}
		err = tx.Exec(`INSERT INTO tellings (id, task_id, agent_id, state, texts, since, before, people, told, missed, created_at, worked_at)
 VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?, ?)`, int64(one), int64(task), int64(by.ID), Gathering, sealed, now.AddDate(0, 0, -days).UnixMilli(), t.Changed.UnixMilli(),
			now.UnixMilli(), now.UnixMilli()).Error
		if err != nil {
			return err
		}
		return s.Queue(tx, Job{one})
	})
	return one, err
}

// holdTask lets one transaction at a time begin to tell of a task. SQLite has one writer anyway.
func holdTask(tx *gorm.DB, task id.ID) error {
	if tx.Name() != "postgres" {
		return nil
	}
	return tx.Exec(`SELECT pg_advisory_xact_lock(?)`, int64(task)).Error
}

// Stop ends a telling: who waits is not told. Errors: NotFound, Conflict (it is over).
func (s *Service) Stop(ctx context.Context, task, round id.ID) error {
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`UPDATE tellings SET state = ?, ended_at = ? WHERE id = ? AND task_id = ? AND ended_at IS NULL`, Stopped, s.Now().UnixMilli(), int64(round), int64(task))
		if done.Error == nil && done.RowsAffected == 0 {
			return fault.New(fault.Conflict, "telling.error.over")
		}
		return done.Error
	})
}

const roundColumns = `id, task_id, agent_id, state, texts, since, before, people, told, missed, created_at, ended_at`

// Rounds gives the newest tellings of a task.
func (s *Service) Rounds(ctx context.Context, task id.ID) ([]Round, error) {
	return s.rounds(s.Store.Read(ctx), `WHERE task_id = ? ORDER BY id DESC LIMIT 20`, int64(task))
}

// Round gives a telling. Errors: NotFound.
func (s *Service) Round(ctx context.Context, round id.ID) (*Round, error) {
	list, err := s.rounds(s.Store.Read(ctx), `WHERE id = ?`, int64(round))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "telling.error.round")
	}
	return &list[0], nil
}

func (s *Service) rounds(tx *gorm.DB, where string, args ...any) (out []Round, err error) {
	rows, err := tx.Raw(`SELECT `+roundColumns+` FROM tellings `+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var sealed [][]byte
	for rows.Next() {
		var r Round
		var b []byte
		if err := rows.Scan((*int64)(&r.ID), (*int64)(&r.Task), (*int64)(&r.Agent), &r.State, &b, &r.Since, &r.Before, &r.People, &r.Told, &r.Missed, &r.CreatedAt, &r.EndedAt); err != nil {
			return nil, err
		}
		out, sealed = append(out, r), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range out {
		if err := s.openJSON(tx, tellingsTable, out[i].ID, sealed[i], &out[i].Texts); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Sweep queues tellings again that have lost their job.
func (s *Service) Sweep(ctx context.Context) error {
	lost, err := s.rounds(s.Store.Read(ctx), `WHERE ended_at IS NULL AND worked_at < ? ORDER BY worked_at LIMIT 20`, s.Now().Add(-time.Hour).UnixMilli())
	for i := range lost {
		if err == nil {
			err = s.Store.Write(ctx, func(tx *gorm.DB) error { return s.Queue(tx, Job{lost[i].ID}) })
		}
	}
	return err
}
