package tickets

import (
	"context"
	"fmt"
	"slices"

	"huiyin/tickets/id"
)

// Macros are the quick replies that somebody may use, with their groups: shelf by shelf, groups and quick replies in
// the order that people gave them.
type Macros struct {
	Shelves []MacroShelf
	Groups  []MacroGroup
	Macros  []Macro
}

const (
	selectMacro = `SELECT m.id, m.scope, m.owner_id, m.group_id, m.title, m.title_hash, m.shortcut, m.shortcut_hash, m.body, m.place,
 m.uses, m.used_at, m.created_at, m.updated_at, (SELECT COUNT(*) FROM macro_files f WHERE f.macro_id = m.id) FROM macros m`
	selectMacroGroup = `SELECT q.id, q.scope, q.owner_id, q.parent_id, q.name, q.name_hash, q.place, q.created_at, q.updated_at FROM macro_groups q`
	onShelf          = ` WHERE m.scope = ? AND m.owner_id = ?`
)

func (s MacroShelf) args() []any { return []any{string(s.Scope), int64(s.Owner)} }

// Macros gives what somebody may use. Errors: Denied.
func (s *Service) Macros(ctx context.Context, a Actor) (*Macros, error) {
	c := on(s.store.Read(ctx))
	shelves, err := c.macroShelves(a)
	if err != nil {
		return nil, err
	}
	all := &Macros{Shelves: shelves}
	for _, shelf := range shelves {
		groups, err := s.macroGroups(c, shelf)
		if err != nil {
			return nil, err
		}
		macros, err := s.readMacros(c, onShelf, shelf.args()...)
		if err != nil {
			return nil, err
		}
		all.Groups, all.Macros = append(all.Groups, groups...), append(all.Macros, macros...)
	}
	return all, nil
}

// MacrosVersion changes whenever Macros would give other texts, groups or order; uses do not count.
func (s *Service) MacrosVersion(ctx context.Context, a Actor) (string, error) {
	c := on(s.store.Read(ctx))
	shelves, err := c.macroShelves(a)
	version := ""
	for _, shelf := range shelves {
		for _, count := range []string{
			`SELECT COUNT(*), COALESCE(MAX(m.updated_at), 0) FROM macros m` + onShelf,
			`SELECT COUNT(*), COALESCE(MAX(m.updated_at), 0) FROM macro_groups m` + onShelf,
		} {
			var n, newest int64
			if err := c.row(count, shelf.args()...).Scan(&n, &newest); err != nil {
				return "", err
			}
			version += fmt.Sprintf("%s %d %d;", shelf, n, newest)
		}
	}
	return version, err
}

// Macro gives one quick reply that somebody may use. Errors: NotFound, Denied.
func (s *Service) Macro(ctx context.Context, a Actor, macro id.ID) (*Macro, error) {
	c := on(s.store.Read(ctx))
	shelves, err := c.macroShelves(a)
	if err != nil {
		return nil, err
	}
	m, err := s.macro(c, macro)
	if err == nil && !slices.Contains(shelves, m.Shelf()) {
		err = noMacro()
	}
	return m, err
}

func (s *Service) macro(c conn, macro id.ID) (*Macro, error) {
	found, err := s.readMacros(c, ` WHERE m.id = ?`, int64(macro))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, noMacro()
	}
	return &found[0], nil
}

func (s *Service) readMacros(c conn, where string, args ...any) ([]Macro, error) {
	var out []Macro
	err := c.each(func(scan func(...any) error) error {
		var m Macro
		err := scan((*int64)(&m.ID), (*string)(&m.Scope), (*int64)(&m.OwnerID), (*int64)(&m.GroupID), &m.TitleSealed, &m.TitleHash,
			&m.ShortcutSealed, &m.ShortcutHash, &m.TextSealed, &m.Place, &m.Uses, &m.UsedAt, &m.CreatedAt, &m.UpdatedAt, &m.Files)
		out = append(out, m)
		return err
	}, selectMacro+where+` ORDER BY m.place, m.id`, args...)
	if err != nil {
		return nil, err
	}
	for i := range out {
		m := &out[i]
		for _, one := range []struct {
			column string
			sealed []byte
			text   *string
		}{{"title", m.TitleSealed, &m.Title}, {"shortcut", m.ShortcutSealed, &m.Shortcut}, {"body", m.TextSealed, &m.Text}} {
			if *one.text, err = s.open(c, "macros", one.column, m.ID, one.sealed); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// macroGroups gives the groups of a shelf, each before those within it.
func (s *Service) macroGroups(c conn, shelf MacroShelf) ([]MacroGroup, error) {
	var out []MacroGroup
	err := c.each(func(scan func(...any) error) error {
		var g MacroGroup
		err := scan((*int64)(&g.ID), (*string)(&g.Scope), (*int64)(&g.OwnerID), (*int64)(&g.ParentID), &g.NameSealed, &g.NameHash,
			&g.Place, &g.CreatedAt, &g.UpdatedAt)
		out = append(out, g)
		return err
	}, selectMacroGroup+` WHERE q.scope = ? AND q.owner_id = ? ORDER BY q.parent_id, q.place, q.id`, shelf.args()...)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Name, err = s.open(c, "macro_groups", "name", out[i].ID, out[i].NameSealed); err != nil {
			return nil, err
		}
	}
	return out, nil
}
