package insights_test

import (
	"context"
	"testing"
	"time"

	"huiyin/app/insights"
	"huiyin/app/insights/worker"
	"huiyin/tickets/id"
)

// black takes n complaints of a kind that is not among the others, each by somebody else.
func (d *desk) black(n int) (subjects []id.ID) {
	d.T.Helper()
	var list []insights.Said
	for i := range n {
		d.n++
		one := d.IDs.Next()
		subjects = append(subjects, one)
		text := "the screen of my " + []string{"phone", "tablet", "watch", "camera"}[i%4] + " stays black " + fillers[d.n%len(fillers)] + " " + word(d.n)
		list = append(list, insights.Said{Source: insights.FromImport, Subject: one, Channel: "chat", Text: text, At: d.At})
	}
	_, err := d.Take(context.Background(), list)
	must(d.T, err)
	return subjects
}

// of counts the subjects that lie in a group.
func (d *desk) of(subjects []id.ID, group id.ID) (n int) {
	d.T.Helper()
	for _, one := range subjects {
		if d.groupOf(one) == group {
			n++
		}
	}
	return n
}

func (d *desk) night(kind worker.Kind) {
	d.T.Helper()
	d.At = d.At.Add(24 * time.Hour)
	_, err := d.PassNow(context.Background(), kind)
	must(d.T, err)
	d.right()
}

func TestTextsThatWerePutIntoAGroupBringItTheirLike(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		subjects := d.complain(20)
		black := d.black(40)
		d.pass()
		rude := d.groupOf(subjects[2][0])
		ownRude := d.of(subjects[2], rude)
		voices := d.voicesOf(black[:8])
		if n := d.of(black, rude); n != 0 {
			t.Fatalf("%d are there already", n)
		}
		_, err := d.Move(t.Context(), d.by, voices[:2], rude)
		must(t, err)
		d.night(worker.Nightly)
		if n := d.of(black[8:], rude); n != 0 {
			t.Errorf("two texts bring %d more", n)
		}
		action, err := d.Move(t.Context(), d.by, voices[2:], rude)
		must(t, err)
		for _, kind := range []worker.Kind{worker.Nightly, worker.Weekly, worker.Nightly} {
			d.night(kind)
			if n := d.of(black[8:], rude); n < 24 {
				t.Errorf("%s: eight texts bring %d of 32 more", kind, n)
			}
			if n := d.of(subjects[2], rude); n < ownRude-1 {
				t.Errorf("%s: of %d own texts of the group %d are left", kind, ownRude, n)
			}
		}
		fresh := d.black(8)
		d.assign()
		d.right()
		if n := d.of(fresh, rude); n < 6 {
			t.Errorf("of 8 new texts %d are claimed before the next pass", n)
		}
		detail, err := d.Detail(t.Context(), rude, insights.Filter{})
		must(t, err)
		if detail.Placed != 8 {
			t.Errorf("%d texts were put there, want 8", detail.Placed)
		}
		must(t, d.Undo(t.Context(), d.by, action))
		d.night(worker.Nightly)
		if n := d.of(black[8:], rude); n != 0 {
			t.Errorf("the moves were undone, and %d texts are still claimed", n)
		}
		_, err = d.Move(t.Context(), d.by, voices[2:], rude)
		must(t, err)
		for _, kind := range []worker.Kind{worker.Cold, worker.Nightly} {
			d.night(kind)
			if n := d.of(black[8:], rude); n < 24 {
				t.Errorf("%s: eight texts bring %d of 32 more", kind, n)
			}
		}
	})
}

// What was said is forgotten after a while, as the shop has set. That is no undoing.
func TestWhatAGroupHasLearnedOutlivesTheTextsThatTaughtIt(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		subjects := d.complain(20)
		black := d.black(40)
		d.pass()
		rude := d.groupOf(subjects[2][0])
		voices := d.voicesOf(black[:8])
		_, err := d.Move(t.Context(), d.by, voices, rude)
		must(t, err)
		d.night(worker.Nightly)
		claimed := d.of(black[8:], rude)
		d.Exec(`UPDATE insight_voices SET body = NULL WHERE fixed`)
		for range 2 {
			d.night(worker.Nightly)
			if n := d.of(black[8:], rude); n < claimed-1 || claimed < 24 {
				t.Errorf("%d of %d claimed texts are left", n, claimed)
			}
		}
	})
}

// taught gives a group into which some of forty texts like each other were put, and the others.
func (d *desk) taught(put int) (group id.ID, others []id.ID) {
	d.T.Helper()
	subjects := d.complain(20)
	var alike []id.ID
	var list []insights.Said
	for range 40 {
		d.n++
		one := d.IDs.Next()
		alike = append(alike, one)
		list = append(list, insights.Said{Source: insights.FromImport, Subject: one, Channel: "chat", Text: "the screen of my phone stays black " + word(d.n), At: d.At})
	}
	_, err := d.Take(context.Background(), list)
	must(d.T, err)
	d.pass()
	group = d.groupOf(subjects[2][0])
	_, err = d.Move(context.Background(), d.by, d.voicesOf(alike[:put]), group)
	must(d.T, err)
	return group, alike[put:]
}

func TestAGroupStillKnowsWhatItLearnsFromWhenAllWasGroupedAnew(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		group, others := d.taught(28) // most of a fine group that a cold pass finds
		for _, kind := range []worker.Kind{worker.Nightly, worker.Cold} {
			d.night(kind)
			detail, err := d.Detail(t.Context(), group, insights.Filter{})
			must(t, err)
			if detail.Placed != 28 {
				t.Errorf("%s: %d texts were put there, want 28", kind, detail.Placed)
			}
		}
		claimed := d.of(others, group)
		d.Exec(`UPDATE insight_voices SET body = NULL WHERE fixed`)
		d.night(worker.Nightly)
		if n := d.of(others, group); n < claimed || claimed < 10 {
			t.Errorf("nobody can read what taught the group, and %d of %d claimed texts are left", n, claimed)
		}
	})
}

func TestWhatIsSplitOffAGroupThatHasLearnedStaysApart(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		group, others := d.taught(8)
		d.night(worker.Nightly)
		fine := id.ID(d.Number(`SELECT fine_id FROM insight_voices WHERE subject_id = ?`, int64(others[0])))
		made, _, err := d.Split(t.Context(), d.by, group, []id.ID{fine}, "")
		must(t, err)
		d.settle()
		apart := d.of(others, made)
		for _, kind := range []worker.Kind{worker.Nightly, worker.Weekly, worker.Cold} {
			d.night(kind)
			if n := d.of(others, made); n < apart-1 || apart < 24 {
				t.Errorf("%s: of %d texts that were split off %d are apart", kind, apart, n)
			}
		}
	})
}
