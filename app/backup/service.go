package backup

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Options are what New needs.
type Options struct {
	Source
	Dir  string // folder of the backups
	Node string // this machine, as those who run it know it
	Log  *slog.Logger
	// Zone is the shop's: the hour of the daily backup is told in it.
	Zone func(ctx context.Context) *time.Location
	// Setting and SetSetting keep the plan and the record of the last backup, sealed.
	Setting    func(ctx context.Context, name string) (value []byte, set bool, err error)
	SetSetting func(ctx context.Context, name string, value []byte) error
	// Alert tells the administrators; AlertOver says that it is over. nil: only the log hears.
	Alert     func(ctx context.Context, kind string, args map[string]string)
	AlertOver func(ctx context.Context, kind string)
	// Nodes keeps the nodes of one desk apart. nil: this process is the only one.
	Nodes *Nodes
}

// Nodes are the leases that the nodes of one desk share.
type Nodes struct {
	Lease   func(ctx context.Context, name string, ttl time.Duration) (held bool, err error)
	Release func(ctx context.Context, name string) error
	// Held tells whether anybody holds the lease.
	Held func(ctx context.Context, name string) (bool, error)
	// Serving names the nodes that serve now.
	Serving func(ctx context.Context) ([]string, error)
}

// Service makes the daily backup and proves it.
type Service struct {
	Options
	one     sync.Mutex    // one backup at a time in this process
	asked   chan struct{} // Now asks Loop
	renewed int64         // Loop's: the call for new keys that this folder has heeded
}

// New makes the service; it starts nothing.
func New(o Options) *Service {
	if o.Alert == nil {
		o.Alert = func(context.Context, string, map[string]string) {}
	}
	if o.AlertOver == nil {
		o.AlertOver = func(context.Context, string) {}
	}
	return &Service{Options: o, asked: make(chan struct{}, 1)}
}

const (
	planSetting = "backup.plan"
	lastSetting = "backup.last"
	keysSetting = "backup.keys_elsewhere"

	begunSetting  = "backup.begun"
	placesSetting = "backup.places"
	renewSetting  = "backup.renew"

	alertFailed = "backup.failed"
	alertRoom   = "backup.room"
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
	// Need and Free, in bytes, say that it was not begun for want of room.
	Need int64  `json:"need,omitempty"`
	Free int64  `json:"free,omitempty"`
	Node string `json:"node,omitempty"` // that made it
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
