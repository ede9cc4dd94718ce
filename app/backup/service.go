package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"huiyin/app/db"
)

// Options are what New needs.
type Options struct {
	Source
	Dir string // folder of the backups
	Log *slog.Logger
	// Zone is the shop's: the hour of the daily backup is told in it.
	Zone func(ctx context.Context) *time.Location
	// Setting and SetSetting keep the plan and the record of the last backup, sealed.
	Setting    func(ctx context.Context, name string) (value []byte, set bool, err error)
	SetSetting func(ctx context.Context, name string, value []byte) error
	// Alert tells the administrators; AlertOver says that it is over. nil: only the log hears.
	Alert     func(ctx context.Context, kind string, args map[string]string)
	AlertOver func(ctx context.Context, kind string)
}

// Service makes the daily backup and proves it.
type Service struct {
	Options
	one sync.Mutex // one backup at a time in this process
}

// New makes the service; it starts nothing.
func New(o Options) *Service {
	if o.Alert == nil {
		o.Alert = func(context.Context, string, map[string]string) {}
	}
	if o.AlertOver == nil {
		o.AlertOver = func(context.Context, string) {}
	}
	return &Service{Options: o}
}

const (
	planSetting = "backup.plan"
	lastSetting = "backup.last"
	keysSetting = "backup.keys_elsewhere"

	alertFailed = "backup.failed"
)

// Plan says when the daily backup is made.
type Plan struct {
	Hour   int `json:"hour"` // of the shop's zone
	Minute int `json:"minute"`
}

// defaultPlan is the hour when a shop is quietest.
var defaultPlan = Plan{Hour: 3, Minute: 30}

// Last is the record of the last backup.
type Last struct {
	Name  string        `json:"name,omitempty"` // of FILE; empty: it failed before there was one
	At    int64         `json:"at"`             // Unix milliseconds
	Took  time.Duration `json:"took"`
	Bytes int64         `json:"bytes"`
	Rows  int64         `json:"rows"`
	Files int           `json:"files"`
	// Proved is when it was put back into a scratch place and compared; zero: not yet, or it failed.
	Proved   int64  `json:"proved,omitempty"`
	Problem  string `json:"problem,omitempty"` // why backup or proof failed, for the operator
	ProofFor int64  `json:"proof_rows,omitempty"`
}

// Plan gives the plan.
func (s *Service) Plan(ctx context.Context) (Plan, error) {
	p := defaultPlan
	return p, s.read(ctx, planSetting, &p)
}

// SetPlan changes the plan; the caller has checked it.
func (s *Service) SetPlan(ctx context.Context, p Plan) error { return s.write(ctx, planSetting, p) }

// Last gives the record of the last backup; its At is zero when there was none.
func (s *Service) Last(ctx context.Context) (Last, error) {
	var l Last
	return l, s.read(ctx, lastSetting, &l)
}

// KeysElsewhere tells whether an administrator has confirmed that the key ring lies elsewhere too, for the newest of
// the master keys.
func (s *Service) KeysElsewhere(ctx context.Context) (bool, error) {
	var confirmed string
	if err := s.read(ctx, keysSetting, &confirmed); err != nil || confirmed == "" {
		return false, err
	}
	newest, err := s.newest(ctx)
	return newest == confirmed, err
}

// ConfirmKeys notes that the key ring, as it is now, lies elsewhere too.
func (s *Service) ConfirmKeys(ctx context.Context) error {
	newest, err := s.newest(ctx)
	if err != nil {
		return err
	}
	return s.write(ctx, keysSetting, newest)
}

func (s *Service) newest(ctx context.Context) (string, error) {
	masters, err := s.Masters(ctx)
	if err != nil || len(masters) == 0 {
		return "", err
	}
	return masters[len(masters)-1].Fingerprint, nil
}

