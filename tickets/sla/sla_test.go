package sla_test

import (
	"testing"
	"time"

	"huiyin/tickets/hours"
	"huiyin/tickets/sla"
)

func minute(t *testing.T, text string) hours.Minute {
	t.Helper()
	m, ok := hours.ParseMinute(text)
	if !ok {
		t.Fatal(text)
	}
	return m
}

func TestTheFirstReplyIsDueAfterSoMuchOpening(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	var week hours.Week
	for day := 1; day <= 5; day++ {
		week.Days[day] = []hours.Range{{From: minute(t, "9:00"), To: minute(t, "18:00")}}
	}
	at := func(text string) time.Time {
		one, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
		if err != nil {
			t.Fatal(err)
		}
		return one
	}
	for _, c := range []struct {
		name      string
		week      hours.Week
		minutes   int
		from, due string
	}{
		{"within the day", week, 60, "2026-11-03 10:00", "2026-11-03 11:00"},
		{"over the evening", week, 60, "2026-11-03 17:30", "2026-11-04 09:30"},
		{"from the night", week, 60, "2026-11-03 23:00", "2026-11-04 10:00"},
		{"over the weekend", week, 120, "2026-11-06 17:00", "2026-11-09 10:00"},
		{"always open", hours.Week{}, 90, "2026-11-07 23:00", "2026-11-08 00:30"},
	} {
		due, ok := sla.Policy{FirstReply: c.minutes}.FirstReplyDue(c.week.In(zone), at(c.from))
		if !ok || !due.Equal(at(c.due)) {
			t.Errorf("%s: %v, %v; want %s", c.name, due, ok, c.due)
		}
	}
	if _, ok := (sla.Policy{}).FirstReplyDue(week.In(zone), at("2026-11-03 10:00")); ok {
		t.Error("nothing was promised, and yet it is due")
	}
}

func TestAPromiseStands(t *testing.T) {
	t.Parallel()
	due, early, late := int64(100), int64(90), int64(110)
	for _, c := range []struct {
		due, done *int64
		now       int64
		want      sla.State
	}{
		{nil, nil, 50, sla.None}, {nil, &late, 50, sla.None}, {&due, nil, 100, sla.Running}, {&due, nil, 101, sla.Overdue}, {&due, &early, 200, sla.Met}, {&due, &due, 200, sla.Met}, {&due, &late, 200, sla.Missed},
	} {
		if got := sla.Standing(c.due, c.done, c.now); got != c.want {
			t.Errorf("%v, %v at %d: %q, want %q", c.due, c.done, c.now, got, c.want)
		}
	}
}
