package improve_test

import (
	"fmt"
	"testing"
	"time"

	"huiyin/app/improve"
	"huiyin/app/improve/effect"
	"huiyin/app/orders"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// A verdict belongs to what was compared: of other groups, or of another day, it says nothing.
func TestAVerdictGoesWithTheGroupsAndTheDayThatItIsOf(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, fell, same := t.Context(), d.group("open", 0), d.group("open", 0)
		d.paid(noon.AddDate(0, 0, -84), 84+63, 100)
		d.weekly(fell, noon.AddDate(0, 0, -84), 84, 5)
		d.weekly(fell, noon, 63, 1)
		d.weekly(same, noon.AddDate(0, 0, -84), 84+63, 5)
		task := d.move(d.task(improve.Draft{Groups: []id.ID{fell}}), improve.RolledOut)
		d.At = noon.AddDate(0, 0, 63)
		e, err := d.Measure(ctx, task.ID)
		must(t, err)
		if e.Verdict != effect.Fell {
			t.Fatalf("it says %+v", *e)
		}
		draft := task.Draft()
		draft.Groups = []id.ID{same}
		other, err := d.Change(ctx, d.boss, task.ID, task.Version, draft)
		must(t, err)
		if other.Effect == nil || other.Effect.Helped() {
			t.Errorf("of the other group the card says %+v", other.Effect)
		}
		_, err = d.MoveTo(ctx, d.boss, task.ID, improve.Move{Version: other.Version, To: improve.Verified})
		fails(t, err, fault.Invalid, "improve.error.verdict")
		draft.Groups, draft.ChangeDay = []id.ID{fell}, ""
		none, err := d.Change(ctx, d.boss, task.ID, other.Version, draft)
		must(t, err)
		if none.Effect != nil {
			t.Errorf("of a change on no day the card says %+v", none.Effect)
		}
	})
}

// Who may choose among groups while the arms are seen finds one that fell by chance.
func TestTheGroupsOfATrialAreThoseThatItWasPlannedFor(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		task, _ := d.running(improve.ByHash, 50, 30)
		task, err := d.Task(ctx, task.ID)
		must(t, err)
		other := d.group("open", 0)
		draft := task.Draft()
		draft.Groups = []id.ID{other}
		_, err = d.Change(ctx, d.boss, task.ID, task.Version, draft)
		fails(t, err, fault.Invalid, "improve.error.running")
		d.At = d.At.AddDate(0, 0, 7)
		ended := d.move(task, improve.RolledOut)
		_, err = d.Change(ctx, d.boss, task.ID, ended.Version, draft)
		fails(t, err, fault.Invalid, "improve.error.trial_groups")
		draft = ended.Draft()
		draft.Why = "more"
		if _, err = d.Change(ctx, d.boss, task.ID, ended.Version, draft); err != nil {
			t.Error(err)
		}
	})
}

func TestWeeksBeforeTheShopToldOfOrdersAreNotHeldAgainstThem(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		group, known := d.group("open", 0), noon.AddDate(0, 0, -7*8+6) // orders are known from the last day of a week on
		d.paid(known, 7*8-6+42, 100)
		d.weekly(group, noon.AddDate(0, 0, -84), 84+42, 5)
		task := d.move(d.task(improve.Draft{Groups: []id.ID{group}}), improve.RolledOut)
		d.At = noon.AddDate(0, 0, 42)
		e, err := d.Effect(t.Context(), task.ID)
		must(t, err)
		if before, after := e.Before.PerMille(e.Unit), e.After.PerMille(e.Unit); before < 49 || before > 51 || after < 49 || after > 51 {
			t.Errorf("per 1,000 orders %v, then %v: %+v", before, after, *e)
		}
	})
}

// The desk assigns, but the shop's orders tell of one arm alone: what is complained of by them says nothing of the other.
func TestOrdersThatTellOfOneArmAloneSayNothing(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		task, trial := d.running(improve.ByHash, 50, 50)
		for i := range 60 {
			number, paid := fmt.Sprintf("F%04d", i), d.At.Add(time.Minute).Format(time.RFC3339)
			_, _, err := d.orders.Put(ctx, number, &orders.Draft{Status: "paid", PaidAt: &paid, UpdatedAt: &paid, Meta: fmt.Appendf(nil, `{"trial": %q, "arm": %q}`, trial.Key, improve.ArmUntreated)}, orders.PutOptions{})
			must(t, err)
			d.complain(complaint{group: task.Groups[0], order: number, at: d.At.Add(time.Hour)})
		}
		for i := range 40 {
			_, err := d.Assign(ctx, trial.Key, improve.Unit{External: fmt.Sprint(i)})
			must(t, err)
		}
		d.At = d.At.AddDate(0, 0, 3)
		e, err := d.Effect(ctx, task.ID)
		must(t, err)
		if e.Helped() || !e.ShareOff || e.Verdict != effect.TooEarly {
			t.Errorf("it says %+v", *e)
		}
	})
}
