package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"huiyin/app/db"
)

// RenewKeys writes the keys in the folder anew, without those that were dropped since, and removes every other FILE.keys:
// somebody who is erased today must not be readable by the keys of last night. The other nodes do the same with their
// folders within a minute. Errors: ErrUnderWay.
func (s *Service) RenewKeys(ctx context.Context) error {
	if !s.one.TryLock() {
		return ErrUnderWay
	}
	defer s.one.Unlock()
	if s.Nodes != nil {
		if err := s.write(ctx, renewSetting, s.Now().UnixNano()); err != nil {
			return err
		}
	}
	return s.renewKeys(ctx)
}

func (s *Service) renewKeys(ctx context.Context) error {
	list, err := List(s.Dir)
	if err != nil || len(list) == 0 {
		return err
	}
	newest := list[0].Path + KeysSuffix
	made := list[0].At // the keys open no FILE that says it is younger, whatever the clock says
	if now := s.Now().UTC().Truncate(time.Second); now.After(made) {
		made = now
	}
	if err := s.writeKeysAlone(ctx, newest, made); err != nil {
		return fmt.Errorf("renew the keys of the backups: %w", err)
	}
	return removeKeys(s.Dir, newest)
}

func (s *Source) writeKeysAlone(ctx context.Context, path string, made time.Time) error {
	h := Header{Format: format, Made: made, Program: s.Program, Dialect: s.DB.Dialect()}
	return s.DB.Snapshot(ctx, func(look *db.Snapshot) error {
		tables, err := s.head(ctx, look, &h)
		if err != nil {
			return err
		}
		keys, err := create(path)
		if err != nil {
			return err
		}
		defer keys.discard()
		if err := s.writeKeys(ctx, look, keys, h, tables); err != nil {
			return err
		}
		var bytes int64
		return keys.keep(&bytes)
	})
}

// removeKeys removes all keys in the folder but one, and keys that a killed process had half written.
func removeKeys(dir, but string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	errs := []error{}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if path != but && strings.HasSuffix(strings.TrimSuffix(e.Name(), partSuffix), ending+KeysSuffix) {
			errs = append(errs, remove(path))
		}
	}
	return errors.Join(errs...)
}
