package insights

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	// TitleMax is how many characters a title of a group may have.
	TitleMax = 80
	// handMost is how many groups or clauses one action takes.
	handMost = 100
)

// Rename gives a group, or a fine group, a title; the empty one gives the machine's name back. A title is text, whatever it
// looks like. Errors: NotFound, Invalid.
func (s *Service) Rename(ctx context.Context, by, group id.ID, title string) (action id.ID, err error) {
	if title, err = cleanTitle(title); err != nil {
		return 0, err
	}
	return s.byHand(ctx, func(tx *gorm.DB) (id.ID, error) {
		g, err := s.groupTx(tx, group)
		if err != nil {
			return 0, err
		}
		if err := s.setTitle(tx, g.ID, title); err != nil {
			return 0, err
		}
		return s.did(tx, by, DidRename, g.ID, &actionData{}, &actionText{Title: title, Was: g.Title})
	})
}

// cleanTitle makes one line of a title. Errors: Invalid.
func cleanTitle(title string) (string, error) {
	title = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError:
			return -1
		}
		return r
	}, title)
	title = strings.Join(strings.Fields(title), " ")
	if utf8.RuneCountInString(title) > TitleMax {
		return "", fault.InvalidField("title", "too_long", "insights.error.title", map[string]any{"max": TitleMax})
	}
	return title, nil
}

func (s *Service) setTitle(tx *gorm.DB, group id.ID, title string) error {
	sealed, err := s.sealGroup(tx, group, "title", title)
	if err != nil {
		return err
	}
	return s.change(tx, group, `title = ?`, sealed)
}

// change changes a group by hand.
func (s *Service) change(tx *gorm.DB, group id.ID, set string, args ...any) error {
	return tx.Exec(`UPDATE insight_groups SET `+set+`, version = version + 1, updated_at = ? WHERE id = ?`, append(args, s.Now().UnixMilli(), int64(group))...).Error
}

// byHand runs a change by a person in one transaction and lets the list of groups be read anew.
func (s *Service) byHand(ctx context.Context, fn func(tx *gorm.DB) (id.ID, error)) (action id.ID, err error) {
	err = s.write(ctx, func(tx *gorm.DB) error {
		action, err = fn(tx)
		return err
	})
	s.cache.drop()
	return action, err
}

// Mute hides a group from the ranks and silences it, or lets it speak again. Errors: NotFound, Conflict (it is so already).
func (s *Service) Mute(ctx context.Context, by, group id.ID, on bool) (id.ID, error) {
	kind, state := DidMute, Muted
	if !on {
		kind, state = DidUnmute, Open
	}
	return s.byHand(ctx, func(tx *gorm.DB) (id.ID, error) {
		g, err := s.seen(tx, group)
		if err != nil {
			return 0, err
		}
		if g.State == state {
			return 0, fault.New(fault.Conflict, "insights.error.same")
		}
		if err := s.change(tx, g.ID, `state = ?`, string(state)); err != nil {
			return 0, err
		}
		return s.did(tx, by, kind, g.ID, &actionData{Groups: []groupBefore{{g.ID, g.State}}}, nil)
	})
}

// Pin lets a group keep its members in every later pass, or frees them. Errors: NotFound, Conflict (it is so already).
func (s *Service) Pin(ctx context.Context, by, group id.ID, on bool) (id.ID, error) {
	kind := DidPin
	if !on {
		kind = DidUnpin
	}
	return s.byHand(ctx, func(tx *gorm.DB) (id.ID, error) {
		g, err := s.seen(tx, group)
		if err != nil {
			return 0, err
		}
		if g.Pinned == on {
			return 0, fault.New(fault.Conflict, "insights.error.same")
		}
		if err := s.change(tx, g.ID, `pinned = ?`, on); err != nil {
			return 0, err
		}
		return s.did(tx, by, kind, g.ID, &actionData{Pinned: g.Pinned}, nil)
	})
}

// RefuseTwin says that a group and that of the other language which is offered beside it are two complaints: it is not offered
// again. Errors: NotFound, Conflict (none is offered).
func (s *Service) RefuseTwin(ctx context.Context, by, group id.ID) (id.ID, error) {
	return s.byHand(ctx, func(tx *gorm.DB) (id.ID, error) {
		g, err := s.seen(tx, group)
		if err != nil {
			return 0, err
		}
		if g.TwinID == nil || g.TwinRefused {
			return 0, fault.New(fault.Conflict, "insights.error.twin")
		}
		if err := s.refuseTwin(tx, g.ID, *g.TwinID, true); err != nil {
			return 0, err
		}
		return s.did(tx, by, DidRefuse, g.ID, &actionData{Twin: *g.TwinID}, nil)
	})
}

// refuseTwin marks both sides of a pair. Errors: Conflict (they are none any more).
func (s *Service) refuseTwin(tx *gorm.DB, a, b id.ID, refused bool) error {
	done := tx.Exec(`UPDATE insight_groups SET twin_refused = ?, version = version + 1, updated_at = ? WHERE (id = ? AND twin_id = ?) OR (id = ? AND twin_id = ?)`,
		refused, s.Now().UnixMilli(), int64(a), int64(b), int64(b), int64(a))
	if done.Error == nil && done.RowsAffected == 0 {
		return errSince
	}
	return done.Error
}

// reopen lets groups be seen again that were forgotten because nothing belonged to them: something is put into them.
func reopen(tx *gorm.DB, groups ...id.ID) error {
	return tx.Exec(`UPDATE insight_groups SET state = 'open' WHERE id IN ? AND state = 'gone'`, int64s(groups)).Error
}

// seen gives a group that people see, of one that was merged that which it went into. Errors: NotFound.
func (s *Service) seen(tx *gorm.DB, group id.ID) (*Group, error) {
	g, err := s.groupTx(tx, group)
	if err != nil {
		return nil, err
	}
	if g.Level != LevelGroup {
		return nil, fault.New(fault.NotFound, "insights.error.group")
	}
	return g, nil
}
