package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"huiyin/app/db"
)

// RoomError is returned for a backup that was not begun: it would have left too little on its disk.
type RoomError struct {
	Dir        string
	Need, Free int64 // bytes
}

// Error says what is wanted and what helps.
func (e *RoomError) Error() string {
	return fmt.Sprintf("the disk of %s has too little room for a backup: about %s are needed and %s are free; make room, or move older backups to another machine",
		e.Dir, megabytes(e.Need), megabytes(e.Free))
}

func megabytes(n int64) string { return fmt.Sprintf("%d MB", (n+999_999)/1_000_000) }

// spareRoom is what a backup may be larger than expected.
const spareRoom = 8 << 20

// expect estimates the size of a backup. last is that of the one before; 0: there was none.
func (s *Source) expect(ctx context.Context, last int64) (int64, error) {
	var files int64
	err := filepath.WalkDir(s.Files, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return missing(err)
		}
		info, err := d.Info()
		if err == nil {
			files += info.Size()
		}
		return missing(err)
	})
	if err != nil {
		return 0, fmt.Errorf("look how large the files are: %w", err)
	}
	if last > 0 {
		return max(last+last/4, files) + spareRoom, nil
	}
	rows, err := s.DB.Size(ctx)
	return files + rows + spareRoom, err
}

// missing makes a file that has gone meanwhile no error.
func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// room refuses when need would leave too little on the disk of dir. Errors: *RoomError.
func (s *Source) room(dir string, need int64) error {
	if s.Room == nil {
		return nil
	}
	free, enough, err := s.Room(dir, need)
	if err == nil && !enough {
		err = &RoomError{Dir: dir, Need: need, Free: free}
	}
	return err
}

// roomFor asks for the room of a first backup in dir.
func (s *Source) roomFor(ctx context.Context, dir string) error {
	if s.Room == nil {
		return nil
	}
	need, err := s.expect(ctx, 0)
	if err != nil {
		return err
	}
	return s.room(dir, need)
}

// roomForDaily asks for the room of the daily backup and its proof: on SQLite that is a second database for a while.
func (s *Service) roomForDaily(ctx context.Context) error {
	if s.Room == nil {
		return nil
	}
	list, err := List(s.Dir)
	if err != nil {
		return err
	}
	var last int64
	if len(list) > 0 {
		last = list[0].Bytes
	}
	need, err := s.expect(ctx, last)
	if err == nil && s.DB.Dialect() == db.SQLite {
		var rows int64
		rows, err = s.DB.Size(ctx)
		need += rows
	}
	if err != nil {
		return err
	}
	return s.room(s.Dir, need)
}
