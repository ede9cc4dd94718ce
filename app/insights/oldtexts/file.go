package oldtexts

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
	StateNew     = intake.New
	StateWaiting = intake.Waiting
	StateRunning = intake.Running
	StateDone    = intake.Done
	StateFailed  = intake.Failed
	StateBacking = "backing" // it is taken back
	StateBack    = "back"
)

const (
	table      = "insight_imports"
	faultsKept = 30 * 24 * time.Hour
)

// File is an import and how far it is.
type File struct {
	ID     id.ID
	Name   string
	Plan   Plan
	State  string
	Reason string // why it failed, in a word
	Lines  int64  // in the file
	Place  int64  // lines that are done
	Added, Known, Empty, Refused,
	CreatedAt int64
	StartedAt, EndedAt *int64

	key  id.ID
	file string
}

// Moving tells whether a job works on the import.
func (f *File) Moving() bool {
	return f.State == StateWaiting || f.State == StateRunning || f.State == StateBacking
}

// Upload takes in a file, sealed, and guesses what its columns hold. Nothing of it is counted before Start.
// Errors: Invalid (fields file, preset), Unavailable.
func (s *Service) Upload(ctx context.Context, by tickets.Actor, name, preset string, data []byte) (id.ID, error) {
	p, ok := presetOf(preset)
	if !ok {
		return 0, fault.InvalidField("preset", "invalid", "oldtexts.error.preset", nil)
	}
	if err := s.MayWrite(); err != nil {
		return 0, err
	}
	rows, err := s.read(data)
	if err != nil {
		return 0, err
	}
	now := s.Now().UnixMilli()
	plan, err := json.Marshal(Plan{Preset: preset, Columns: sheet.Guess(rows[0].Cells, p.columns()), Rows: len(rows) - 1, AsOf: now})
	if err != nil {
		return 0, err
	}
	one := s.IDs.Next()
	return one, s.files.Put(ctx, one, name, data, func(tx *gorm.DB, file string, sealed []byte) error {
		return tx.Exec(`INSERT INTO insight_imports (id, agent_id, file, name, plan, state, reason, lines, place, added, known, empty, refused, created_at)
 VALUES (?, ?, ?, ?, ?, ?, '', ?, 0, 0, 0, 0, 0, ?)`, int64(one), int64(by.ID), file, sealed, string(plan), StateNew, len(rows)-1, now).Error
	})
}

// content reads the file of an import. Errors: NotFound (it is gone), Invalid.
func (s *Service) content(ctx context.Context, f *File) ([]sheet.Row, error) {
	data, err := s.files.Content(ctx, f.ID, f.file)
	if err != nil {
		return nil, err
	}
	return s.read(data)
}

// Preview is what a file holds, as its plan reads it.
type Preview struct {
	File
	Header []string
	Rows   [][]string
	// Speakers are names of which nobody knows whether they speak for the shop.
	Speakers []string
}

// Preview shows the first rows of a file that was sent. Errors: NotFound.
func (s *Service) Preview(ctx context.Context, one id.ID) (*Preview, error) {
	f, err := s.Import(ctx, one)
	if err != nil {
		return nil, err
	}
	p := &Preview{File: *f}
	if f.State != StateNew {
		return p, nil
	}
	rows, err := s.content(ctx, f)
	if err != nil {
		return nil, err
	}
	p.Header, p.Rows = intake.Preview(rows)
	p.Speakers = (&reading{plan: &f.Plan, sealer: s.Sealer}).unknownSpeakers(rows[1:])
	return p, nil
}

const columns = `id, key_id, file, name, plan, state, reason, lines, place, added, known, empty, refused, created_at, started_at, ended_at`

// Import gives an import. Errors: NotFound.
func (s *Service) Import(ctx context.Context, one id.ID) (*File, error) {
	list, err := s.imports(s.Store.Read(ctx), `WHERE id = ?`, int64(one))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "oldtexts.error.import")
	}
	return &list[0], nil
}

// Imports gives the newest imports.
func (s *Service) Imports(ctx context.Context) ([]File, error) {
	return s.imports(s.Store.Read(ctx), `ORDER BY id DESC LIMIT ?`, intake.Most)
}

func (s *Service) imports(tx *gorm.DB, where string, args ...any) (out []File, err error) {
	rows, err := tx.Raw(`SELECT `+columns+` FROM insight_imports `+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var names [][]byte
	for rows.Next() {
		var f File
		var key *int64
		var name []byte
		var plan string
		if err := rows.Scan((*int64)(&f.ID), &key, &f.file, &name, &plan, &f.State, &f.Reason, &f.Lines, &f.Place, &f.Added, &f.Known, &f.Empty, &f.Refused,
			&f.CreatedAt, &f.StartedAt, &f.EndedAt); err != nil {
			return nil, err
		}
		if key != nil {
			f.key = id.ID(*key)
		}
		if err := json.Unmarshal([]byte(plan), &f.Plan); err != nil {
			return nil, err
		}
		out, names = append(out, f), append(names, name)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Name, err = s.Sealer.OpenText(tx, table, "name", out[i].ID, names[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Rejects gives lines of an import that were not taken, in their order.
func (s *Service) Rejects(ctx context.Context, one id.ID, limit int) ([]Reject, error) {
	return intake.Rejects[Field](ctx, s.files, one, limit)
}

// FilesOf tells which of these files imports still need.
func (s *Service) FilesOf(ctx context.Context, names []string) ([]string, error) {
	return s.files.FilesOf(ctx, names)
}
