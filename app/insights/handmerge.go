package insights

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Merge makes one group of several. At once the others are shown within into; the rows of their clauses follow in the
// background (Settle). Where into was merged itself meanwhile, the group that it went into takes them.
//
// Errors: NotFound, Invalid (into itself, none, too many), Conflict (one of them went elsewhere meanwhile, or is there already).
func (s *Service) Merge(ctx context.Context, by, into id.ID, others []id.ID) (id.ID, error) {
	others = slices.Compact(slices.Sorted(slices.Values(others)))
	switch {
	case len(others) == 0:
		return 0, fault.InvalidField("groups", "required", "insights.error.choose", nil)
	case len(others) > handMost:
		return 0, fault.InvalidField("groups", "too_many", "insights.error.many", map[string]any{"max": handMost})
	case slices.Contains(others, into):
		return 0, fault.InvalidField("groups", "same", "insights.error.itself", nil)
	}
	return s.byHand(ctx, func(tx *gorm.DB) (id.ID, error) {
		target, err := s.seen(tx, into)
		if err != nil {
			return 0, err
		}
		data := &actionData{Pinned: target.Pinned}
		pinned := target.Pinned
		for _, one := range others {
			g, err := s.mergeable(tx, one, target.ID)
			if err != nil {
				return 0, err
			}
			data.Groups = append(data.Groups, groupBefore{g.ID, g.State})
			pinned = pinned || g.Pinned
			moved, err := s.mergeOne(tx, g.ID, target.ID)
			if err != nil {
				return 0, err
			}
			data.Fines = append(data.Fines, moved...)
		}
		if err := s.change(tx, target.ID, `pinned = ?`, pinned); err != nil {
			return 0, err
		}
		if err := errors.Join(reopen(tx, target.ID), s.sum(tx, target.ID)); err != nil {
			return 0, err
		}
		return s.did(tx, by, DidMerge, target.ID, data, nil)
	})
}

// mergeable gives a group that may go into another. Errors: NotFound, Conflict.
func (s *Service) mergeable(tx *gorm.DB, one, into id.ID) (*Group, error) {
	list, err := s.groups(tx, ` WHERE g.id = ? AND g.level = 'group'`, int64(one))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "insights.error.group")
	}
	if list[0].MergedInto != nil || one == into {
		return nil, fault.New(fault.Conflict, "insights.error.merged")
	}
	return &list[0], nil
}

// mergeOne moves what a group holds into another one and leaves a way there.
func (s *Service) mergeOne(tx *gorm.DB, from, into id.ID) ([]fineBefore, error) {
	fines, err := s.finesTx(tx, from)
	if err != nil {
		return nil, err
	}
	moved, err := s.giveFines(tx, fines, into)
	if err != nil {
		return nil, err
	}
	return moved, s.change(tx, from, `state = ?, merged_into = ?`, string(Merged), int64(into))
}

// giveFines puts fine groups into a group for good and says where they were.
func (s *Service) giveFines(tx *gorm.DB, fines []Group, into id.ID) (moved []fineBefore, err error) {
	for i := range fines {
		moved = append(moved, fineBefore{fines[i].ID, *fines[i].ParentID, fines[i].ByHand})
		if err := s.change(tx, fines[i].ID, `parent_id = ?, by_hand = ?, dirty = ?`, int64(into), true, true); err != nil {
			return nil, err
		}
	}
	return moved, s.queue(tx, Settling{})
}

