package improve_test

import (
	"testing"
	"time"

	"huiyin/app/improve"
	"huiyin/app/improve/effect"
	"huiyin/app/insights"
	"huiyin/tickets/id"
)

// weekly writes so many complaints a day, from a day on.
func (d *desk) weekly(group id.ID, from time.Time, days, perDay int) {
	d.T.Helper()
	var said []complaint
	for day := range days {
		for n := range perDay {
			said = append(said, complaint{group: group, at: from.AddDate(0, 0, day).Add(time.Duration(n) * time.Minute)})
		}
	}
	d.complain(said...)
}

func TestWeeksBeforeAndAfterSayAtMostThatComplaintsFell(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, group := t.Context(), d.group("open", 0)
		change := noon
		d.paid(change.AddDate(0, 0, -84), 84+63, 100)
		d.weekly(group, change.AddDate(0, 0, -84), 84, 5)
		d.weekly(group, change.AddDate(0, 0, -10), 7, 40) // the rise for which the task is made
		d.weekly(group, change, 63, 2)
		day := change.AddDate(0, 0, 14)
		_, err := d.insights.AddMark(ctx, d.boss.ID, insights.Mark{Kind: insights.Campaign, From: day, To: day.AddDate(0, 0, 2), Title: "双12"})
		must(t, err)
		d.weekly(group, day, 3, 50)
		task := d.move(d.task(improve.Draft{Groups: []id.ID{group}}), improve.RolledOut)
		if e, err := d.Effect(ctx, task.ID); err != nil || e.Verdict != effect.TooEarly || e.WeeksAfter != 0 || e.MoreWeeks < 2 || e.MoreOrders == 0 {
			t.Errorf("on the first day: %+v, %v", e, err)
		}
		d.At = change.AddDate(0, 0, 63)
		e, err := d.Measure(ctx, task.ID)
		must(t, err)
		t.Logf("%+v", *e)
		if e.Verdict != effect.Fell || e.Of != improve.OfWeeks || e.Unit != improve.PerOrders || e.Campaign != 3 || e.Rise != 14 || e.WeeksBefore != 10 || e.WeeksAfter != 9 {
			t.Errorf("it says %+v", *e)
		}
		if before, after := e.Before.PerMille(e.Unit), e.After.PerMille(e.Unit); before != 50 || after < 19.9 || after > 20.1 {
			t.Errorf("per 1,000 orders %v, then %v", before, after)
		}
		d.move(task, improve.Verified)
	})
}

func TestWithoutOrdersDaysAreWhatComplaintsAreHeldAgainst(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		group := d.group("open", 0)
		d.weekly(group, noon.AddDate(0, 0, -84), 84, 4)
		d.weekly(group, noon, 42, 4)
		task := d.move(d.task(improve.Draft{Groups: []id.ID{group}}), improve.RolledOut)
		d.At = noon.AddDate(0, 0, 42)
		e, err := d.Effect(t.Context(), task.ID)
		must(t, err)
		if e.Unit != improve.PerDays || e.Verdict == effect.Fell || e.Before.PerMille(e.Unit) != 28 {
			t.Errorf("it says %+v", *e)
		}
	})
}

func TestTasksThatAreDueAreMeasuredOnceADay(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, group := t.Context(), d.group("open", 0)
		task := d.move(d.task(improve.Draft{Groups: []id.ID{group}}), improve.RolledOut)
		idle := d.task(improve.Draft{Groups: []id.ID{group}})
		must(t, d.MeasureDue(ctx))
		got, err := d.Task(ctx, task.ID)
		must(t, err)
		first := got.EffectAt
		d.At = d.At.Add(time.Hour)
		must(t, d.MeasureDue(ctx))
		again, err := d.Task(ctx, task.ID)
		must(t, err)
		d.At = d.At.Add(24 * time.Hour)
		must(t, d.MeasureDue(ctx))
		later, err := d.Task(ctx, task.ID)
		must(t, err)
		other, err := d.Task(ctx, idle.ID)
		must(t, err)
		if first == 0 || again.EffectAt != first || later.EffectAt == first || other.EffectAt != 0 {
			t.Errorf("measured at %d, %d, %d; the idle one at %d", first, again.EffectAt, later.EffectAt, other.EffectAt)
		}
	})
}
