package backup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Names in the folder of backups: desk-20261125-033000.huiyin is a daily one, migration-2-20261125-033000.huiyin was
// made before the schema left version 2.
const (
	ending       = ".huiyin"
	dailyPrefix  = "desk-"
	beforePrefix = "migration-"
	stampForm    = "20060102-150405"
	keepDaily    = 7
	keepBefore   = 3

	scratchPrefix, scratchSuffix = "proof-", ".tmp"
	scratchLock                  = "lock" // in a scratch place, held while it is used
)

// Kept is a backup in the folder.
type Kept struct {
	Path  string
	At    time.Time // when it was begun, UTC
	Bytes int64     // of FILE alone
	Daily bool      // else: made before a migration
}

// Name is the file's name.
func (k Kept) Name() string { return filepath.Base(k.Path) }

// List gives the backups in a folder, the newest first. A folder that is not there has none.
func List(dir string) ([]Kept, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []Kept
	for _, e := range entries {
		base, ok := strings.CutSuffix(e.Name(), ending)
		daily := strings.HasPrefix(base, dailyPrefix)
		if !ok || (!daily && !strings.HasPrefix(base, beforePrefix)) || len(base) < len(stampForm) {
			continue
		}
		at, err := time.Parse(stampForm, base[len(base)-len(stampForm):])
		if err != nil {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, Kept{Path: filepath.Join(dir, e.Name()), At: at, Bytes: info.Size(), Daily: daily})
	}
	slices.SortFunc(list, func(a, b Kept) int { return b.At.Compare(a.At) })
	return list, nil
}

// stamp is the time that a new backup in dir bears: now, but behind every other's there. A clock that was set back must
// not make the newest look older than last week's, which would then be the one that is kept with its keys.
func stamp(dir string, now time.Time) (time.Time, error) {
	at := now.UTC().Truncate(time.Second)
	list, err := List(dir)
	if err == nil && len(list) > 0 && !at.After(list[0].At) {
		at = list[0].At.Add(time.Second)
	}
	return at, err
}

// tidy keeps the newest backups of each sort, the newest keys, and nothing of a process that was killed.
func tidy(dir string) error {
	list, err := List(dir)
	if err != nil {
		return err
	}
	var errs []error
	left := map[bool]int{true: keepDaily, false: keepBefore}
	for i, k := range list {
		if left[k.Daily]--; left[k.Daily] < 0 {
			errs = append(errs, remove(k.Path))
		}
		if i > 0 || left[k.Daily] < 0 { // the newest keys open every FILE
			errs = append(errs, remove(k.Path+KeysSuffix))
		}
	}
	return errors.Join(append(errs, tidyStray(dir))...)
}

// tidyStray removes parts of files and scratch places that nobody works on any more: whoever does holds their lock.
func tidyStray(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return missing(err)
	}
	var errs []error
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		lock := path
		switch {
		case strings.HasPrefix(e.Name(), scratchPrefix) && strings.HasSuffix(e.Name(), scratchSuffix):
			lock = filepath.Join(path, scratchLock)
		case !strings.HasSuffix(e.Name(), partSuffix):
			continue
		}
		errs = append(errs, removeUnlocked(path, lock))
	}
	return errors.Join(errs...)
}

func removeUnlocked(path, at string) error {
	lock := flock.New(at)
	free, err := lock.TryLock()
	if err != nil || !free {
		return missing(err)
	}
	return errors.Join(os.RemoveAll(path), lock.Close())
}

func remove(path string) error {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
