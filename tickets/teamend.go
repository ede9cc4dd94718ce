package tickets

import (
	"context"
	"strconv"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// TeamReplies says what becomes of a team's quick replies when the team ends.
type TeamReplies string

// The choices.
const (
	TeamRepliesMove   TeamReplies = "move" // to everybody's shelf
	TeamRepliesDelete TeamReplies = "delete"
)

// DeleteTeam ends a team. Its tickets stay where they are and go on naming it; nothing can be handed to it any more. Its
// quick replies, which nobody could reach now, go to everybody or are deleted. Errors: NotFound, Invalid (no such choice;
// everybody's shelf is full).
func (s *Service) DeleteTeam(ctx context.Context, team id.ID, replies TeamReplies) error {
	return s.changeTeam(ctx, team, func(c conn) error {
		if err := s.endReplies(c, MacroShelf{MacroTeam, team}, replies); err != nil {
			return err
		}
		if _, err := c.exec(`UPDATE teams SET deleted_at = ? WHERE id = ?`, Millis(s.now()), int64(team)); err != nil {
			return err
		}
		_, err := c.exec(`DELETE FROM team_agents WHERE team_id = ?`, int64(team))
		return err
	})
}

func (s *Service) endReplies(c conn, shelf MacroShelf, replies TeamReplies) error {
	if err := c.lockMacros(); err != nil {
		return err
	}
	switch replies {
	case TeamRepliesMove:
		if err := s.moveShelf(c, shelf, Everyones); err != nil {
			return err
		}
	case TeamRepliesDelete:
		if _, err := c.exec(`DELETE FROM macros WHERE scope = ? AND owner_id = ?`, shelf.args()...); err != nil {
			return err
		}
		if err := c.dropMacroFiles(); err != nil {
			return err
		}
	default:
		return fault.InvalidField("replies", "required", "error.team.replies", nil)
	}
	return c.dropEmptyGroups(shelf)
}

// moveShelf moves all of a shelf. A title that its new group has already gets a number, a shortcut that is taken goes.
func (s *Service) moveShelf(c conn, from, to MacroShelf) error {
	groups, err := s.macroGroups(c, from)
	if err != nil {
		return err
	}
	names, parents := map[id.ID]string{}, map[id.ID]id.ID{}
	for _, g := range groups {
		names[g.ID], parents[g.ID] = g.Name, g.ParentID
	}
	macros, err := s.readMacros(c, onShelf, from.args()...)
	if err != nil {
		return err
	}
	size := 0
	for i := range macros {
		size += len(macros[i].Text)
	}
	if err := c.shelfHasRoom(to, len(macros), size); err != nil {
		return err
	}
	for i := range macros {
		m := &macros[i]
		e := MacroEdit{Shelf: to, Title: m.Title, Shortcut: m.Shortcut, Text: m.Text, Group: names[m.GroupID]}
		if parent := parents[m.GroupID]; parent != 0 {
			e.Group, e.Subgroup = names[parent], names[m.GroupID]
		}
		if err := s.putBeside(c, m, e); err != nil {
			return err
		}
	}
	return nil
}

// titlesTried is how many titles are tried for one quick reply that moves.
const titlesTried = 50

// putBeside puts a quick reply on another shelf, under another title where its own is taken.
func (s *Service) putBeside(c conn, m *Macro, e MacroEdit) error {
	title := e.Title
	for n := 2; ; n++ {
		was := *m
		err := s.putMacro(c, m, e, false)
		f := fault.As(err)
		if f == nil || len(f.Fields) == 0 || f.Fields[0].Code != "taken" || n > titlesTried {
			return err
		}
		*m = was
		if f.Fields[0].Name == "shortcut" {
			e.Shortcut = ""
		} else {
			e.Title = numbered(title, n)
		}
	}
}

// numbered is a title with a number behind, within the length of titles.
func numbered(title string, n int) string {
	behind := " " + strconv.Itoa(n)
	return cut(title, MacroTitleMax-len(behind)) + behind
}

// RepliesOfTeams counts the quick replies of each team that has some.
func (s *Service) RepliesOfTeams(ctx context.Context) (map[id.ID]int, error) {
	out := map[id.ID]int{}
	return out, on(s.store.Read(ctx)).each(func(scan func(...any) error) error {
		var team id.ID
		var n int
		err := scan((*int64)(&team), &n)
		out[team] = n
		return err
	}, `SELECT m.owner_id, COUNT(*) FROM macros m WHERE m.scope = ? GROUP BY m.owner_id`, string(MacroTeam))
}
