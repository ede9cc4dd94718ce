package insights_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"huiyin/app/insights"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// comes lets n people complain of one thing at the desk's time.
func (d *desk) comes(fine id.ID, n int) {
	d.T.Helper()
	if n > 0 {
		must(d.T, d.Put(d.T.Context(), fine, d.late(n)...))
	}
}

// longago makes the desk old enough for groups to be new, with a group that has two complaints a day for two months.
func (d *desk) longago() (group, fine id.ID) {
	d.T.Helper()
	group, fine = d.group("late", 1, 0)
	for back := 60; back > 0; back-- {
		d.At = noon.AddDate(0, 0, -back)
		d.comes(fine, 1+back%3)
	}
	d.At = noon
	d.Exec(`UPDATE insight_groups SET first_at = ? WHERE id IN (?, ?)`, noon.AddDate(0, 0, -60).UnixMilli(), int64(group), int64(fine))
	return group, fine
}

func (d *desk) look() []string {
	d.T.Helper()
	d.alerts = nil
	must(d.T, d.Look(d.T.Context()))
	return slices.Sorted(maps.Keys(d.alerts))
}

func TestAGroupThatRisesIsToldOnceAndHoldsThreeDays(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		group, fine := d.longago()
		kind := "insights.rising:" + group.String()
		if got := d.look(); len(got) != 0 {
			t.Fatalf("on a usual day: %v", got)
		}
		d.comes(fine, 20)
		if got := d.look(); len(got) != 1 || got[0] != kind || d.alerts[kind]["group"] != "late" || d.alerts[kind]["kind"] != "@insights.rising.rise" {
			t.Fatalf("after 20 in a day: %v", d.alerts)
		}
		events, err := d.Tickets.EventsAfter(t.Context(), 0, 1000)
		must(t, err)
		if n := len(slices.DeleteFunc(events, func(e tickets.Event) bool { return e.Type != tickets.EventGroupRising || *e.SubjectID != group })); n != 1 {
			t.Errorf("%d events", n)
		}
		for hour := 1; hour <= 4; hour++ {
			d.At = noon.Add(time.Duration(hour) * time.Hour)
			if got := d.look(); len(got) != 0 {
				t.Errorf("told again: %v", got)
			}
		}
		for day := 1; day <= 2; day++ {
			d.At = noon.AddDate(0, 0, day)
			d.comes(fine, 20)
			if got := d.look(); len(got) != 0 {
				t.Errorf("day %d: told again: %v", day, got)
			}
		}
		if len(d.over) != 0 {
			t.Errorf("over too early: %v", d.over)
		}
		d.At = noon.AddDate(0, 0, 6)
		d.look()
		if !slices.Contains(d.over, kind) {
			t.Errorf("over: %v", d.over)
		}
	})
}

func TestMutedGroupsAreNeverToldAndOnAYoungDeskNothingIsNew(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, fine := d.group("fresh", 2, 0)
		d.comes(fine, 20)
		if got := d.look(); len(got) != 0 {
			t.Errorf("a young desk tells of %v", got)
		}
		group, old := d.longago()
		_, err := d.Mute(t.Context(), d.by, group, true)
		must(t, err)
		d.comes(old, 40)
		if got := d.look(); len(got) != 1 || d.alerts[got[0]]["group"] != "fresh" || d.alerts[got[0]]["kind"] != "@insights.rising.new" {
			t.Errorf("told %v", d.alerts)
		}
	})
}

func TestWhatWasMergedIsLookedAtAsOne(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		group, _ := d.longago()
		other, fine := d.group("also late", 2, 0)
		d.comes(fine, 20)
		_, err := d.Merge(t.Context(), d.by, group, []id.ID{other})
		must(t, err)
		if got := d.look(); len(got) != 1 || got[0] != "insights.rising:"+group.String() {
			t.Errorf("told %v", got)
		}
		var found []insights.Finding
		found, err = d.Rises(t.Context(), noon.AddDate(0, 0, -1), noon.AddDate(0, 0, 1))
		must(t, err)
		if len(found) != 1 || found[0].Observed < 20 || found[0].Group != group {
			t.Errorf("found %+v", found)
		}
	})
}
