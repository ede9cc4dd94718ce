package improve

import (
	"context"
	"crypto/rand"
	"strings"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Mode says who puts shoppers into the arms of a trial.
type Mode string

// The modes.
const (
	ByHash Mode = "hash" // the desk
	ByFlag Mode = "flag" // the shop, which says so with its orders
)

// TrialState says where a trial stands.
type TrialState string

// The states of a trial.
const (
	Planned TrialState = "planned"
	Running TrialState = "running"
	Ended   TrialState = "ended"
)

// Trial is the change for a part of the shoppers. What was planned is fixed when it starts.
type Trial struct {
	ID        id.ID
	Task      id.ID
	Key       string // by which the shop's pages ask
	Mode      Mode
	Share     int // of the shoppers who are treated, in per cent
	Fall      int // that is hoped for, in per cent
	State     TrialState
	Need      int     // persons who have to complain until such a fall shows; 0: more than a trial can have
	Weeks     int     // that this takes; 0: nobody knows
	Pace      float64 // persons who complained in a week
	HarmOnly  bool    // there will be no answer in time: it is watched for harm
	StartedAt int64
	EndedAt   int64
}

// ShareUsual is the share of a new trial, in per cent: halves are the quickest.
const ShareUsual = 50

const (
	shareMin = 1
	shareMax = 99
)

const trialSelect = `SELECT x.id, x.task_id, x.public_key, x.mode, x.share, x.fall, x.state, x.need, x.weeks, x.pace, x.harm_only, COALESCE(x.started_at, 0), COALESCE(x.ended_at, 0) FROM improve_trials x`

func (s *Service) trials(tx *gorm.DB, where string, args ...any) (list []Trial, err error) {
	rows, err := tx.Raw(trialSelect+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var t Trial
		err := rows.Scan((*int64)(&t.ID), (*int64)(&t.Task), &t.Key, (*string)(&t.Mode), &t.Share, &t.Fall, (*string)(&t.State), &t.Need, &t.Weeks, &t.Pace, &t.HarmOnly, &t.StartedAt, &t.EndedAt)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

// TrialOf gives the newest trial of a task; nil when it has none.
func (s *Service) TrialOf(ctx context.Context, task id.ID) (*Trial, error) {
	return s.trialOfTx(s.Store.Read(ctx), task)
}

func (s *Service) trialOfTx(tx *gorm.DB, task id.ID) (*Trial, error) {
	list, err := s.trials(tx, ` WHERE x.task_id = ? ORDER BY x.id DESC LIMIT 1`, int64(task))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// TrialByKey gives the trial of a public key. Errors: NotFound.
func (s *Service) TrialByKey(ctx context.Context, key string) (*Trial, error) {
	list, err := s.trials(s.Store.Read(ctx), ` WHERE x.public_key = ?`, strings.ToLower(key))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "improve.error.trial")
	}
	return &list[0], nil
}

// newKey is a public key that nobody guesses.
func newKey() string { return strings.ToLower(rand.Text()[:16]) }

// PlanTrial plans the trial of a task, anew as long as it has not started. Errors: Denied, NotFound, Invalid with fields,
// Conflict (it runs).
func (s *Service) PlanTrial(ctx context.Context, by tickets.Actor, task id.ID, mode Mode, share int) (*Trial, error) {
	if err := mayLead(by); err != nil {
		return nil, err
	}
	w := &wrong{}
	if mode != ByHash && mode != ByFlag {
		w.add("mode", "invalid", "web.error.choice", nil)
	}
	if share < shareMin || share > shareMax {
		w.add("share", "range", "improve.error.share", map[string]any{"min": shareMin, "max": shareMax})
	}
	if err := w.err(); err != nil {
		return nil, err
	}
	row, key := s.IDs.Next(), newKey()
	err := s.Store.Write(ctx, func(tx *gorm.DB) error {
		t, err := s.taskTx(tx, task)
		if err != nil {
			return err
		}
		if t.How != OnTrial {
			return fault.New(fault.Conflict, "improve.error.no_trial")
		}
		was, err := s.trialOfTx(tx, task)
		if err != nil {
			return err
		}
		switch {
		case was != nil && was.State == Running:
			return fault.New(fault.Conflict, "improve.error.running")
		case was != nil && was.State == Planned:
			err = tx.Exec(`UPDATE improve_trials SET mode = ?, share = ? WHERE id = ? AND state = 'planned'`, string(mode), share, int64(was.ID)).Error
		default:
			err = tx.Exec(`INSERT INTO improve_trials (id, task_id, public_key, mode, share, fall, state, need, weeks, pace, harm_only, created_at) VALUES (?, ?, ?, ?, ?, ?, 'planned', 0, 0, 0, ?, ?)`,
				int64(row), int64(task), key, string(mode), share, t.Target, false, tickets.Millis(s.Now())).Error
		}
		if err != nil {
			return err
		}
		if _, err := s.note(tx, t, by, Entry{Kind: EntryTrial, Data: map[string]any{"what": "planned", "share": share, "mode": string(mode)}}); err != nil {
			return err
		}
		return s.tell(tx, t, by, "trial")
	})
	if err != nil {
		return nil, err
	}
	return s.TrialOf(ctx, task)
}

// ready gives the planned trial of a task with what it needs as things are now. Errors: Invalid.
func (s *Service) ready(ctx context.Context, t *Task) (*Trial, error) {
	if t.How != OnTrial {
		return nil, fault.InvalidField("state", "no_trial", "improve.error.no_trial", nil)
	}
	if len(t.Groups) == 0 {
		return nil, fault.InvalidField("state", "no_groups", "improve.error.no_groups", nil)
	}
	trial, err := s.TrialOf(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	if trial == nil || trial.State != Planned {
		return nil, fault.InvalidField("state", "unplanned", "improve.error.unplanned", nil)
	}
	look, err := s.Look(ctx, t.Groups, t.Target, trial.Share)
	if err != nil {
		return nil, err
	}
	trial.Fall, trial.Need, trial.Weeks, trial.Pace, trial.HarmOnly = t.Target, look.Trial.Need, look.Trial.Weeks, look.Pace, look.Trial.HarmOnly()
	return trial, nil
}

// startTx begins a trial: what was planned holds from now on.
func (s *Service) startTx(tx *gorm.DB, by tickets.Actor, t *Task, p *Trial) error {
	done := tx.Exec(`UPDATE improve_trials SET state = 'running', fall = ?, need = ?, weeks = ?, pace = ?, harm_only = ?, started_at = ? WHERE id = ? AND state = 'planned' AND share = ? AND mode = ?`,
		p.Fall, p.Need, p.Weeks, p.Pace, p.HarmOnly, tickets.Millis(s.Now()), int64(p.ID), p.Share, string(p.Mode))
	if done.Error != nil {
		return done.Error
	}
	if done.RowsAffected == 0 {
		return fault.New(fault.Conflict, "improve.error.changed")
	}
	_, err := s.note(tx, t, by, Entry{Kind: EntryTrial, Data: map[string]any{"what": "started", "share": p.Share, "mode": string(p.Mode), "need": p.Need, "weeks": p.Weeks}})
	return err
}

func (s *Service) endTx(tx *gorm.DB, by tickets.Actor, t *Task) error {
	if err := tx.Exec(`UPDATE improve_trials SET state = 'ended', ended_at = ? WHERE task_id = ? AND state = 'running'`, tickets.Millis(s.Now()), int64(t.ID)).Error; err != nil {
		return err
	}
	_, err := s.note(tx, t, by, Entry{Kind: EntryTrial, Data: map[string]any{"what": "ended"}})
	return err
}
