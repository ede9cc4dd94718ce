package oldtexts

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"huiyin/app/intake"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Choice is what somebody has said of a file when she looked at its preview.
type Choice struct {
	Columns map[Field]int
	Day     *time.Time // of lines without a time; nil: they are refused
	Staff   string     // names of those who speak for the shop
}

// Start lets an import run. Errors: NotFound, Invalid (fields columns, day, staff), Conflict (it was started).
func (s *Service) Start(ctx context.Context, one id.ID, c Choice) error {
	f, err := s.Import(ctx, one)
	if err != nil {
		return err
	}
	if err := s.choose(&f.Plan, c); err != nil {
		return err
	}
	plan, err := json.Marshal(f.Plan)
	if err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		if err := s.files.Start(tx, one, plan); err != nil {
			return err
		}
		key, err := s.Sealer.NewContactKey(tx, 0)
		if err != nil {
			return err
		}
		if err := tx.Exec(`UPDATE insight_imports SET key_id = ? WHERE id = ?`, int64(key), int64(one)).Error; err != nil {
			return err
		}
		return s.Queue(tx, Job{one})
	})
}

func (s *Service) choose(p *Plan, c Choice) error {
	if err := intake.Columns(s.files, c.Columns, FieldText); err != nil {
		return err
	}
	if _, ok := c.Columns[FieldTime]; !ok && c.Day == nil {
		return fault.InvalidField("day", "required", "oldtexts.error.day", nil)
	}
	if c.Day != nil {
		if p.Day = c.Day.UnixMilli(); c.Day.Before(earliest) || p.Day > p.AsOf {
			return fault.InvalidField("day", "invalid", "oldtexts.error.day_wrong", nil)
		}
	}
	names := staffOf(c.Staff)
	if len(names) > staffMax {
		return fault.InvalidField("staff", "too_many", "oldtexts.error.staff", map[string]any{"max": staffMax})
	}
	for _, name := range names {
		p.Staff = append(p.Staff, s.Sealer.Hash(hashStaff, name))
	}
	p.Columns = c.Columns
	return nil
}

// Discard takes away an import that was not started, with its file. Errors: NotFound, Conflict (it was started).
func (s *Service) Discard(ctx context.Context, one id.ID) error {
	f, err := s.Import(ctx, one)
	if err != nil {
		return err
	}
	return s.files.Discard(ctx, one, f.file)
}

// TakeBack takes the texts of an import out of the groups again, with all that they count. An import that runs stops where
// it is. Errors: NotFound, Conflict (it was not started, or is taken back already).
func (s *Service) TakeBack(ctx context.Context, one id.ID) error {
	f, err := s.Import(ctx, one)
	if err != nil {
		return err
	}
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`UPDATE insight_imports SET state = ?, reason = '', started_at = ?, ended_at = NULL WHERE id = ? AND state IN ?`,
			StateBacking, tickets.Millis(s.Now()), int64(one), []string{StateWaiting, StateRunning, StateDone, StateFailed})
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return fault.New(fault.Conflict, "oldtexts.error.back")
		}
		return s.Queue(tx, Job{one})
	})
	if err != nil {
		return err
	}
	return s.Files.Delete(ctx, f.file)
}
