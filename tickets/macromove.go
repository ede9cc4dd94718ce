package tickets

import (
	"context"
	"slices"

	"huiyin/tickets/id"
)

// MoveMacro moves a quick reply one place up (by -1) or down (by 1) in its group; at an end it stays. Errors: Denied,
// NotFound.
func (s *Service) MoveMacro(ctx context.Context, a Actor, macro id.ID, by int) error {
	return s.withMacro(ctx, a, macro, func(c conn, m *Macro) error {
		siblings, err := c.ids(`SELECT m.id FROM macros m`+onShelf+` AND m.group_id = ? ORDER BY m.place, m.id`,
			append(m.Shelf().args(), int64(m.GroupID))...)
		if err != nil {
			return err
		}
		return s.reorder(c, `UPDATE macros SET place = ?, updated_at = ? WHERE id = ? AND place <> ?`, siblings, macro, by)
	})
}

// MoveMacroGroup moves a group one place up or down among its siblings. Errors: Denied, NotFound.
func (s *Service) MoveMacroGroup(ctx context.Context, a Actor, group id.ID, by int) error {
	return s.withMacroGroup(ctx, a, group, func(c conn, g *MacroGroup) error {
		siblings, err := c.ids(`SELECT q.id FROM macro_groups q WHERE q.scope = ? AND q.owner_id = ? AND q.parent_id = ? ORDER BY q.place, q.id`,
			append(g.shelf().args(), int64(g.ParentID))...)
		if err != nil {
			return err
		}
		return s.reorder(c, `UPDATE macro_groups SET place = ?, updated_at = ? WHERE id = ? AND place <> ?`, siblings, group, by)
	})
}

// reorder moves one of the siblings and numbers those anew whose place has changed.
func (s *Service) reorder(c conn, update string, siblings []id.ID, one id.ID, by int) error {
	from := slices.Index(siblings, one)
	to := from + by
	if from < 0 || to < 0 || to >= len(siblings) {
		return nil
	}
	siblings = slices.Insert(slices.Delete(siblings, from, from+1), to, one)
	at := Millis(s.now())
	for i, sibling := range siblings {
		if _, err := c.exec(update, i+1, at, int64(sibling), i+1); err != nil {
			return err
		}
	}
	return nil
}
