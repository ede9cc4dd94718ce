package tickets

import (
	"context"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// MacroFile is a file of a quick reply: the desk's own, sealed with its key. An answer never carries it but a copy that
// belongs to the ticket, so that erasing a person takes no file of the desk, and no file of the desk becomes a person's.
type MacroFile struct {
	ID         id.ID `gorm:"primaryKey;autoIncrement:false"`
	MacroID    id.ID
	NameSealed []byte `gorm:"column:name"`
	Name       string `gorm:"-"`
	Type       string // media type, by content
	Size       int64  // bytes
	File       string // random name in the file store
	CreatedAt  int64  `gorm:"autoCreateTime:false"`
}

// MacroFilesMax is how many files a quick reply has at most.
const MacroFilesMax = 5

// MacroFiles gives the files of a quick reply that somebody may use. Errors: NotFound, Denied.
func (s *Service) MacroFiles(ctx context.Context, a Actor, macro id.ID) ([]MacroFile, error) {
	if _, err := s.Macro(ctx, a, macro); err != nil {
		return nil, err
	}
	c := on(s.store.Read(ctx))
	var out []MacroFile
	err := c.each(func(scan func(...any) error) error {
		var f MacroFile
		err := scan((*int64)(&f.ID), (*int64)(&f.MacroID), &f.NameSealed, &f.Type, &f.Size, &f.File, &f.CreatedAt)
		out = append(out, f)
		return err
	}, `SELECT f.id, f.macro_id, f.name, f.type, f.size, f.file, f.created_at FROM macro_files f WHERE f.macro_id = ? ORDER BY f.id`, int64(macro))
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Name, err = s.open(c, "macro_files", "name", out[i].ID, out[i].NameSealed); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// MacroFile gives one file of a quick reply that somebody may use. Errors: NotFound, Denied.
func (s *Service) MacroFile(ctx context.Context, a Actor, macro, file id.ID) (*MacroFile, error) {
	all, err := s.MacroFiles(ctx, a, macro)
	for i := range all {
		if all[i].ID == file {
			return &all[i], nil
		}
	}
	if err == nil {
		err = fault.New(fault.NotFound, "error.file.not_found")
	}
	return nil, err
}

// MayAddMacroFile refuses before a file is read who may not add one. Errors: Denied, NotFound, Invalid (there are enough).
func (s *Service) MayAddMacroFile(ctx context.Context, a Actor, macro id.ID) error {
	m, err := s.Macro(ctx, a, macro)
	if err != nil {
		return err
	}
	if err := on(s.store.Read(ctx)).mayWriteMacros(a, m.Shelf()); err != nil {
		return err
	}
	return m.hasRoomForFile()
}

func (m *Macro) hasRoomForFile() error {
	if m.Files >= MacroFilesMax {
		return fault.InvalidField("file", "too_many", "error.macro.files", map[string]any{"max": MacroFilesMax})
	}
	return nil
}

// AddMacroFile notes a file that was stored, under an id that its content is sealed for. Errors: Denied, NotFound, Invalid.
func (s *Service) AddMacroFile(ctx context.Context, a Actor, f *MacroFile) (err error) {
	if f.Name, err = requiredLine("name", cut(f.Name, attachmentNameMax), attachmentNameMax); err != nil {
		return err
	}
	return s.withMacro(ctx, a, f.MacroID, func(c conn, m *Macro) error {
		if err := m.hasRoomForFile(); err != nil {
			return err
		}
		f.CreatedAt = Millis(s.now())
		if f.NameSealed, err = s.sealed(c, s.seal.DeskKey(), "macro_files", "name", f.ID, f.Name); err != nil {
			return err
		}
		_, err := c.exec(`INSERT INTO macro_files (id, macro_id, name, type, size, file, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			int64(f.ID), int64(m.ID), f.NameSealed, f.Type, f.Size, f.File, f.CreatedAt)
		if err != nil {
			return err
		}
		return s.macroChanged(c, m)
	})
}

// RemoveMacroFile takes a file from its quick reply; its content goes with the sweep. Errors: Denied, NotFound.
func (s *Service) RemoveMacroFile(ctx context.Context, a Actor, macro, file id.ID) error {
	return s.withMacro(ctx, a, macro, func(c conn, m *Macro) error {
		n, err := c.exec(`DELETE FROM macro_files WHERE id = ? AND macro_id = ?`, int64(file), int64(m.ID))
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "error.file.not_found")
		}
		if err != nil {
			return err
		}
		return s.macroChanged(c, m)
	})
}

// macroChanged lets screens that hold the quick replies ask again.
func (s *Service) macroChanged(c conn, m *Macro) error {
	_, err := c.exec(`UPDATE macros SET updated_at = ? WHERE id = ?`, Millis(s.now()), int64(m.ID))
	return err
}

// dropMacroFiles deletes the rows of files whose quick reply is gone. The sweep deletes what lies in the store without a row.
func (c conn) dropMacroFiles() error {
	_, err := c.exec(`DELETE FROM macro_files WHERE NOT EXISTS (SELECT 1 FROM macros m WHERE m.id = macro_files.macro_id)`)
	return err
}
