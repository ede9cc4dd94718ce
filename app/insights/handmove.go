package insights

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Move puts clauses into a group, or into none (to 0), where they stay in every later pass. In the group they lie in a fine
// group of their own, so that they go with the group wherever it goes.
//
// Errors: NotFound (the group; the clauses), Invalid (none, too many), Conflict (all of them are there already).
func (s *Service) Move(ctx context.Context, by id.ID, voices []id.ID, to id.ID) (id.ID, error) {
	voices = slices.Compact(slices.Sorted(slices.Values(voices)))
	switch {
	case len(voices) == 0:
		return 0, fault.InvalidField("voices", "required", "insights.error.choose", nil)
	case len(voices) > handMost:
		return 0, fault.InvalidField("voices", "too_many", "insights.error.many", map[string]any{"max": handMost})
	}
	return s.byHand(ctx, func(tx *gorm.DB) (id.ID, error) {
		data, middle := &actionData{}, id.ID(0)
		if to != 0 {
			g, err := s.seen(tx, to)
			if err != nil {
				return 0, err
			}
			middle = g.ID
			if data.Fine, err = s.handFine(tx, g); err != nil {
				return 0, err
			}
			if err := reopen(tx, g.ID); err != nil {
				return 0, err
			}
		}
		chosen, err := voicesWhere(tx, ` WHERE v.id IN ? AND v.complaint`, int64s(voices))
		if err != nil {
			return 0, err
		}
		if len(chosen) < len(voices) {
			return 0, fault.New(fault.NotFound, "insights.error.voices")
		}
		chosen = slices.DeleteFunc(chosen, func(v voice) bool { return v.group == middle && v.fixed })
		if len(chosen) == 0 {
			return 0, fault.New(fault.Conflict, "insights.error.same")
		}
		if data.Voices, err = s.place(tx, chosen, func(v *voice) { v.fine, v.group, v.fixed = data.Fine, middle, true }); err != nil {
			return 0, err
		}
		return s.did(tx, by, DidMove, middle, data, nil)
	})
}

// place changes where clauses belong and says where they were.
func (s *Service) place(tx *gorm.DB, chosen []voice, set func(v *voice)) (was []voiceBefore, err error) {
	wanted := map[id.ID]bool{}
	var of []id.ID
	for i := range chosen {
		wanted[chosen[i].id] = true
		of = append(of, chosen[i].subject)
	}
	all, err := takeSubjects(tx, of)
	if err != nil {
		return nil, err
	}
	if err := all.each(func(v *voice) bool {
		if !wanted[v.id] {
			return false
		}
		was = append(was, voiceBefore{v.id, v.fine, v.score, v.fixed})
		set(v)
		return true
	}); err != nil {
		return nil, err
	}
	slices.SortFunc(was, func(a, b voiceBefore) int { return int(a.ID - b.ID) })
	return was, all.done()
}

// handFine gives the fine group of what people put into a group.
func (s *Service) handFine(tx *gorm.DB, g *Group) (id.ID, error) {
	list, err := s.groups(tx, ` WHERE g.parent_id = ? AND g.engine IS NULL AND g.by_hand AND g.state = 'open' ORDER BY g.id LIMIT 1`, int64(g.ID))
	if err != nil {
		return 0, err
	}
	if len(list) > 0 {
		return list[0].ID, nil
	}
	now := s.Now()
	f := &Group{
		ID: s.IDs.Next(), Level: LevelFine, ParentID: &g.ID, Name: g.Called(), State: Open, ByHand: true, Language: g.Language, Aspect: g.Aspect, FirstAt: &now, LastAt: &now,
	}
	return f.ID, s.insertGroup(tx, f)
}
