package backup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Names in the folder of backups: desk-20261125-033000.huiyin is a daily one, migration-2-20261125-033000.huiyin was
// made before the schema left version 2.
const (
	ending         = ".huiyin"
	dailyPrefix    = "desk-"
	beforePrefix   = "migration-"
	stampForm      = "20060102-150405"
	keepDaily      = 7
	keepBefore     = 3
	strayProofTime = 24 * time.Hour
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

// tidy keeps the newest backups of each sort, the newest keys, and nothing of a process that was killed.
func tidy(dir string, now time.Time) error {
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
	return errors.Join(append(errs, tidyStray(dir, now))...)
}

// tidyStray removes parts of files and scratch places that nobody works on any more.
func tidyStray(dir string, now time.Time) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		stray := strings.HasSuffix(e.Name(), partSuffix) || (strings.HasPrefix(e.Name(), "proof-") && strings.HasSuffix(e.Name(), ".tmp"))
		info, err := e.Info()
		if !stray || err != nil || now.Sub(info.ModTime()) < strayProofTime {
			continue
		}
		errs = append(errs, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return errors.Join(errs...)
}

func remove(path string) error {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
