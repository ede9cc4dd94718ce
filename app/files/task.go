package files

import (
	"bytes"
	"context"
	"io"
	"time"

	"huiyin/app/blob"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const taskTable = "improve_files"

// TaskFile is a file that was taken for an improvement task.
type TaskFile struct {
	Name, Type, File string
	Size             int64
}

// TakeForTask checks, seals with the desk's key and stores a file of an improvement task, for the row that will name it.
// Errors: as Take.
func (s *Service) TakeForTask(ctx context.Context, row id.ID, name string, body io.Reader) (TaskFile, error) {
	if err := s.MayWrite(); err != nil {
		return TaskFile{}, err
	}
	k, content, held, err := s.checked(ctx, name, body)
	defer s.room.Release(held)
	if err != nil {
		return TaskFile{}, err
	}
	f := TaskFile{Name: cleanName(name, k.media), Type: k.media, Size: int64(len(content)), File: blob.NewName()}
	if err := s.put(ctx, f.File, taskTable, Original, s.Sealer.DeskKey(), row, bytes.NewReader(content)); err != nil {
		return TaskFile{}, &fault.Error{Kind: fault.Unavailable, Key: "error.file.store", RetryAfter: 30 * time.Second, Err: err}
	}
	return f, nil
}

// OpenOfTask gives the content of a task's file. Errors: NotFound, Unavailable.
func (s *Service) OpenOfTask(ctx context.Context, row id.ID, file string) (io.ReadCloser, error) {
	return s.get(ctx, taskTable, Original, row, file)
}

// DropOfTask deletes the content of a task's file.
func (s *Service) DropOfTask(ctx context.Context, file string) error {
	return s.Store.Delete(ctx, file)
}
