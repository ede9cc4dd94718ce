package orders

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
	ImportNew     = "new" // somebody looks at its preview
	ImportWaiting = "waiting"
	ImportRunning = "running"
	ImportDone    = "done"
	ImportFailed  = "failed"
)

const (
	importTable = "order_imports"
	importsKept = 30 * 24 * time.Hour
	importsMost = 20 // on a page
	previewRows = 10
	headerMax   = 80 // characters of a column's name that are shown
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
	rows, err := readRows(data)
	if err != nil {
		return 0, err
	}
	p := Plan{Preset: preset, Columns: sheet.Guess(rows[0].Cells, headers), Rows: len(rows) - 1, AsOf: tickets.Millis(s.Now())}
	plan, err := json.Marshal(p)
	if err != nil {
		return 0, err
	}
	file := blob.NewName()
	one := s.IDs.Next()
	seal := func(place string, plain []byte) ([]byte, error) {
		return s.Sealer.Seal(s.Store.Read(ctx), s.Sealer.DeskKey(), importTable, "file/"+place, one, plain)
	}
	if err := s.Files.Put(ctx, file, blob.Seal(bytes.NewReader(data), seal)); err != nil {
		return 0, &fault.Error{Kind: fault.Unavailable, Key: "error.file.store", RetryAfter: 30 * time.Second, Err: err}
	}
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		sealed, err := s.Sealer.SealText(tx, s.Sealer.DeskKey(), importTable, "name", one, shortened(name, titleMax))
		if err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO order_imports (id, agent_id, file, name, plan, state, reason, orders, place, added, changed, same, older, refused, created_at)
 VALUES (?, ?, ?, ?, ?, ?, '', 0, 0, 0, 0, 0, 0, 0, ?)`, int64(one), int64(by.ID), file, sealed, string(plan), ImportNew, p.AsOf).Error
	})
	if err != nil {
		return 0, errors.Join(err, s.Files.Delete(context.WithoutCancel(ctx), file))
	}
	return one, nil
}

func shortened(text string, most int) string {
	r := []rune(text)
	return string(r[:min(len(r), most)])
}

// content opens the file of an import. Errors: NotFound (it is gone).
func (s *Service) content(ctx context.Context, f *File) ([]byte, error) {
	in, err := s.Files.Get(ctx, f.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "orders.file.gone")
	}
	if err != nil {
		return nil, err
	}
	defer in.Close() //nolint:errcheck // read only
	return io.ReadAll(blob.Open(in, func(place string, sealed []byte) ([]byte, error) {
		return s.Sealer.Open(s.Store.Read(ctx), importTable, "file/"+place, f.ID, sealed)
	}))
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
	data, err := s.content(ctx, f)
	if err != nil {
		return nil, err
	}
	rows, err := readRows(data)
	if err != nil {
		return nil, err
	}
	for _, cell := range rows[0].Cells {
		p.Header = append(p.Header, shortened(sheet.Bare(cell), headerMax))
	}
	for _, r := range rows[1:min(len(rows), previewRows+1)] {
		p.Rows = append(p.Rows, r.Cells)
	}
	return p, nil
}

// Start lets an import run, with what its columns hold. Errors: NotFound, Invalid (field columns), Conflict (it was started).
func (s *Service) Start(ctx context.Context, one id.ID, columns map[Field]int) error {
	f, err := s.ImportOf(ctx, one)
	if err != nil {
		return err
	}
	if _, ok := columns[FieldNumber]; !ok {
		return fault.InvalidField("columns", "required", "orders.error.columns", nil)
	}
	seen := map[int]bool{}
	for _, at := range columns {
		if seen[at] {
			return fault.InvalidField("columns", "twice", "orders.error.column_twice", nil)
		}
		seen[at] = true
	}
	f.Plan.Columns = columns
	plan, err := json.Marshal(f.Plan)
	if err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`UPDATE order_imports SET plan = ?, state = ?, started_at = ? WHERE id = ? AND state = ?`,
			string(plan), ImportWaiting, tickets.Millis(s.Now()), int64(one), ImportNew)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return fault.New(fault.Conflict, "orders.error.started")
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
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`DELETE FROM order_imports WHERE id = ? AND state = ?`, int64(one), ImportNew)
		if done.Error == nil && done.RowsAffected == 0 {
			return fault.New(fault.Conflict, "orders.error.started")
		}
		return done.Error
	})
	if err != nil {
		return err
	}
	return s.Files.Delete(ctx, f.file)
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
	return s.imports(s.Store.Read(ctx), `ORDER BY id DESC LIMIT ?`, importsMost)
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
	rows, err := s.Store.Read(ctx).Raw(`SELECT line, col, field, code FROM order_import_faults WHERE import_id = ? ORDER BY n LIMIT ?`, int64(one), limit).Rows()
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
	return out, s.Store.Read(ctx).Raw(`SELECT file FROM order_imports WHERE file IN ? AND ended_at IS NULL`, names).Scan(&out).Error
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
		ImportNew, tickets.Millis(s.Now().Add(-24*time.Hour)), tickets.Millis(s.Now().Add(-importsKept)), importsMost)
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
