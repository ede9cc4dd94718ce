package oldtexts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"time"

	"gorm.io/gorm"

	"huiyin/app/blob"
	"huiyin/app/sheet"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// The states of an import.
const (
	StateNew     = "new" // somebody looks at its preview
	StateWaiting = "waiting"
	StateRunning = "running"
	StateDone    = "done"
	StateFailed  = "failed"
	StateBacking = "backing" // it is taken back
	StateBack    = "back"
)

const (
	table       = "insight_imports"
	importsMost = 20 // on a page
	previewRows = 10
	headerMax   = 80 // characters of a column's name that are shown
	nameMax     = 200
	faultsKept  = 30 * 24 * time.Hour
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
	rows, err := readRows(data)
	if err != nil {
		return 0, err
	}
	now := s.Now().UnixMilli()
	plan, err := json.Marshal(Plan{Preset: preset, Columns: sheet.Guess(rows[0].Cells, p.columns()), Rows: len(rows) - 1, AsOf: now})
	if err != nil {
		return 0, err
	}
	file, one := blob.NewName(), s.IDs.Next()
	seal := func(place string, plain []byte) ([]byte, error) {
		return s.Sealer.Seal(s.Store.Read(ctx), s.Sealer.DeskKey(), table, "file/"+place, one, plain)
	}
	if err := s.Files.Put(ctx, file, blob.Seal(bytes.NewReader(data), seal)); err != nil {
		return 0, &fault.Error{Kind: fault.Unavailable, Key: "error.file.store", RetryAfter: 30 * time.Second, Err: err}
	}
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		sealed, err := s.Sealer.SealText(tx, s.Sealer.DeskKey(), table, "name", one, shortened(name, nameMax))
		if err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO insight_imports (id, agent_id, file, name, plan, state, reason, lines, place, added, known, empty, refused, created_at)
 VALUES (?, ?, ?, ?, ?, ?, '', ?, 0, 0, 0, 0, 0, ?)`, int64(one), int64(by.ID), file, sealed, string(plan), StateNew, len(rows)-1, now).Error
	})
	if err != nil {
		return 0, errors.Join(err, s.Files.Delete(context.WithoutCancel(ctx), file))
	}
	return one, nil
}

func shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	r := []rune(text)
	return string(r[:min(len(r), most)])
}

// content opens the file of an import. Errors: NotFound (it is gone).
func (s *Service) content(ctx context.Context, f *File) ([]sheet.Row, error) {
	in, err := s.Files.Get(ctx, f.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "oldtexts.file.gone")
	}
	if err != nil {
		return nil, err
	}
	defer in.Close() //nolint:errcheck // read only
	data, err := io.ReadAll(blob.Open(in, func(place string, sealed []byte) ([]byte, error) {
		return s.Sealer.Open(s.Store.Read(ctx), table, "file/"+place, f.ID, sealed)
	}))
	if err != nil {
		return nil, err
	}
	return readRows(data)
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
	for _, cell := range rows[0].Cells {
		p.Header = append(p.Header, shortened(sheet.Bare(cell), headerMax))
	}
	for _, r := range rows[1:min(len(rows), previewRows+1)] {
		p.Rows = append(p.Rows, r.Cells)
	}
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
	return s.imports(s.Store.Read(ctx), `ORDER BY id DESC LIMIT ?`, importsMost)
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
	rows, err := s.Store.Read(ctx).Raw(`SELECT line, col, field, code FROM insight_import_faults WHERE import_id = ? ORDER BY n LIMIT ?`, int64(one), limit).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var out []Reject
	for rows.Next() {
		var r Reject
		if err := rows.Scan(&r.Line, &r.Col, (*string)(&r.Field), &r.Code); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// FilesOf tells which of these files imports still need.
func (s *Service) FilesOf(ctx context.Context, names []string) ([]string, error) {
	var out []string
	return out, s.Store.Read(ctx).Raw(`SELECT file FROM insight_imports WHERE file IN ? AND ended_at IS NULL`, names).Scan(&out).Error
}
