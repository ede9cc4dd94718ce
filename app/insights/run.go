package insights

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/app/insights/worker"
	"huiyin/tickets/id"
)

// Run is a pass over all texts.
type Run struct {
	ID        id.ID
	Kind      worker.Kind
	State     string // running, done, failed
	Reason    string // why it came, of one that failed what went wrong
	Texts, Of int    // that were read, of so many
	Moved     int
	Plain     bool // without the Chinese dictionary
	Memory    int  // MiB
	BeganAt   time.Time
	EndedAt   *time.Time // nil: it runs, or has died, or was done but for the names of groups

	model, digest string
}

// The states of a run.
const (
	RunRunning = "running"
	RunDone    = "done"
	RunFailed  = "failed"
)

// Why a pass comes.
const (
	BecauseFirst    = "first"   // there is no model, and enough texts for one
	BecauseLexicon  = "lexicon" // other words count as concepts
	BecauseForm     = "form"    // the model is of another version, or gone
	BecauseNight    = "night"
	BecauseWeek     = "week"
	BecauseGrown    = "grown"    // a fifth more texts than the words were placed by
	BecauseOutgrown = "outgrown" // three times the texts in which groups were found
	// BecauseUnfinished: the pass before moved texts, and ended before it had named the groups.
	BecauseUnfinished = "unfinished"
)

// runsMost is how many runs are given at once.
const runsMost = 50

// Runs gives the newest passes, the newest first.
func (s *Service) Runs(ctx context.Context, most int) ([]Run, error) {
	return s.runs(s.Store.Read(ctx), ` ORDER BY r.id DESC LIMIT ?`, min(most, runsMost))
}

// current is the last pass that was done, whose model holds; nil: there is none.
func (s *Service) current(tx *gorm.DB) (*Run, error) {
	list, err := s.runs(tx, ` WHERE r.state = 'done' ORDER BY r.id DESC LIMIT 1`)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

func (s *Service) runs(tx *gorm.DB, where string, args ...any) ([]Run, error) {
	rows, err := tx.Raw(`SELECT r.id, r.kind, r.state, r.reason, r.texts, r.of_texts, r.moved, r.plain, r.memory, r.model, r.digest, r.began_at, r.ended_at FROM insight_runs r`+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var list []Run
	for rows.Next() {
		var r Run
		var began int64
		if err := rows.Scan((*int64)(&r.ID), (*string)(&r.Kind), &r.State, &r.Reason, &r.Texts, &r.Of, &r.Moved, &r.Plain, &r.Memory, &r.model, &r.digest, &began, scanTime{&r.EndedAt}); err != nil {
			return nil, err
		}
		r.BeganAt = time.UnixMilli(began)
		list = append(list, r)
	}
	return list, rows.Err()
}

// isPassing tells whether a pass is under way, or has died and was not begun again.
func (s *Service) isPassing(tx *gorm.DB) (bool, error) {
	list, err := s.runs(tx, ` WHERE r.state = 'running' LIMIT 1`)
	return len(list) > 0, err
}

// begin notes a pass. One that is still said to run died with its desk, or is thought dead and writes nothing more.
func (s *Service) begin(ctx context.Context, r *Run) error {
	r.ID, r.State, r.BeganAt = s.IDs.Next(), RunRunning, s.Now()
	return s.write(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec(`UPDATE insight_runs SET state = 'failed', reason = 'broken_off', ended_at = ? WHERE state = 'running'`, r.BeganAt.UnixMilli()).Error; err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO insight_runs (id, kind, state, reason, texts, of_texts, moved, plain, memory, model, digest, began_at) VALUES (?, ?, ?, ?, 0, ?, 0, ?, ?, '', ?, ?)`,
			int64(r.ID), string(r.Kind), r.State, r.Reason, r.Of, r.Plain, r.Memory, r.digest, r.BeganAt.UnixMilli()).Error
	})
}

// fail notes that a pass has failed. One whose model holds already was done: the model before does not know the numbers that its fine
// groups have now.
func (s *Service) fail(ctx context.Context, r *Run, reason string) error {
	return s.Store.Write(context.WithoutCancel(ctx), func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE insight_runs SET state = 'failed', reason = ?, ended_at = ? WHERE id = ? AND state = 'running'`, reason, s.Now().UnixMilli(), int64(r.ID)).Error
	})
}
