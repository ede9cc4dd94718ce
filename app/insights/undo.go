package insights

import (
	"context"
	"errors"
	"maps"
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Undo takes an action back, once, whoever did it. Errors: NotFound, Conflict (it was undone already, or what it did was
// changed since: later actions are to be undone first).
func (s *Service) Undo(ctx context.Context, by, action id.ID) error {
	_, err := s.byHand(ctx, func(tx *gorm.DB) (id.ID, error) {
		list, err := s.actions(tx, ` WHERE a.id = ?`, int64(action))
		if err != nil {
			return 0, err
		}
		if len(list) == 0 {
			return 0, fault.New(fault.NotFound, "insights.error.action")
		}
		a := &list[0]
		if a.UndoneAt != nil {
			return 0, fault.New(fault.Conflict, "insights.error.undone")
		}
		if err := s.undo(tx, a); err != nil {
			return 0, err
		}
		return 0, tx.Exec(`UPDATE insight_actions SET undone_at = ?, undone_by = ? WHERE id = ?`, s.Now().UnixMilli(), idOrNull(by), int64(action)).Error
	})
	return err
}

// errSince is what stands in the way of an undo.
var errSince = fault.New(fault.Conflict, "insights.error.since")

func (s *Service) undo(tx *gorm.DB, a *Action) error {
	if a.Kind == DidMove {
		return s.undoMove(tx, a)
	}
	list, err := s.groups(tx, ` WHERE g.id = ?`, int64(a.GroupID))
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errSince
	}
	g := &list[0]
	switch a.Kind {
	case DidRename:
		if g.Title != a.Title {
			return errSince
		}
		return s.setTitle(tx, g.ID, a.Was)
	case DidMute, DidUnmute:
		if g.State != Muted && a.Kind == DidMute || g.State != Open && a.Kind == DidUnmute {
			return errSince
		}
		return s.change(tx, g.ID, `state = ?`, string(a.data.Groups[0].State))
	case DidPin, DidUnpin:
		if g.Pinned != (a.Kind == DidPin) {
			return errSince
		}
		return s.change(tx, g.ID, `pinned = ?`, a.data.Pinned)
	case DidRefuse:
		return s.refuseTwin(tx, g.ID, a.data.Twin, false)
	case DidMerge:
		return s.undoMerge(tx, g, a)
	default:
		return s.undoSplit(tx, g, a)
	}
}

// undoMerge gives the groups back, with the fine groups that were theirs and are still where they were brought.
func (s *Service) undoMerge(tx *gorm.DB, g *Group, a *Action) error {
	if g.MergedInto != nil {
		return errSince
	}
	others, err := s.groups(tx, ` WHERE g.id IN ? AND g.merged_into = ?`, int64s(a.Others), int64(g.ID))
	if err != nil {
		return err
	}
	if len(others) < len(a.Others) {
		return errSince
	}
	if err := s.giveBack(tx, g.ID, a); err != nil {
		return err
	}
	for _, other := range a.data.Groups {
		if err := s.change(tx, other.ID, `state = ?, merged_into = NULL`, string(other.State)); err != nil {
			return err
		}
		if err := s.sum(tx, other.ID); err != nil {
			return err
		}
	}
	if err := s.change(tx, g.ID, `pinned = ?`, a.data.Pinned || g.Pinned && !pinnedOthers(others)); err != nil {
		return err
	}
	return s.sum(tx, g.ID)
}

// pinnedOthers tells whether a merge has pinned the group that these went into: else somebody did.
func pinnedOthers(others []Group) bool {
	return slices.ContainsFunc(others, func(g Group) bool { return g.Pinned })
}

// undoSplit makes the group that was split off part of the one that it came from.
func (s *Service) undoSplit(tx *gorm.DB, g *Group, a *Action) error {
	made := a.data.Groups[0].ID
	off, err := s.groups(tx, ` WHERE g.id = ?`, int64(made))
	if err != nil {
		return err
	}
	if len(off) == 0 || off[0].MergedInto != nil || g.MergedInto != nil {
		return errSince
	}
	fines, err := s.finesTx(tx, made)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(fines, func(f Group) bool { return !slices.Contains(a.Fines, f.ID) }) {
		return errSince // something else came into it
	}
	if err := s.giveBack(tx, made, a); err != nil {
		return err
	}
	if err := s.change(tx, made, `state = ?, merged_into = ?`, string(Merged), int64(g.ID)); err != nil {
		return err
	}
	return errors.Join(reopen(tx, g.ID), s.sum(tx, g.ID))
}

// giveBack puts fine groups from where an action brought them to where they were.
func (s *Service) giveBack(tx *gorm.DB, from id.ID, a *Action) error {
	here, err := s.groups(tx, ` WHERE g.parent_id = ?`, int64(from))
	if err != nil {
		return err
	}
	for _, f := range a.data.Fines {
		if !slices.ContainsFunc(here, func(g Group) bool { return g.ID == f.ID }) {
			return errSince
		}
		if err := s.change(tx, f.ID, `parent_id = ?, by_hand = ?, dirty = ?`, int64(f.Parent), f.ByHand, true); err != nil {
			return err
		}
	}
	return s.queue(tx, Settling{})
}

// undoMove puts clauses back into the fine groups in which they were, wherever those are now.
func (s *Service) undoMove(tx *gorm.DB, a *Action) error {
	was := map[id.ID]voiceBefore{}
	fines := []id.ID{}
	for _, v := range a.data.Voices {
		was[v.ID] = v
		fines = append(fines, v.Fine)
	}
	groups, err := s.groups(tx, ` WHERE g.id IN ?`, int64s(fines))
	if err != nil {
		return err
	}
	parent := map[id.ID]id.ID{}
	for i := range groups {
		if groups[i].ParentID != nil && groups[i].State == Open {
			parent[groups[i].ID] = *groups[i].ParentID
		}
	}
	chosen, err := voicesWhere(tx, ` WHERE v.id IN ?`, int64s(a.Voices))
	if err != nil {
		return err
	}
	if slices.ContainsFunc(chosen, func(v voice) bool { return v.fine != a.data.Fine || !v.fixed }) {
		return errSince
	}
	if err := reopen(tx, slices.Collect(maps.Values(parent))...); err != nil {
		return err
	}
	_, err = s.place(tx, chosen, func(v *voice) {
		b := was[v.id]
		v.fine, v.group, v.score, v.fixed = b.Fine, parent[b.Fine], b.Score, b.Fixed
		if v.group == 0 {
			v.fine = 0 // it is gone meanwhile
		}
	})
	return err
}
