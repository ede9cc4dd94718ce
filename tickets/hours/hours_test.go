package hours_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
	_ "time/tzdata"

	"huiyin/tickets/hours"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(t *testing.T, z *time.Location, text string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04", text, z)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// shop is open 9:00–18:00 from Monday to Friday, Saturday night from 20:00 to 02:00, and closed on National Day.
func shop() hours.Week {
	w := hours.Week{}
	for d := time.Monday; d <= time.Friday; d++ {
		w.Days[d] = []hours.Range{{From: 9 * 60, To: 12 * 60}, {From: 13 * 60, To: 18 * 60}}
	}
	w.Days[time.Saturday] = []hours.Range{{From: 20 * 60, To: 2 * 60}}
	w.Special = []hours.Special{{Date: "2026-10-01", Label: "国庆节"}, {Date: "2026-10-02", Ranges: []hours.Range{{From: 600, To: 660}}}}
	return w
}

func TestOpeningIsToldForEveryMoment(t *testing.T) {
	t.Parallel()
	z := zone(t, "Asia/Shanghai")
	for _, tc := range []struct{ name, at, next, closes string }{
		{"before opening", "2026-11-23 03:00", "2026-11-23 09:00", ""},
		{"at the first minute", "2026-11-23 09:00", "2026-11-23 09:00", "2026-11-23 12:00"},
		{"at the last minute", "2026-11-23 17:59", "2026-11-23 17:59", "2026-11-23 18:00"},
		{"the end is closed", "2026-11-23 18:00", "2026-11-24 09:00", ""},
		{"at lunch", "2026-11-23 12:30", "2026-11-23 13:00", ""},
		{"Friday evening waits for Saturday night", "2026-11-27 19:00", "2026-11-28 20:00", ""},
		{"past midnight", "2026-11-29 01:30", "2026-11-29 01:30", "2026-11-29 02:00"},
		{"Sunday", "2026-11-29 02:00", "2026-11-30 09:00", ""},
		{"a holiday is closed", "2026-10-01 10:00", "2026-10-02 10:00", ""},
		{"a special day has other hours", "2026-10-02 10:30", "2026-10-02 10:30", "2026-10-02 11:00"},
	} {
		c := shop().In(z)
		moment := at(t, z, tc.at)
		next, ok := c.NextOpen(moment)
		if !ok || !next.Equal(at(t, z, tc.next)) {
			t.Errorf("%s: next opening %v, want %s", tc.name, next, tc.next)
		}
		if c.Open(moment) != (tc.at == tc.next) {
			t.Errorf("%s: open %v", tc.name, c.Open(moment))
		}
		closes, ok := c.Closes(moment)
		if ok != (tc.closes != "") || (ok && !closes.Equal(at(t, z, tc.closes))) {
			t.Errorf("%s: closes %v %v, want %q", tc.name, closes, ok, tc.closes)
		}
	}
}

func TestOpenMinutesAreCountedAndAdded(t *testing.T) {
	t.Parallel()
	z := zone(t, "Asia/Shanghai")
	c := shop().In(z)
	for _, tc := range []struct {
		from, to string
		minutes  int
	}{
		{"2026-11-23 03:00", "2026-11-23 09:20", 20},
		{"2026-11-23 11:50", "2026-11-23 13:10", 20},
		{"2026-11-27 17:30", "2026-11-28 20:30", 60},
		{"2026-11-28 23:00", "2026-11-30 09:30", 210},
		{"2026-09-30 17:00", "2026-10-02 10:30", 90},
		{"2026-11-23 09:00", "2026-11-30 09:00", 5*8*60 + 6*60},
	} {
		from, to := at(t, z, tc.from), at(t, z, tc.to)
		if got := c.OpenMinutes(from, to); got != tc.minutes {
			t.Errorf("%s to %s: %d open minutes, want %d", tc.from, tc.to, got, tc.minutes)
		}
		end, ok := c.Add(from, tc.minutes)
		if !ok || c.OpenMinutes(from, end) != tc.minutes || end.After(to) {
			t.Errorf("%s + %d min = %v, want no later than %s", tc.from, tc.minutes, end, tc.to)
		}
	}
}

func TestADeskWithoutHoursNeverCloses(t *testing.T) {
	t.Parallel()
	c := hours.Week{}.In(nil)
	now := time.Date(2026, 2, 28, 23, 59, 30, 0, time.UTC)
	if !c.Open(now) || c.OpenMinutes(now, now.Add(72*time.Hour)) != 72*60 {
		t.Error("a desk without hours is not always open")
	}
	if end, ok := c.Add(now, 3*24*60); !ok || !end.Equal(now.Add(72*time.Hour)) {
		t.Errorf("three days later is %v", end)
	}
	if _, ok := c.Closes(now); ok {
		t.Error("it says when it closes")
	}
	w := hours.Week{Special: []hours.Special{{Date: "2026-03-01"}}}
	if next, ok := w.In(nil).NextOpen(now.Add(time.Hour)); !ok || !next.Equal(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("a holiday of a desk that never closes ends at %v", next)
	}
}

func TestClocksThatChangeMoveNoOpening(t *testing.T) {
	t.Parallel()
	z := zone(t, "Europe/Berlin") // 2026-03-29 02:00 → 03:00; 2026-10-25 03:00 → 02:00
	w := hours.Week{}
	for d := range w.Days {
		w.Days[d] = []hours.Range{{From: 60, To: 5 * 60}}
	}
	c := w.In(z)
	if n := c.OpenMinutes(at(t, z, "2026-03-29 00:00"), at(t, z, "2026-03-29 12:00")); n != 180 {
		t.Errorf("the short night has %d minutes, want 180", n)
	}
	if n := c.OpenMinutes(at(t, z, "2026-10-25 00:00"), at(t, z, "2026-10-25 12:00")); n != 300 {
		t.Errorf("the long night has %d minutes, want 300", n)
	}
	if next, _ := c.NextOpen(at(t, z, "2026-03-29 06:00")); !next.Equal(at(t, z, "2026-03-30 01:00")) {
		t.Errorf("the next morning is at %v", next)
	}
	gap := hours.Week{Days: [7][]hours.Range{time.Sunday: {{From: 150, To: 240}}}}
	if n := gap.In(z).OpenMinutes(at(t, z, "2026-03-29 00:00"), at(t, z, "2026-03-30 00:00")); n < 30 || n > 60 {
		t.Errorf("a beginning that the clocks skip leaves %d minutes", n)
	}
}

func TestADeskThatIsClosedForGoodHasNoNextOpening(t *testing.T) {
	t.Parallel()
	w := hours.Week{}
	w.Days[time.Monday] = []hours.Range{{From: 0, To: 60}}
	for d := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() < 2028; d = d.AddDate(0, 0, 1) {
		w.Special = append(w.Special, hours.Special{Date: d.Format(time.DateOnly)})
	}
	c := w.In(nil)
	now := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	if _, ok := c.NextOpen(now); ok {
		t.Error("it opens")
	}
	if _, ok := c.Add(now, 1); ok {
		t.Error("a minute of opening passes")
	}
}

func TestAWeekThatCannotBeIsRefusedByItsPlace(t *testing.T) {
	t.Parallel()
	r := func(from, to hours.Minute) hours.Range { return hours.Range{From: from, To: to} }
	for _, tc := range []struct {
		name        string
		week        hours.Week
		field, code string
	}{
		{"overlap", hours.Week{Days: [7][]hours.Range{1: {r(540, 720), r(700, 800)}}}, "day.1", "overlap"},
		{"overlap at night", hours.Week{Days: [7][]hours.Range{2: {r(1200, 120), r(1300, 1400)}}}, "day.2", "overlap"},
		{"no length", hours.Week{Days: [7][]hours.Range{3: {r(540, 540)}}}, "day.3", "range"},
		{"too many", hours.Week{Days: [7][]hours.Range{4: make([]hours.Range, 7)}}, "day.4", "too_many"},
		{"no date", hours.Week{Special: []hours.Special{{Date: "2026-02-30"}}}, "special.0", "date"},
		{"date twice", hours.Week{Special: []hours.Special{{Date: "2026-02-03"}, {Date: "2026-02-03"}}}, "special.1", "twice"},
	} {
		got := tc.week.Check()
		if len(got) != 1 || got[0].Field != tc.field || got[0].Code != tc.code {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
	if got := shop().Check(); got != nil {
		t.Errorf("a good week is refused: %v", got)
	}
}

func TestAWeekKeepsItsFormInJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(shop())
	if err != nil {
		t.Fatal(err)
	}
	var back hours.Week
	if err := json.Unmarshal(data, &back); err != nil || !reflect.DeepEqual(back, shop()) {
		t.Errorf("%s: %+v %v", data, back, err)
	}
	for _, text := range []string{"24:01", "9", "9:5", "25:00", "-1:00", "", "09:60"} {
		if _, ok := hours.ParseMinute(text); ok {
			t.Errorf("%q is taken for a time", text)
		}
	}
	if m, ok := hours.ParseMinute(" 9：05 "); !ok || m != 545 {
		t.Errorf("a full-width colon gives %v %v", m, ok)
	}
}