// Due tells whether the time of the daily backup has come since the last good one was begun.
func (s *Service) Due(ctx context.Context) (bool, error) {
	plan, err := s.Plan(ctx)
	if err != nil {
		return false, err
	}
	last, err := s.Last(ctx)
	if err != nil {
		return false, err
	}
	now := s.Now().In(s.Zone(ctx))
	due := time.Date(now.Year(), now.Month(), now.Day(), plan.Hour, plan.Minute, 0, 0, now.Location())
	if due.After(now) {
		due = due.AddDate(0, 0, -1)
	}
	begun := time.UnixMilli(last.At)
	if begun.After(now) { // the clock has gone back: the record says nothing
		return true, nil
	}
	return last.At == 0 || begun.Before(due) || (last.Problem != "" && now.Sub(begun) > retryAfter), nil
}

// retryAfter is how long a backup that failed rests.
const retryAfter = time.Hour

// Run makes a backup, tidies the folder, proves the backup and writes all of it down. What fails is told to the
// administrators.
func (s *Service) Run(ctx context.Context) error {
	if !s.one.TryLock() {
		return nil // one is under way
	}
	defer s.one.Unlock()
	begun := s.Now()
	last := Last{At: begun.UnixMilli()}
	err := s.run(ctx, begun, &last)
	if err != nil {
		last.Problem = err.Error()
		s.Log.ErrorContext(ctx, "backup failed", "error", err)
		s.Alert(ctx, alertFailed, map[string]string{"problem": last.Problem})
	} else {
		s.AlertOver(ctx, alertFailed)
	}
	return errors.Join(err, s.write(context.WithoutCancel(ctx), lastSetting, last))
}

func (s *Service) run(ctx context.Context, begun time.Time, last *Last) error {
	if err := s.room(); err != nil {
		return err
	}
	made, err := Write(ctx, s.Source, filepath.Join(s.Dir, dailyPrefix+begun.UTC().Format(stampForm)+ending), false)
	if err != nil {
		return err
	}
	last.Name, last.Took, last.Bytes, last.Rows, last.Files = filepath.Base(made.Path), made.Took, made.Bytes, made.Rows, made.Files
	proof, err := Prove(ctx, s.DB, made.Path, s.Dir)
	if err != nil {
		return err // the older ones stay: they may be the better ones
	}
	last.Proved, last.ProofFor = s.Now().UnixMilli(), proof.Rows
	s.Log.InfoContext(ctx, "backup made and proved", "file", last.Name, "rows", made.Rows, "files", made.Files, "bytes", made.Bytes, "took", made.Took)
	return tidy(s.Dir, s.Now())
}

func (s *Service) room() error {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return fmt.Errorf("make the folder of backups: %w", err)
	}
	return nil
}

// BeforeMigration copies a desk whose schema is about to change, and keeps the last three of such copies.
func BeforeMigration(ctx context.Context, s Source, dir string) (*Made, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of backups: %w", err)
	}
	var from int64
	err := s.DB.Snapshot(ctx, func(look *db.Snapshot) (err error) {
		from, err = look.Schema(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%s%d-%s%s", beforePrefix, from, s.Now().UTC().Format(stampForm), ending)
	made, err := Write(ctx, s, filepath.Join(dir, name), true)
	if err != nil {
		return nil, err
	}
	return made, tidy(dir, s.Now())
}

func (s *Service) read(ctx context.Context, name string, into any) error {
	value, set, err := s.Setting(ctx, name)
	if err != nil || !set {
		return err
	}
	if err := json.Unmarshal(value, into); err != nil {
		return fmt.Errorf("read the setting %s: %w", name, err)
	}
	return nil
}

func (s *Service) write(ctx context.Context, name string, v any) error {
	value, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.SetSetting(ctx, name, value)
}

// Open opens a kept backup by its name, to be taken elsewhere. Errors: fs.ErrNotExist for a name that is none of List's.
func (s *Service) Open(name string) (*os.File, error) {
	list, err := List(s.Dir)
	if err != nil {
		return nil, err
	}
	for _, k := range list {
		if k.Name() == name || k.Name()+KeysSuffix == name {
			return os.Open(filepath.Join(s.Dir, name))
		}
	}
	return nil, fs.ErrNotExist
}
