package improve

import (
	"context"
	"errors"
	"io"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// File is something that was attached to a task.
type File struct {
	ID   id.ID
	By   id.ID
	Name string
	Type string // media type, by content
	Size int64
	At   int64

	file string // in the store
}

const filesTable = "improve_files"

// FilesOfTask gives what was attached to a task, the oldest first.
func (s *Service) FilesOfTask(ctx context.Context, task id.ID) ([]File, error) {
	tx := s.Store.Read(ctx)
	rows, err := tx.Raw(`SELECT id, agent_id, type, size, file, name, created_at FROM improve_files WHERE task_id = ? ORDER BY id`, int64(task)).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var list []File
	var names [][]byte
	for rows.Next() {
		var f File
		var name []byte
		if err := rows.Scan((*int64)(&f.ID), (*int64)(&f.By), &f.Type, &f.Size, &f.file, &name, &f.At); err != nil {
			return nil, err
		}
		list, names = append(list, f), append(names, name)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Name, err = s.Sealer.OpenText(tx, filesTable, "name", list[i].ID, names[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Attach adds a file to a task. Errors: Denied, NotFound, Invalid, TooLarge, Unavailable.
func (s *Service) Attach(ctx context.Context, by tickets.Actor, task id.ID, name string, body io.Reader) error {
	may, err := s.MayWrite(ctx, by, task)
	if err != nil {
		return err
	}
	if !may {
		return fault.New(fault.Denied, "improve.error.mentioned")
	}
	if err := s.hasRoom(s.Store.Read(ctx), task); err != nil {
		return err
	}
	row := s.IDs.Next()
	kept, err := s.Files.Keep(ctx, row, name, body)
	if err != nil {
		return err
	}
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		t, err := s.taskTx(tx, task)
		if err != nil {
			return err
		}
		if err := s.hasRoom(tx, task); err != nil {
			return err
		}
		sealed, err := s.Sealer.SealText(tx, s.Sealer.DeskKey(), filesTable, "name", row, kept.Name)
		if err != nil {
			return err
		}
		err = tx.Exec(`INSERT INTO improve_files (id, task_id, agent_id, type, size, file, name, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			int64(row), int64(task), int64(by.ID), kept.Type, kept.Size, kept.File, sealed, tickets.Millis(s.Now())).Error
		if err != nil {
			return err
		}
		if _, err := s.note(tx, t, by, Entry{Kind: EntryFile, Body: kept.Name, Data: map[string]any{"file": row.String()}}); err != nil {
			return err
		}
		return s.tell(tx, t, by, "file")
	})
	if err != nil {
		return errors.Join(err, s.Files.Drop(context.WithoutCancel(ctx), kept.File))
	}
	return nil
}

func (s *Service) hasRoom(tx *gorm.DB, task id.ID) error {
	n := 0
	if err := tx.Raw(`SELECT COUNT(*) FROM improve_files WHERE task_id = ?`, int64(task)).Row().Scan(&n); err != nil {
		return err
	}
	if n >= FilesMost {
		return fault.InvalidField("file", "too_many", "improve.error.files", map[string]any{"max": FilesMost})
	}
	return nil
}

// Detach takes a file from a task, for who leads and for who has brought it. Errors: Denied, NotFound.
func (s *Service) Detach(ctx context.Context, by tickets.Actor, task, file id.ID) error {
	f, err := s.fileOf(ctx, task, file)
	if err != nil {
		return err
	}
	if err := mayLead(by); err != nil && f.By != by.ID {
		return err
	}
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		t, err := s.taskTx(tx, task)
		if err != nil {
			return err
		}
		done := tx.Exec(`DELETE FROM improve_files WHERE id = ? AND task_id = ?`, int64(file), int64(task))
		if done.Error != nil || done.RowsAffected == 0 {
			return done.Error
		}
		if _, err := s.note(tx, t, by, Entry{Kind: EntryFile, Body: f.Name, Data: map[string]any{"removed": file.String()}}); err != nil {
			return err
		}
		return s.tell(tx, t, by, "file")
	})
	if err != nil {
		return err
	}
	return s.Files.Drop(context.WithoutCancel(ctx), f.file)
}

func (s *Service) fileOf(ctx context.Context, task, file id.ID) (*File, error) {
	all, err := s.FilesOfTask(ctx, task)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].ID == file {
			return &all[i], nil
		}
	}
	return nil, fault.New(fault.NotFound, "error.file.not_found")
}

// OpenFile gives a file of a task with its content. Errors: NotFound, Unavailable.
func (s *Service) OpenFile(ctx context.Context, task, file id.ID) (*File, io.ReadCloser, error) {
	f, err := s.fileOf(ctx, task, file)
	if err != nil {
		return nil, nil, err
	}
	body, err := s.Files.Open(ctx, f.ID, f.file)
	return f, body, err
}

// FilesOf tells which of these files in the store are tasks'.
func (s *Service) FilesOf(ctx context.Context, names []string) (out []string, err error) {
	if len(names) == 0 {
		return nil, nil
	}
	err = s.Store.Read(ctx).Raw(`SELECT file FROM improve_files WHERE file IN ?`, names).Scan(&out).Error
	return out, err
}
