package insights_test

import (
	"os"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/insights"
	"huiyin/app/insights/worker"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Once the model and the numbers of its fine groups hold, a pass was done, whatever fails of the names that follow: the model before
// would give new texts to other groups under the same numbers.
func TestAPassWhoseModelHoldsIsDoneWhateverFailsAfterwards(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		old := d.complain(20)
		d.Exec(`ALTER TABLE insight_samples RENAME TO insight_samples_away`)
		if _, err := d.Pass(t.Context()); err == nil {
			t.Fatal("samples were written into no table")
		}
		d.Exec(`ALTER TABLE insight_samples_away RENAME TO insight_samples`)
		runs, err := d.Runs(t.Context(), 1)
		must(t, err)
		if runs[0].State != insights.RunDone {
			t.Errorf("the pass is %s (%s)", runs[0].State, runs[0].Reason)
		}
		fresh := d.complain(1)
		d.assign()
		d.right()
		if got := d.groupOf(fresh[0][0]); got == 0 || got != d.groupOf(old[0][0]) {
			t.Errorf("the new text is in %v, those before in %v", got, d.groupOf(old[0][0]))
		}
		if r := d.pass(); r != nil {
			t.Errorf("the next pass comes at once: %+v", r)
		}
		d.At = d.At.Add(time.Hour)
		if r := d.pass(); r == nil || r.Kind != worker.Nightly || r.Reason != insights.BecauseUnfinished || r.EndedAt == nil {
			t.Errorf("what was left undone is not done an hour later: %+v", r)
		}
		if n := d.Number(`SELECT COUNT(*) FROM insight_samples`); n == 0 {
			t.Error("there are no samples yet")
		}
		if r := d.pass(); r != nil {
			t.Errorf("it is done again: %+v", r)
		}
	})
}

// A group that had become empty and is forgotten is there again with the next text that belongs to it.
func TestAGroupThatWasGoneComesBackWithItsNextComplaint(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		subjects := d.complain(20)
		d.pass()
		late := d.groupOf(subjects[0][0])
		must(t, d.DB.Write(t.Context(), func(tx *gorm.DB) error { return d.WithdrawTx(tx, d.subjectsOf(late)) }))
		d.At = d.At.Add(24 * time.Hour)
		_, err := d.PassNow(t.Context(), worker.Nightly)
		must(t, err)
		d.right()
		fresh := d.complain(1)
		d.assign()
		d.right()
		list, err := d.Groups(t.Context())
		must(t, err)
		for _, one := range slices.Concat(fresh[:]...) {
			if g := d.groupOf(one); g != 0 && !slices.ContainsFunc(list, func(x insights.Group) bool { return x.ID == g }) {
				t.Errorf("the new complaint is in %v, which nobody sees", g)
			}
		}
	})
}

// After a restore there is no model: new texts do not wait for the night.
func TestAModelThatIsGoneIsBuiltAnewAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		old := d.complain(20)
		d.pass()
		must(t, os.RemoveAll(d.dir))
		must(t, os.MkdirAll(d.dir, 0o700))
		d.Worker.Close()
		d.At = d.At.Add(2 * time.Hour)
		fresh := d.complain(1)
		d.assign()
		if r := d.pass(); r == nil || r.Kind != worker.Cold || r.Reason != insights.BecauseForm {
			t.Fatalf("the pass is %+v", r)
		}
		d.right()
		if got := d.groupOf(fresh[0][0]); got == 0 || got != d.groupOf(old[0][0]) {
			t.Errorf("the new text is in %v, those before in %v", got, d.groupOf(old[0][0]))
		}
		if r := d.pass(); r != nil {
			t.Errorf("at once there is another pass: %+v", r)
		}
	})
}

// What somebody did after a merge stays when the merge is undone.
func TestAPinThatCameAfterAMergeStaysWhenThatIsUndone(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		late, _ := d.group("late", 1, 5)
		slow, _ := d.group("slow", 2, 3)
		merge, err := d.Merge(t.Context(), d.by, late, []id.ID{slow})
		must(t, err)
		_, err = d.Pin(t.Context(), d.by, late, true)
		must(t, err)
		must(t, d.Undo(t.Context(), d.by, merge))
		g, err := d.Group(t.Context(), late)
		must(t, err)
		if !g.Pinned {
			t.Error("the group is no longer pinned")
		}
	})
}

