package insights_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"huiyin/app/insights"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// late are complaints of one kind by as many people, one each.
func (d *desk) late(n int) (subjects []id.ID) {
	d.T.Helper()
	var list []insights.Said
	for range n {
		one := d.IDs.Next()
		subjects = append(subjects, one)
		list = append(list, insights.Said{Source: insights.FromImport, Subject: one, Channel: "chat", Text: fmt.Sprintf("my parcel %s has not arrived", one), At: d.At})
	}
	kept, err := d.Take(context.Background(), list)
	must(d.T, err)
	if kept != n {
		d.T.Fatalf("kept %d of %d", kept, n)
	}
	return subjects
}

// group makes a group of n complaints in one fine group.
func (d *desk) group(name string, engine int64, n int) (group, fine id.ID) {
	d.T.Helper()
	group, fine, err := d.NewGroup(context.Background(), name, engine)
	must(d.T, err)
	if n > 0 {
		must(d.T, d.Put(context.Background(), fine, d.late(n)...))
	}
	return group, fine
}

// right wants the kept counts to be what the clauses say.
func (d *desk) right() {
	d.T.Helper()
	want, err := d.Recount(context.Background())
	must(d.T, err)
	got, err := d.Rolls(context.Background())
	must(d.T, err)
	if !maps.Equal(got, want) {
		d.T.Errorf("rolls\n got %v\nwant %v", got, want)
	}
}

func (d *desk) inGroup(group id.ID) int64 {
	d.T.Helper()
	return d.Number(`SELECT COALESCE(SUM(n), 0) FROM insight_rolls WHERE kind = 'group' AND ref = ?`, int64(group))
}

func TestATitleIsTextWhateverItLooksLikeAndCanBeTakenBack(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		group, _ := d.group("delivery · late", 1, 1)
		const script = `<script>alert("x")</script> & 'more'`
		action, err := d.Rename(t.Context(), d.by, group, "  "+script+"\n\x00 ")
		must(t, err)
		g, err := d.Group(t.Context(), group)
		must(t, err)
		if g.Title != script || g.Called() != script || g.Name != "delivery · late" {
			t.Errorf("called %q, title %q, name %q", g.Called(), g.Title, g.Name)
		}
		_, err = d.Rename(t.Context(), d.by, group, strings.Repeat("长", insights.TitleMax+1))
		fails(t, err, fault.Invalid, "insights.error.title")
		_, err = d.Rename(t.Context(), d.by, 99, "x")
		fails(t, err, fault.NotFound, "insights.error.group")
		must(t, d.Undo(t.Context(), d.by, action))
		if g, err = d.Group(t.Context(), group); err != nil || g.Called() != "delivery · late" {
			t.Errorf("after undo %q, %v", g.Called(), err)
		}
		fails(t, d.Undo(t.Context(), d.by, action), fault.Conflict, "insights.error.undone")
		list, err := d.Actions(t.Context(), group, 0, 10)
		must(t, err)
		if len(list) != 1 || list[0].Title != script || list[0].UndoneBy == nil || *list[0].UndoneBy != d.by || *list[0].AgentID != d.by || !list[0].At.Equal(d.At) {
			t.Errorf("actions %+v", list)
		}
	})
}

func TestAMergedGroupIsShownInTheOtherAtOnceAndItsClausesFollow(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		a, fa := d.group("a", 1, 3)
		b, fb := d.group("b", 2, 150)
		action, err := d.Merge(t.Context(), d.by, a, []id.ID{b})
		must(t, err)
		g, err := d.Group(t.Context(), b)
		must(t, err)
		resolved, err := d.Resolve(t.Context())
		must(t, err)
		if g.ID != a || g.Size != 153 || resolved[b] != a {
			t.Errorf("b is shown in %v with %d, resolved %v", g.ID, g.Size, resolved)
		}
		list, err := d.Groups(t.Context())
		must(t, err)
		if len(list) != 1 {
			t.Errorf("%d groups, want 1", len(list))
		}
		d.settle()
		d.right()
		if n := d.inGroup(a); n != 153 {
			t.Errorf("a counts %d", n)
		}
		if n := d.Number(`SELECT COUNT(*) FROM insight_groups WHERE dirty`); n != 0 {
			t.Errorf("%d dirty", n)
		}
		must(t, d.Undo(t.Context(), d.by, action))
		d.settle()
		d.right()
		fines, err := d.Fines(t.Context(), b)
		must(t, err)
		if len(fines) != 1 || fines[0].ID != fb || d.inGroup(a) != 3 || d.inGroup(b) != 150 {
			t.Errorf("after undo: fines %v (want %v, beside %v), %d and %d", fines, fb, fa, d.inGroup(a), d.inGroup(b))
		}
		if g, err = d.Group(t.Context(), b); err != nil || g.ID != b || g.State != insights.Open || g.Size != 150 {
			t.Errorf("b after undo %+v, %v", g, err)
		}
	})
}

