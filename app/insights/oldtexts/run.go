package oldtexts

import (
	"context"
	"crypto/sha256"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
)

const (
	// stepLines are written in one transaction: with clauses and counts some hundred rows at most.
	stepLines = 20
	// workFor is how long a job works on an import before it comes back: what dies with a node is taken up again soon.
	workFor = 40 * time.Second
	// stalledAfter is when an import that is not over is looked after.
	stalledAfter = time.Hour
	pauseLeast   = 2 * time.Millisecond
	pauseMost    = 100 * time.Millisecond
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
		if e := fault.As(err); e != nil {
			return false, s.end(ctx, f, StateFailed, e.Key[strings.LastIndexByte(e.Key, '.')+1:])
		}
		return false, err
	}
	for until := time.Now().Add(workFor); f.Place < int64(len(rows)); {
		if time.Now().After(until) {
			return true, nil
		}
		began := time.Now()
		on, err := run.step(ctx, rows[f.Place:min(int(f.Place)+stepLines, len(rows))])
		if err != nil {
			return false, err
		}
		if !on {
			return true, nil // it is taken back, or another job was here
		}
		if err := pause(ctx, time.Since(began)); err != nil {
			return false, err
		}
	}
	return false, s.end(ctx, f, StateDone, "")
}

// pause lets others write, the longer the longer one's own writing took.
func pause(ctx context.Context, took time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(min(max(took/8, pauseLeast), pauseMost)):
		return nil
	}
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

// end ends an import; its file goes.
func (s *Service) end(ctx context.Context, f *File, state, reason string) error {
	err := s.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE insight_imports SET state = ?, reason = ?, ended_at = ? WHERE id = ? AND state IN ?`,
			state, reason, s.Now().UnixMilli(), int64(f.ID), []string{StateWaiting, StateRunning}).Error
	})
	if err != nil {
		return err
	}
	return s.Files.Delete(ctx, f.file)
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
	return s.end(ctx, f, StateFailed, "stopped")
}

// Sweep forgets imports that nobody started within a day, with their files, and what was said of lines a month ago. Imports
// that have lost their job go on. The rest of an import stays, so that it can be taken back.
func (s *Service) Sweep(ctx context.Context) error {
	lost, err := s.imports(s.Store.Read(ctx), `WHERE ended_at IS NULL AND started_at < ? ORDER BY started_at LIMIT ?`, s.Now().Add(-stalledAfter).UnixMilli(), importsMost)
	for i := range lost {
		if err == nil {
			err = s.Store.Write(ctx, func(tx *gorm.DB) error { return s.Queue(tx, Job{lost[i].ID}) })
		}
	}
	if err != nil {
		return err
	}
	left, err := s.imports(s.Store.Read(ctx), `WHERE ended_at IS NULL AND started_at IS NULL AND created_at < ? LIMIT ?`, s.Now().Add(-24*time.Hour).UnixMilli(), importsMost)
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
