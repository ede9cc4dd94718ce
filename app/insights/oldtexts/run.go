package oldtexts

import (
	"context"
	"crypto/sha256"

	"gorm.io/gorm"

	"huiyin/app/intake"
	"huiyin/tickets/fault"
)

const (
	// stepLines are written in one transaction: with clauses and counts some hundred rows at most.
	stepLines = 20
	// rowsAtOnce are swept away at once.
	rowsAtOnce = 100
)

// Work does an import, or takes one back, or goes on with either where it stopped, for a while. more: there is more to do.
// How far it is stands in the transaction of its lines.
func (s *Service) Work(ctx context.Context, job Job) (more bool, err error) {
	f, err := s.Import(ctx, job.Import)
	if fault.Is(err, fault.NotFound) || err == nil && !f.Moving() {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if f.State == StateBacking {
		return s.takeBack(ctx, f)
	}
	run, rows, err := s.prepare(ctx, f)
	if err != nil {
		return false, s.files.Fail(ctx, f.ID, f.file, err)
	}
	on := true
	more, err = intake.InTurn(ctx, func() (_ bool, err error) {
		if f.Place >= int64(len(rows)) {
			return false, nil
		}
		on, err = run.step(ctx, rows[f.Place:min(int(f.Place)+stepLines, len(rows))])
		return on, err
	})
	if err != nil || more {
		return more, err
	}
	if !on {
		return true, nil // it is taken back, or another job was here
	}
	return false, s.files.End(ctx, f.ID, f.file, StateDone, "")
}

// read is what became of a row when it was read.
type read struct {
	line   *line
	reject *Reject
}

// importing is an import at work.
type importing struct {
	s *Service
	f *File
}

// prepare reads the whole file: which of several lines that say the same one is depends on those before it.
func (s *Service) prepare(ctx context.Context, f *File) (*importing, []read, error) {
	rows, err := s.content(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return nil, nil, err
	}
	preset, _ := presetOf(f.Plan.Preset)
	r := &reading{plan: &f.Plan, preset: preset, zone: shop.Zone(), sealer: s.Sealer, seen: map[[sha256.Size]byte]int{}}
	out := make([]read, len(rows)-1)
	for i, row := range rows[1:] {
		out[i].line, out[i].reject = r.read(row)
	}
	return &importing{s, f}, out, nil
}

// GiveUp ends an import that failed again and again. What is taken in stays; the file sent once more adds only the rest. One
// that is taken back is looked after by Sweep.
func (s *Service) GiveUp(ctx context.Context, job Job) error {
	f, err := s.Import(ctx, job.Import)
	if fault.Is(err, fault.NotFound) || err == nil && (!f.Moving() || f.State == StateBacking) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.files.End(ctx, f.ID, f.file, StateFailed, "stopped")
}

// Sweep forgets imports that nobody started within a day, with their files, and what was said of lines a month ago. Imports
// that have lost their job go on. The rest of an import stays, so that it can be taken back.
func (s *Service) Sweep(ctx context.Context) error {
	lost, err := s.imports(s.Store.Read(ctx), `WHERE ended_at IS NULL AND started_at < ? ORDER BY started_at LIMIT ?`, s.Now().Add(-intake.Stalled).UnixMilli(), intake.Most)
	for i := range lost {
		if err == nil {
			err = s.Store.Write(ctx, func(tx *gorm.DB) error { return s.Queue(tx, Job{lost[i].ID}) })
		}
	}
	if err != nil {
		return err
	}
	left, err := s.imports(s.Store.Read(ctx), `WHERE ended_at IS NULL AND started_at IS NULL AND created_at < ? LIMIT ?`, s.Now().Add(-intake.Left).UnixMilli(), intake.Most)
	for i := range left {
		if err == nil {
			err = s.Discard(ctx, left[i].ID)
		}
	}
	if err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`DELETE FROM insight_import_faults WHERE (import_id, n) IN (SELECT x.import_id, x.n FROM insight_import_faults x
 JOIN insight_imports i ON i.id = x.import_id WHERE i.ended_at < ? LIMIT ?)`, s.Now().Add(-faultsKept).UnixMilli(), rowsAtOnce).Error
	})
}
