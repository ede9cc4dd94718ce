package tickets

import (
	"context"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// AddMacro adds a quick reply at the end of its group. Errors: Denied, NotFound (the team), Invalid.
func (s *Service) AddMacro(ctx context.Context, a Actor, e MacroEdit) (*Macro, error) {
	return s.saveMacro(ctx, a, 0, e)
}

// ChangeMacro changes a quick reply, and moves it where its shelf or group changes. Errors: Denied, NotFound, Invalid.
func (s *Service) ChangeMacro(ctx context.Context, a Actor, macro id.ID, e MacroEdit) (*Macro, error) {
	return s.saveMacro(ctx, a, macro, e)
}

// saveMacro saves the quick reply macro, or a new one for zero.
func (s *Service) saveMacro(ctx context.Context, a Actor, macro id.ID, e MacroEdit) (*Macro, error) {
	e, err := e.normal()
	if err != nil {
		return nil, err
	}
	var out *Macro
	return out, s.macroWrite(ctx, a, e.Shelf, func(c conn) error {
		m := &Macro{ID: s.ids.Next(), CreatedAt: Millis(s.now())}
		if macro != 0 {
			if m, err = s.macro(c, macro); err != nil {
				return err
			}
			if err := c.mayWriteMacros(a, m.Shelf()); err != nil {
				return err
			}
		}
		if macro == 0 || m.Shelf() != e.Shelf {
			if err := c.shelfHasRoom(e.Shelf, 1, len(e.Text)); err != nil {
				return err
			}
		}
		from := m.Shelf()
		if err := s.putMacro(c, m, e, macro == 0); err != nil {
			return err
		}
		out = m
		if from == e.Shelf || macro == 0 {
			return nil
		}
		return c.dropEmptyGroups(from)
	})
}

// macroWrite runs a change of a shelf: the right is looked at and the others wait; groups that it empties go.
func (s *Service) macroWrite(ctx context.Context, a Actor, shelf MacroShelf, fn func(c conn) error) error {
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		c := on(tx)
		if err := c.lockMacros(); err != nil {
			return err
		}
		if err := c.mayWriteMacros(a, shelf); err != nil {
			return err
		}
		if err := fn(c); err != nil {
			return err
		}
		return c.dropEmptyGroups(shelf)
	})
}

// shelfHasRoom refuses what would make a shelf too full to be loaded as a whole. Errors: Invalid.
func (c conn) shelfHasRoom(shelf MacroShelf, more, moreBytes int) error {
	var n, size int
	err := c.row(`SELECT COUNT(*), COALESCE(SUM(LENGTH(m.body)), 0) FROM macros m`+onShelf, shelf.args()...).Scan(&n, &size)
	if err == nil && (n+more > MacrosMax || size+moreBytes > macroShelfBytesMax) {
		err = fault.InvalidField("shelf", "full", "error.macro.full", map[string]any{"max": MacrosMax})
	}
	return err
}