func TestMergesThatCannotBeAreRefusedInWords(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		a, fine := d.group("a", 1, 1)
		b, _ := d.group("b", 2, 1)
		c, _ := d.group("c", 3, 1)
		for name, one := range map[string]struct {
			into   id.ID
			others []id.ID
			kind   fault.Kind
			key    string
		}{
			"into itself": {a, []id.ID{b, a}, fault.Invalid, "insights.error.itself"},
			"nothing":     {a, nil, fault.Invalid, "insights.error.choose"},
			"unknown":     {a, []id.ID{5}, fault.NotFound, "insights.error.group"},
			"nowhere":     {5, []id.ID{a}, fault.NotFound, "insights.error.group"},
			"a fine one":  {b, []id.ID{fine}, fault.NotFound, "insights.error.group"},
		} {
			_, err := d.Merge(t.Context(), d.by, one.into, one.others)
			e := fault.As(err)
			if e == nil || e.Kind != one.kind {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := d.Merge(t.Context(), d.by, b, []id.ID{a})
		must(t, err)
		// Back again would be a circle: b is where a is shown.
		_, err = d.Merge(t.Context(), d.by, a, []id.ID{b})
		fails(t, err, fault.Conflict, "insights.error.merged")
		_, err = d.Merge(t.Context(), d.by, c, []id.ID{a})
		fails(t, err, fault.Conflict, "insights.error.merged")
		// Who merges into a group that has just gone elsewhere, merges into that.
		_, err = d.Merge(t.Context(), d.by, a, []id.ID{c})
		must(t, err)
		if g, err := d.Group(t.Context(), c); err != nil || g.ID != b {
			t.Errorf("c went to %v, %v", g, err)
		}
	})
}

func TestTwoManagersAtOnceLeaveOneTruth(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		a, _ := d.group("a", 1, 5)
		b, _ := d.group("b", 2, 5)
		c, _ := d.group("c", 3, 5)
		var all sync.WaitGroup
		var mu sync.Mutex
		done := 0
		for _, pair := range [][2]id.ID{{a, b}, {b, a}, {c, b}, {b, c}, {a, c}, {c, a}} {
			all.Go(func() {
				_, err := d.Merge(context.Background(), d.by, pair[0], []id.ID{pair[1]})
				if e := fault.As(err); err != nil && (e == nil || e.Kind != fault.Conflict) {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					done++
				}
			})
		}
		all.Wait()
		if done != 2 {
			t.Errorf("%d merges of three groups went through, want 2", done)
		}
		d.settle()
		d.right()
		g, err := d.Group(t.Context(), a)
		must(t, err)
		for _, other := range []id.ID{b, c} {
			if o, err := d.Group(t.Context(), other); err != nil || o.ID != g.ID {
				t.Errorf("%v is shown in %v, %v; want %v", other, o, err, g.ID)
			}
		}
		if d.inGroup(g.ID) != 15 || g.Size != 15 {
			t.Errorf("counted %d, size %d", d.inGroup(g.ID), g.Size)
		}
	})
}

func TestASplitMakesANewGroupAndLeavesARedirectWhenUndone(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		a, fa := d.group("a", 1, 3)
		b, fb := d.group("b", 2, 4)
		_, err := d.Merge(t.Context(), d.by, a, []id.ID{b})
		must(t, err)
		_, _, err = d.Split(t.Context(), d.by, a, []id.ID{fa, fb}, "")
		fails(t, err, fault.Invalid, "insights.error.all")
		_, _, err = d.Split(t.Context(), d.by, a, []id.ID{12}, "")
		fails(t, err, fault.Conflict, "insights.error.moved")
		made, action, err := d.Split(t.Context(), d.by, a, []id.ID{fb}, "only b")
		must(t, err)
		d.settle()
		d.right()
		g, err := d.Group(t.Context(), made)
		must(t, err)
		if made == b || g.Title != "only b" || g.SplitFrom == nil || *g.SplitFrom != a || g.Size != 4 || d.inGroup(made) != 4 || d.inGroup(a) != 3 {
			t.Errorf("split off %+v, counts %d and %d", g, d.inGroup(made), d.inGroup(a))
		}
		must(t, d.Undo(t.Context(), d.by, action))
		d.settle()
		d.right()
		if g, err = d.Group(t.Context(), made); err != nil || g.ID != a || g.Size != 7 || d.inGroup(a) != 7 {
			t.Errorf("after undo %+v, %v, %d", g, err, d.inGroup(a))
		}
	})
}

