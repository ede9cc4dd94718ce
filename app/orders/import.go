package orders

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"huiyin/app/intake"
	"huiyin/app/sheet"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// The states of an import.
const (
	ImportNew     = intake.New
	ImportWaiting = intake.Waiting
	ImportRunning = intake.Running
	ImportDone    = intake.Done
	ImportFailed  = intake.Failed
)

const (
	importTable = "order_imports"
	importsKept = 30 * 24 * time.Hour
)

// File is an import and how far it is.
type File struct {
	ID     id.ID
	Name   string
	Plan   Plan
	State  string
	Reason string // why it failed, in a word
	Orders int64  // in the file
	Place  int64  // orders that are done
	Added, Changed, Same, Older, Refused,
	CreatedAt int64
	StartedAt, EndedAt *int64

	file string
}

// Preview is what a file holds, as its plan reads it.
type Preview struct {
	File
	Header []string
	Rows   [][]string
}

// Upload takes in a file of orders, sealed, and guesses what its columns hold. Nothing of it is an order before Start.
// Errors: Invalid (fields file, preset), Unavailable.
func (s *Service) Upload(ctx context.Context, by tickets.Actor, name, preset string, data []byte) (id.ID, error) {
	if _, ok := presetOf(preset); !ok {
		return 0, fault.InvalidField("preset", "invalid", "orders.error.preset", nil)
	}
	if err := s.MayWrite(); err != nil {
		return 0, err
	}
	rows, err := s.files.Rows(data, fileLimits)
	if err != nil {
		return 0, err
	}
	p := Plan{Preset: preset, Columns: sheet.Guess(rows[0].Cells, headers), Rows: len(rows) - 1, AsOf: tickets.Millis(s.Now())}
	plan, err := json.Marshal(p)
	if err != nil {
		return 0, err
	}
	one := s.IDs.Next()
	return one, s.files.Put(ctx, one, name, data, func(tx *gorm.DB, file string, sealed []byte) error {
		return tx.Exec(`INSERT INTO order_imports (id, agent_id, file, name, plan, state, reason, orders, place, added, changed, same, older, refused, created_at)
 VALUES (?, ?, ?, ?, ?, ?, '', 0, 0, 0, 0, 0, 0, 0, ?)`, int64(one), int64(by.ID), file, sealed, string(plan), ImportNew, p.AsOf).Error
	})
}

// Preview shows the first rows of a file that was sent. Errors: NotFound.
func (s *Service) Preview(ctx context.Context, one id.ID) (*Preview, error) {
	f, err := s.ImportOf(ctx, one)
	if err != nil {
		return nil, err
	}
	p := &Preview{File: *f}
	if f.State != ImportNew {
		return p, nil
	}
	rows, err := s.content(ctx, f)
	if err != nil {
		return nil, err
	}
	p.Header, p.Rows = intake.Preview(rows)
	return p, nil
}

// content reads the file of an import. Errors: NotFound (it is gone), Invalid.
func (s *Service) content(ctx context.Context, f *File) ([]sheet.Row, error) {
	data, err := s.files.Content(ctx, f.ID, f.file)
	if err != nil {
		return nil, err
	}
	return s.files.Rows(data, fileLimits)
}

// Start lets an import run, with what its columns hold. Errors: NotFound, Invalid (field columns), Conflict (it was started).
func (s *Service) Start(ctx context.Context, one id.ID, columns map[Field]int) error {
	f, err := s.ImportOf(ctx, one)
	if err != nil {
		return err
	}
	if err := intake.Columns(s.files, columns, FieldNumber); err != nil {
		return err
	}
	f.Plan.Columns = columns
	plan, err := json.Marshal(f.Plan)
	if err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		if err := s.files.Start(tx, one, plan); err != nil {
			return err
		}
		return s.Queue(tx, Import{Import: one})
	})
}

// Discard takes away an import that was not started, with its file. Errors: NotFound, Conflict (it was started).
func (s *Service) Discard(ctx context.Context, one id.ID) error {
	f, err := s.ImportOf(ctx, one)
	if err != nil {
		return err
	}
	return s.files.Discard(ctx, one, f.file)
}

const importColumns = `id, file, name, plan, state, reason, orders, place, added, changed, same, older, refused, created_at, started_at, ended_at`

// ImportOf gives an import. Errors: NotFound.
func (s *Service) ImportOf(ctx context.Context, one id.ID) (*File, error) {
	list, err := s.imports(s.Store.Read(ctx), `WHERE id = ?`, int64(one))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "orders.error.import")
	}
	return &list[0], nil
}

// Imports gives the newest imports.
func (s *Service) Imports(ctx context.Context) ([]File, error) {
	return s.imports(s.Store.Read(ctx), `ORDER BY id DESC LIMIT ?`, intake.Most)
}

func (s *Service) imports(tx *gorm.DB, where string, args ...any) (out []File, err error) {
	rows, err := tx.Raw(`SELECT `+importColumns+` FROM order_imports `+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var names [][]byte
	for rows.Next() {
		var f File
		var name []byte
		var plan string
		if err := rows.Scan((*int64)(&f.ID), &f.file, &name, &plan, &f.State, &f.Reason, &f.Orders, &f.Place, &f.Added, &f.Changed, &f.Same, &f.Older, &f.Refused,
			&f.CreatedAt, &f.StartedAt, &f.EndedAt); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(plan), &f.Plan); err != nil {
			return nil, err
		}
		out, names = append(out, f), append(names, name)
	}
	for i := range out {
		if out[i].Name, err = s.Sealer.OpenText(tx, importTable, "name", out[i].ID, names[i]); err != nil {
			return nil, err
		}
	}
	return out, rows.Err()
}

// Rejects gives lines of an import that were not taken, in their order.
func (s *Service) Rejects(ctx context.Context, one id.ID, limit int) ([]Reject, error) {
	return intake.Rejects[Field](ctx, s.files, one, limit)
}

// FilesOf tells which of these files imports still need.
func (s *Service) FilesOf(ctx context.Context, names []string) ([]string, error) {
	return s.files.FilesOf(ctx, names)
}

// Sweep forgets imports that nobody started within a day, with their files, and those that were over a month ago. Those that
// have lost their job go on.
func (s *Service) Sweep(ctx context.Context) error {
	if s.Files == nil {
		return nil
	}
	if err := s.resume(ctx); err != nil {
		return err
	}
	old, err := s.imports(s.Store.Read(ctx), `WHERE (state = ? AND created_at < ?) OR ended_at < ? ORDER BY id LIMIT ?`,
		ImportNew, tickets.Millis(s.Now().Add(-intake.Left)), tickets.Millis(s.Now().Add(-importsKept)), intake.Most)
	if err != nil || len(old) == 0 {
		return err
	}
	for i := range old {
		f := &old[i]
		for more := true; more; {
			err := s.Store.Write(ctx, func(tx *gorm.DB) error {
				done := tx.Exec(`DELETE FROM order_import_faults WHERE import_id = ? AND n IN (SELECT n FROM order_import_faults WHERE import_id = ? ORDER BY n LIMIT ?)`,
					int64(f.ID), int64(f.ID), rowsAtOnce)
				if more = done.RowsAffected == rowsAtOnce; done.Error != nil || more {
					return done.Error
				}
				return tx.Exec(`DELETE FROM order_imports WHERE id = ?`, int64(f.ID)).Error
			})
			if err != nil {
				return err
			}
		}
		if err := s.Files.Delete(ctx, f.file); err != nil {
			return err
		}
	}
	return nil
}