// putMacro writes the row of a quick reply. Errors: Invalid (title or shortcut are taken).
func (s *Service) putMacro(c conn, m *Macro, e MacroEdit, fresh bool) error {
	group, err := s.findMacroGroup(c, e.Shelf, e.Group, e.Subgroup)
	if err != nil {
		return err
	}
	if fresh || m.GroupID != group || m.Shelf() != e.Shelf {
		if err := c.row(`SELECT COALESCE(MAX(m.place), 0) + 1 FROM macros m`+onShelf+` AND m.group_id = ?`,
			append(e.Shelf.args(), int64(group))...).Scan(&m.Place); err != nil {
			return err
		}
	}
	m.Scope, m.OwnerID, m.GroupID, m.UpdatedAt = e.Shelf.Scope, e.Shelf.Owner, group, Millis(s.now())
	m.Title, m.Shortcut, m.Text = e.Title, e.Shortcut, e.Text
	if err := s.sealMacro(c, m); err != nil {
		return err
	}
	if err := c.macroIsAlone(m); err != nil {
		return err
	}
	if fresh {
		_, err = c.exec(`INSERT INTO macros (id, scope, owner_id, group_id, title, title_hash, shortcut, shortcut_hash, body, place, created_at, updated_at)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, int64(m.ID), string(m.Scope), int64(m.OwnerID), int64(m.GroupID), m.TitleSealed, m.TitleHash,
			m.ShortcutSealed, m.ShortcutHash, m.TextSealed, m.Place, m.CreatedAt, m.UpdatedAt)
		return err
	}
	_, err = c.exec(`UPDATE macros SET scope = ?, owner_id = ?, group_id = ?, title = ?, title_hash = ?, shortcut = ?, shortcut_hash = ?, body = ?,
 place = ?, updated_at = ? WHERE id = ?`, string(m.Scope), int64(m.OwnerID), int64(m.GroupID), m.TitleSealed, m.TitleHash,
		m.ShortcutSealed, m.ShortcutHash, m.TextSealed, m.Place, m.UpdatedAt, int64(m.ID))
	return err
}

func (s *Service) sealMacro(c conn, m *Macro) (err error) {
	key := s.seal.DeskKey()
	if m.TitleSealed, err = s.sealed(c, key, "macros", "title", m.ID, m.Title); err != nil {
		return err
	}
	if m.ShortcutSealed, err = s.sealed(c, key, "macros", "shortcut", m.ID, m.Shortcut); err != nil {
		return err
	}
	m.TitleHash, m.ShortcutHash = s.seal.Hash(hashMacro, macroForm(m.Title)), nil
	if m.Shortcut != "" {
		m.ShortcutHash = s.seal.Hash(hashMacro, macroForm(m.Shortcut))
	}
	m.TextSealed, err = s.sealed(c, key, "macros", "body", m.ID, m.Text)
	return err
}

// macroIsAlone refuses a title that its group has already, and a shortcut that its shelf has.
func (c conn) macroIsAlone(m *Macro) error {
	taken, err := c.ids(`SELECT m.id FROM macros m`+onShelf+` AND m.group_id = ? AND m.title_hash = ? AND m.id <> ?`,
		append(m.Shelf().args(), int64(m.GroupID), m.TitleHash, int64(m.ID))...)
	if err != nil {
		return err
	}
	if len(taken) > 0 {
		return fault.InvalidField("title", "taken", "error.macro.title_taken", nil)
	}
	if m.ShortcutHash == nil {
		return nil
	}
	taken, err = c.ids(`SELECT m.id FROM macros m`+onShelf+` AND m.shortcut_hash = ? AND m.id <> ?`,
		append(m.Shelf().args(), m.ShortcutHash, int64(m.ID))...)
	if err == nil && len(taken) > 0 {
		err = fault.InvalidField("shortcut", "taken", "error.macro.shortcut_taken", nil)
	}
	return err
}

// DeleteMacro deletes a quick reply. Errors: Denied, NotFound.
func (s *Service) DeleteMacro(ctx context.Context, a Actor, macro id.ID) error {
	return s.withMacro(ctx, a, macro, func(c conn, m *Macro) error {
		if _, err := c.exec(`DELETE FROM macros WHERE id = ?`, int64(m.ID)); err != nil {
			return err
		}
		return c.dropMacroFiles()
	})
}

// withMacro runs a change of one quick reply on its own shelf.
func (s *Service) withMacro(ctx context.Context, a Actor, macro id.ID, fn func(c conn, m *Macro) error) error {
	m, err := s.Macro(ctx, a, macro)
	if err != nil {
		return err
	}
	return s.macroWrite(ctx, a, m.Shelf(), func(c conn) error {
		now, err := s.macro(c, macro)
		if err != nil {
			return err
		}
		if now.Shelf() != m.Shelf() {
			return noMacro() // moved elsewhere a moment ago
		}
		return fn(c, now)
	})
}

// UseMacro counts that somebody has put a quick reply into an answer. Errors: Denied, NotFound.
func (s *Service) UseMacro(ctx context.Context, a Actor, macro id.ID) error {
	if _, err := s.Macro(ctx, a, macro); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		_, err := on(tx).exec(`UPDATE macros SET uses = uses + 1, used_at = ? WHERE id = ?`, Millis(s.now()), int64(macro))
		return err
	})
}