func TestAnUndoIsRefusedWhenWhatItWouldUndoWasChangedSince(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		a, _ := d.group("a", 1, 1)
		b, fb := d.group("b", 2, 1)
		merge, err := d.Merge(t.Context(), d.by, a, []id.ID{b})
		must(t, err)
		_, split, err := d.Split(t.Context(), d.by, a, []id.ID{fb}, "")
		must(t, err)
		fails(t, d.Undo(t.Context(), d.by, merge), fault.Conflict, "insights.error.since")
		must(t, d.Undo(t.Context(), d.by, split))
		must(t, d.Undo(t.Context(), d.by, merge))
		mute, err := d.Mute(t.Context(), d.by, a, true)
		must(t, err)
		_, err = d.Mute(t.Context(), d.by, a, true)
		fails(t, err, fault.Conflict, "insights.error.same")
		_, err = d.Mute(t.Context(), d.by, a, false)
		must(t, err)
		fails(t, d.Undo(t.Context(), d.by, mute), fault.Conflict, "insights.error.since")
		pin, err := d.Pin(t.Context(), d.by, a, true)
		must(t, err)
		must(t, d.Undo(t.Context(), d.by, pin))
		if g, err := d.Group(t.Context(), a); err != nil || g.Pinned {
			t.Errorf("pinned %v, %v", g.Pinned, err)
		}
		fails(t, d.Undo(t.Context(), d.by, 4), fault.NotFound, "insights.error.action")
	})
}

func TestATwinThatWasRefusedIsNotOfferedAgainUntilThatIsUndone(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		a, _ := d.group("a", 1, 1)
		b, _ := d.group("b", 2, 1)
		_, err := d.RefuseTwin(t.Context(), d.by, a)
		fails(t, err, fault.Conflict, "insights.error.twin")
		d.Exec(`UPDATE insight_groups SET twin_id = ?, twin_score = .8 WHERE id = ?`, int64(b), int64(a))
		d.Exec(`UPDATE insight_groups SET twin_id = ?, twin_score = .8 WHERE id = ?`, int64(a), int64(b))
		action, err := d.RefuseTwin(t.Context(), d.by, a)
		must(t, err)
		for range 2 { // a pass offers the same pair again
			must(t, d.Offer(t.Context(), a, b))
			for _, one := range []id.ID{a, b} {
				if g, err := d.Group(t.Context(), one); err != nil || !g.TwinRefused {
					t.Errorf("%+v, %v", g, err)
				}
			}
		}
		must(t, d.Undo(t.Context(), d.by, action))
		if g, err := d.Group(t.Context(), b); err != nil || g.TwinRefused || *g.TwinID != a {
			t.Errorf("after undo %+v, %v", g, err)
		}
	})
}

func TestMovedClausesGoWithTheirGroupAndComeBack(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		a, _ := d.group("a", 1, 4)
		b, _ := d.group("b", 2, 2)
		voices := d.voicesOf(d.subjectsOf(a)[:2])
		move, err := d.Move(t.Context(), d.by, voices, b)
		must(t, err)
		d.right()
		if d.inGroup(a) != 2 || d.inGroup(b) != 4 {
			t.Errorf("after the move %d and %d", d.inGroup(a), d.inGroup(b))
		}
		_, err = d.Move(t.Context(), d.by, voices, b)
		fails(t, err, fault.Conflict, "insights.error.same")
		merge, err := d.Merge(t.Context(), d.by, a, []id.ID{b})
		must(t, err)
		d.settle()
		if d.inGroup(a) != 6 {
			t.Errorf("merged: %d", d.inGroup(a))
		}
		must(t, d.Undo(t.Context(), d.by, merge))
		d.settle()
		if d.inGroup(b) != 4 {
			t.Errorf("what was moved into b did not come back with it: %d", d.inGroup(b))
		}
		must(t, d.Undo(t.Context(), d.by, move))
		d.right()
		if d.inGroup(a) != 4 || d.inGroup(b) != 2 {
			t.Errorf("after undo %d and %d", d.inGroup(a), d.inGroup(b))
		}
		out, err := d.Move(t.Context(), d.by, voices[:1], 0)
		must(t, err)
		d.right()
		if n := d.Number(`SELECT SUM(n) FROM insight_rolls WHERE kind = 'none'`); n != 1 || d.inGroup(a) != 3 {
			t.Errorf("ungrouped %d, a %d", n, d.inGroup(a))
		}
		must(t, d.Undo(t.Context(), d.by, out))
		_, err = d.Move(t.Context(), d.by, []id.ID{3}, a)
		fails(t, err, fault.NotFound, "insights.error.voices")
	})
}

// subjectsOf lists who complained of a group.
func (d *desk) subjectsOf(group id.ID) (list []id.ID) {
	d.T.Helper()
	must(d.T, d.DB.Read(context.Background()).Raw(`SELECT subject_id FROM insight_voices WHERE group_id = ? ORDER BY id`, int64(group)).Scan(&list).Error)
	return list
}
