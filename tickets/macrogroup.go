package tickets

import (
	"context"
	"slices"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// A group exists while something lies in it: the first quick reply that names it makes it, the last that leaves it
// takes it along.

// findMacroGroup finds or makes the group of these names; zero for none. Errors: Invalid.
func (s *Service) findMacroGroup(c conn, shelf MacroShelf, group, subgroup string) (id.ID, error) {
	if group == "" {
		return 0, nil
	}
	top, err := s.macroGroupNamed(c, shelf, 0, group)
	if err != nil || subgroup == "" {
		return top, err
	}
	return s.macroGroupNamed(c, shelf, top, subgroup)
}

func (s *Service) macroGroupNamed(c conn, shelf MacroShelf, parent id.ID, name string) (id.ID, error) {
	hash := s.seal.Hash(hashMacro, macroForm(name))
	found, err := c.ids(`SELECT q.id FROM macro_groups q WHERE q.scope = ? AND q.owner_id = ? AND q.parent_id = ? AND q.name_hash = ?`,
		append(shelf.args(), int64(parent), hash)...)
	if err != nil || len(found) > 0 {
		return slices.Max(append(found, 0)), err
	}
	var n, place int64
	err = c.row(`SELECT COUNT(*), COALESCE(MAX(q.place), 0) + 1 FROM macro_groups q WHERE q.scope = ? AND q.owner_id = ?`, shelf.args()...).Scan(&n, &place)
	if err != nil {
		return 0, err
	}
	if n >= macroGroupsMax {
		return 0, fault.InvalidField("group", "too_many", "error.macro.groups", map[string]any{"max": macroGroupsMax})
	}
	group, at := s.ids.Next(), Millis(s.now())
	sealed, err := s.sealed(c, s.seal.DeskKey(), "macro_groups", "name", group, name)
	if err != nil {
		return 0, err
	}
	_, err = c.exec(`INSERT INTO macro_groups (id, scope, owner_id, parent_id, name, name_hash, place, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		int64(group), string(shelf.Scope), int64(shelf.Owner), int64(parent), sealed, hash, place, at, at)
	return group, err
}

// dropEmptyGroups deletes the groups of a shelf in which nothing lies, the inner ones first.
func (c conn) dropEmptyGroups(shelf MacroShelf) error {
	const empty = `DELETE FROM macro_groups WHERE scope = ? AND owner_id = ?
 AND NOT EXISTS (SELECT 1 FROM macros m WHERE m.scope = ? AND m.owner_id = ? AND m.group_id = macro_groups.id)`
	twice := append(shelf.args(), shelf.args()...)
	if _, err := c.exec(empty+` AND parent_id <> 0`, twice...); err != nil {
		return err
	}
	_, err := c.exec(empty+` AND parent_id = 0
 AND NOT EXISTS (SELECT 1 FROM macro_groups q WHERE q.scope = ? AND q.owner_id = ? AND q.parent_id = macro_groups.id)`, append(twice, shelf.args()...)...)
	return err
}

// RenameMacroGroup gives a group another name. Errors: Denied, NotFound, Invalid (the name is taken).
func (s *Service) RenameMacroGroup(ctx context.Context, a Actor, group id.ID, name string) error {
	name, err := requiredLine("name", name, MacroGroupMax)
	if err != nil {
		return err
	}
	return s.withMacroGroup(ctx, a, group, func(c conn, g *MacroGroup) error {
		hash := s.seal.Hash(hashMacro, macroForm(name))
		taken, err := c.ids(`SELECT q.id FROM macro_groups q WHERE q.scope = ? AND q.owner_id = ? AND q.parent_id = ? AND q.name_hash = ? AND q.id <> ?`,
			append(g.shelf().args(), int64(g.ParentID), hash, int64(g.ID))...)
		if err != nil {
			return err
		}
		if len(taken) > 0 {
			return fault.InvalidField("name", "taken", "error.macro.group_taken", nil)
		}
		sealed, err := s.sealed(c, s.seal.DeskKey(), "macro_groups", "name", g.ID, name)
		if err != nil {
			return err
		}
		_, err = c.exec(`UPDATE macro_groups SET name = ?, name_hash = ?, updated_at = ? WHERE id = ?`, sealed, hash, Millis(s.now()), int64(g.ID))
		return err
	})
}

// DeleteMacroGroup deletes a group with all that lies in it. Errors: Denied, NotFound.
func (s *Service) DeleteMacroGroup(ctx context.Context, a Actor, group id.ID) error {
	return s.withMacroGroup(ctx, a, group, func(c conn, g *MacroGroup) error {
		inner, err := c.ids(`SELECT q.id FROM macro_groups q WHERE q.scope = ? AND q.owner_id = ? AND q.parent_id = ?`,
			append(g.shelf().args(), int64(g.ID))...)
		if err != nil {
			return err
		}
		for _, one := range append(inner, g.ID) {
			if _, err := c.exec(`DELETE FROM macros WHERE scope = ? AND owner_id = ? AND group_id = ?`, append(g.shelf().args(), int64(one))...); err != nil {
				return err
			}
		}
		return c.dropMacroFiles() // the empty groups go by themselves
	})
}

func (g *MacroGroup) shelf() MacroShelf { return MacroShelf{g.Scope, g.OwnerID} }

// withMacroGroup runs a change of one group on its shelf.
func (s *Service) withMacroGroup(ctx context.Context, a Actor, group id.ID, fn func(c conn, g *MacroGroup) error) error {
	read := func(c conn) (*MacroGroup, error) {
		g := &MacroGroup{ID: group}
		err := c.row(`SELECT q.scope, q.owner_id, q.parent_id, q.place FROM macro_groups q WHERE q.id = ?`, int64(group)).
			Scan((*string)(&g.Scope), (*int64)(&g.OwnerID), (*int64)(&g.ParentID), &g.Place)
		return g, noRows(err, noMacro())
	}
	g, err := read(on(s.store.Read(ctx)))
	if err != nil {
		return err
	}
	return s.macroWrite(ctx, a, g.shelf(), func(c conn) error {
		if g, err = read(c); err != nil {
			return err
		}
		return fn(c, g)
	})
}
