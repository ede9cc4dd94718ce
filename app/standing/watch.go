package standing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/shirou/gopsutil/v4/disk"

	"huiyin/tickets/fault"
)

const (
	// lowPart of a disk free and less tells the administrators.
	lowPart = 0.05
	// stopBelow, and lowPart, stops what comes in: a large disk with five per cent free is no emergency.
	stopBelow = 200 << 20
	// lookEvery is how old the last look may be.
	lookEvery = 2 * time.Second
	// retryAfter is when a shopper's page tries again.
	retryAfter = 30 * time.Second

	alertLow = "disk.low"
)

var (
	errFull     = errors.New("the disk of the data folder is nearly full: make room, or move the data folder to a larger disk")
	errReadOnly = errors.New("the disk of the data folder cannot be written to: it was made read-only, often because the disk is failing")
)

// Disk is the disk that holds the data folder, as far as this process may use it.
type Disk struct {
	Free, Total uint64 // bytes
	ReadOnly    bool
}

// Low tells whether it is time to make room.
func (d Disk) Low() bool { return d.ReadOnly || float64(d.Free) < lowPart*float64(d.Total) }

// problem is why nothing may be taken in; nil when there is room.
func (d Disk) problem() error {
	switch {
	case d.ReadOnly:
		return errReadOnly
	case d.Low() && d.Free < stopBelow:
		return errFull
	}
	return nil
}

// Options are what New needs.
type Options struct {
	Dir string // the data folder
	Now func() time.Time
	Log *slog.Logger
	// Alert tells the administrators; AlertOver says that it is over. nil: only the log hears.
	Alert     func(ctx context.Context, kind string, args map[string]string)
	AlertOver func(ctx context.Context, kind string)
}

// Watch looks after the disk of a data folder. It is safe for concurrent use.
type Watch struct {
	Options
	mu     sync.Mutex
	at     time.Time
	seen   Disk
	failed error
	told   bool
	looked bool // an earlier process may have told: the first look says how it stands
}

// New makes a watch; it starts nothing.
func New(o Options) *Watch {
	if o.Alert == nil {
		o.Alert = func(context.Context, string, map[string]string) {}
	}
	if o.AlertOver == nil {
		o.AlertOver = func(context.Context, string) {}
	}
	return &Watch{Options: o}
}

// Disk gives the disk as it was seen within the last two seconds.
func (w *Watch) Disk() (Disk, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	// A clock that was set back must not keep an old look alive.
	if age := w.Now().Sub(w.at); w.at.IsZero() || age >= lookEvery || age < 0 {
		w.seen, w.failed = look(w.Dir)
		w.at = w.Now()
	}
	return w.seen, w.failed
}

// Problem is why nothing may be taken in, in words for the operator; nil when there is room. A disk that cannot be
// looked at is not held against the shopper.
func (w *Watch) Problem() error {
	d, err := w.Disk()
	if err != nil {
		return nil
	}
	return d.problem()
}

// MayWrite refuses what comes in from outside while the disk takes no more. Errors: Unavailable, with RetryAfter.
func (w *Watch) MayWrite() error {
	err := w.Problem()
	if err == nil {
		return nil
	}
	e := fault.Wrap(fault.Unavailable, "error.disk.full", err)
	e.RetryAfter = retryAfter
	return e
}

// Look tells the administrators when the disk becomes low, and when it no longer is. The clock calls it.
func (w *Watch) Look(ctx context.Context) error {
	d, err := w.Disk()
	if err != nil {
		return err
	}
	w.mu.Lock()
	low, told, first := d.Low(), w.told, !w.looked
	w.told, w.looked = low, true
	w.mu.Unlock()
	switch {
	case low && !told:
		w.Log.ErrorContext(ctx, "the disk of the data folder is low", "free", d.Free, "total", d.Total, "read_only", d.ReadOnly)
		w.Alert(ctx, alertLow, map[string]string{"free": fmt.Sprintf("%d MB", d.Free/1_000_000)})
	case !low && told:
		w.Log.InfoContext(ctx, "the disk of the data folder has room again", "free", d.Free)
		w.AlertOver(ctx, alertLow)
	case first:
		w.AlertOver(ctx, alertLow)
	}
	return nil
}

// Room tells how many bytes are free on the disk of a folder, and whether a desk could still take in what comes when need
// more of them were taken.
func Room(dir string, need int64) (free int64, enough bool, err error) {
	d, err := look(dir)
	if err != nil {
		return 0, false, err
	}
	free = int64(d.Free) //nolint:gosec // a disk of 8 EB is not at hand
	left := Disk{Free: uint64(max(free-need, 0)), Total: d.Total, ReadOnly: d.ReadOnly}
	return free, free > need && left.problem() == nil, nil
}

// look asks the system. Whether a disk is read-only shows for sure only when one writes.
func look(dir string) (Disk, error) {
	usage, err := disk.Usage(dir)
	if err != nil {
		return Disk{}, fmt.Errorf("look at the disk of %s: %w", dir, err)
	}
	d := Disk{Free: usage.Free, Total: usage.Free + usage.Used}
	probe, err := os.CreateTemp(dir, ".probe-*")
	if errors.Is(err, syscall.EROFS) {
		d.ReadOnly = true
		return d, nil
	}
	if err != nil {
		return d, nil //nolint:nilerr // full, or out of handles: Free tells the first, and the second passes
	}
	return d, errors.Join(probe.Close(), os.Remove(probe.Name()))
}