// A twin that another pass has replaced cannot be given back: it is said.
func TestAnUndoOfARefusalIsRefusedWhenAnotherTwinIsOffered(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		late, _ := d.group("late", 1, 5)
		slow, _ := d.group("slow", 2, 3)
		other, _ := d.group("other", 3, 3)
		d.Exec(`UPDATE insight_groups SET twin_id = ? WHERE id = ?`, int64(slow), int64(late))
		refusal, err := d.RefuseTwin(t.Context(), d.by, late)
		must(t, err)
		d.Exec(`UPDATE insight_groups SET twin_id = ?, twin_refused = ? WHERE id = ?`, int64(other), false, int64(late))
		fails(t, d.Undo(t.Context(), d.by, refusal), fault.Conflict, "insights.error.since")
	})
}

// A clause of an answer that a person has put somewhere stays; the others are not lost when the answer is read again.
func TestAnAnswerOfWhichAClauseWasMovedIsReadAgainWhole(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		mei := d.person("Mei")
		group, _ := d.group("late", 1, 2)
		response := d.IDs.Next()
		say := func(texts ...string) {
			d.responses[response] = insights.Response{ID: response, Contact: mei, Texts: texts, At: d.At}
			must(t, d.Read(t.Context(), []tickets.Event{{Type: tickets.EventFeedbackReceived, SubjectID: &response}}))
			d.right()
		}
		const ( // each long enough to be cut in two
			late   = "My parcel has not arrived although it was sent three whole weeks ago from your store house in the north, and the number that you gave me for it is not known to anybody at all."
			rude   = "The courier was very rude and shouted at my old mother in front of all our neighbours when she asked him to carry the heavy box up the stairs to the third floor."
			refund = "The refund has never come back to my bank card although the lady on the phone has promised me twice that it would be there within ten days of the return at most."
		)
		clauses := func(want int64) {
			t.Helper()
			if n := d.Number(`SELECT COUNT(*) FROM insight_voices WHERE subject_id = ?`, int64(response)); n != want {
				t.Errorf("%d clauses, want %d", n, want)
			}
		}
		say(late, rude)
		clauses(4)
		first := id.ID(d.Number(`SELECT MIN(id) FROM insight_voices WHERE subject_id = ?`, int64(response)))
		_, err := d.Move(t.Context(), d.by, []id.ID{first}, group)
		must(t, err)
		say(late, rude)
		clauses(4)
		say(late, rude, refund)
		clauses(6)
		if d.groupOf(response) != group {
			t.Error("what was moved is elsewhere")
		}
	})
}

// What was merged into a ticket comes back with it when it was no spam after all.
func TestATicketThatWasNoSpamComesBackWithWhatWasMergedIntoIt(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		mei := d.person("Mei")
		one, _ := d.writes(mei, tickets.ChannelEmail, "my parcel is lost")
		other, _ := d.writes(mei, tickets.ChannelAPI, "the courier was rude to me")
		lin := d.manager()
		d.follow()
		_, err := d.Tickets.MergeTicket(t.Context(), lin, other, one)
		must(t, err)
		d.follow()
		d.right()
		for _, to := range []tickets.Status{tickets.StatusSpam, tickets.StatusOpen} {
			_, err := d.Tickets.SetStatus(t.Context(), lin, one, to)
			must(t, err)
			d.follow()
			d.right()
		}
		if n := d.Number(`SELECT COUNT(*) FROM insight_voices WHERE subject_id = ?`, int64(one)); n != 2 {
			t.Errorf("%d clauses, want 2", n)
		}
	})
}

// Between a change of the zone and the day on which all is cut anew, no group seems to come from nowhere.
func TestAnotherZoneRaisesNoAlarm(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, fine := d.longago()
		for back := 60; back > 0; back-- {
			d.At = noon.AddDate(0, 0, -back)
			d.comes(fine, 8)
		}
		d.At = noon
		must(t, d.Rezone(t.Context()))
		shop := tickets.DefaultShop
		shop.Name, shop.Timezone = "shop", "America/Los_Angeles"
		must(t, d.Tickets.SaveShop(t.Context(), shop))
		d.comes(fine, 12)
		if got := d.look(); len(got) != 0 {
			t.Errorf("told %v: %v", got, d.alerts)
		}
		d.right()
	})
}