// Split takes fine groups out of a group and makes a new one of them, which never existed before. Some must stay.
//
// Errors: NotFound, Invalid (none, all, too many, the title), Conflict (one of them is elsewhere now).
func (s *Service) Split(ctx context.Context, by, group id.ID, fines []id.ID, title string) (newGroup, action id.ID, err error) {
	fines = slices.Compact(slices.Sorted(slices.Values(fines)))
	switch {
	case len(fines) == 0:
		return 0, 0, fault.InvalidField("fines", "required", "insights.error.choose", nil)
	case len(fines) > handMost:
		return 0, 0, fault.InvalidField("fines", "too_many", "insights.error.many", map[string]any{"max": handMost})
	}
	if title, err = cleanTitle(title); err != nil {
		return 0, 0, err
	}
	made := s.IDs.Next()
	action, err = s.byHand(ctx, func(tx *gorm.DB) (id.ID, error) {
		from, err := s.seen(tx, group)
		if err != nil {
			return 0, err
		}
		all, err := s.finesTx(tx, from.ID)
		if err != nil {
			return 0, err
		}
		leave := slices.DeleteFunc(slices.Clone(all), func(f Group) bool { return !slices.Contains(fines, f.ID) })
		switch {
		case len(leave) < len(fines):
			return 0, fault.New(fault.Conflict, "insights.error.moved")
		case len(leave) == len(all):
			return 0, fault.InvalidField("fines", "all", "insights.error.all", nil)
		}
		return s.splitOff(tx, by, from, made, leave, title)
	})
	return made, action, err
}

func (s *Service) splitOff(tx *gorm.DB, by id.ID, from *Group, made id.ID, fines []Group, title string) (id.ID, error) {
	largest := fines[0] // they come by size
	err := s.insertGroup(tx, &Group{
		ID: made, Level: LevelGroup, Name: largest.Called(), Title: title, Terms: largest.Terms, State: Open, Pinned: from.Pinned, SplitFrom: &from.ID,
		Language: largest.Language, Aspect: largest.Aspect,
	})
	if err != nil {
		return 0, err
	}
	moved, err := s.giveFines(tx, fines, made)
	if err != nil {
		return 0, err
	}
	for _, g := range []id.ID{from.ID, made} {
		if err := s.sum(tx, g); err != nil {
			return 0, err
		}
	}
	return s.did(tx, by, DidSplit, from.ID, &actionData{Groups: []groupBefore{{made, Open}}, Fines: moved}, &actionText{Title: title})
}

// sum brings a group up to what its fine groups hold together.
func (s *Service) sum(tx *gorm.DB, group id.ID) error {
	fines, err := s.finesTx(tx, group)
	if err != nil {
		return err
	}
	if len(fines) == 0 {
		return tx.Exec(`UPDATE insight_groups SET size = 0 WHERE id = ?`, int64(group)).Error
	}
	all := Group{}
	languages, aspects := map[string]int{}, map[string]int{}
	for i := range fines {
		f := &fines[i]
		all.Size += f.Size
		languages[f.Language] += f.Size
		aspects[f.Aspect] += f.Size
		all.FirstAt, all.LastAt = pick(all.FirstAt, f.FirstAt, time.Time.Before), pick(all.LastAt, f.LastAt, time.Time.After)
	}
	return tx.Exec(`UPDATE insight_groups SET size = ?, first_at = ?, last_at = ?, language = ?, aspect = ?, updated_at = ? WHERE id = ?`,
		all.Size, millis(all.FirstAt), millis(all.LastAt), together(languages, all.Size), most(aspects), s.Now().UnixMilli(), int64(group)).Error
}

// pick gives one of two times, either of which may be none.
func pick(a, b *time.Time, better func(a, b time.Time) bool) *time.Time {
	if a == nil || b != nil && better(*b, *a) {
		return b
	}
	return a
}

// both is the language of a group that a tenth of its texts or more are not in.
const (
	both      = "both"
	bothShare = 10
)

// together is the language of a group by how many of its clauses are in each.
func together(sizes map[string]int, all int) string {
	main := most(sizes)
	if n := sizes[main]; all > 0 && (all-n)*bothShare >= all {
		return both
	}
	return main
}

// most gives the word with the largest number, of equal ones the first in the alphabet.
func most(sizes map[string]int) string {
	best, n := "", -1
	for word, size := range sizes {
		if size > n || size == n && word < best {
			best, n = word, size
		}
	}
	return best
}
