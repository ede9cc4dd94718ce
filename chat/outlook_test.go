package chat_test

import (
	"testing"
	"time"

	"huiyin/tickets/hours"
)

// A desk that is closed is not online, whoever sits there; its shoppers are told when it opens, and once it has.
func TestHoursDecideWhoIsToldWhat(t *testing.T) {
	w := onSQLite(t)
	w.hurry = true
	n := w.join(w.bus.Node())
	zone := time.FixedZone("", 8*3600) // Asia/Shanghai, where the desk is at home
	opens := time.Now().In(zone).Add(24 * time.Hour)
	week := hours.Week{}
	week.Days[opens.Weekday()] = []hours.Range{{From: 0, To: 24 * 60}}
	set := w.inbox.Settings
	set.Hours = week
	_, err := n.UpdateInboxSettings(bg, w.inbox.ID, set)
	ok(t, err)
	n.agent(w.lin)

	s := n.session(nil)
	is(t, "online", s.is("online"), false)
	midnight := time.Date(opens.Year(), opens.Month(), opens.Day(), 0, 20, 0, 0, zone)
	by, err := time.Parse(time.RFC3339, s.str("answer_by"))
	ok(t, err)
	is(t, "answer by", by.Equal(midnight), true)
	list, _ := s.obj["hours"].([]any)
	is(t, "a line for each day", len(list), 7)
	is(t, "zone", s.str("timezone"), "Asia/Shanghai")

	li := n.back(s.str("session"), nil)
	w.advance(24 * time.Hour)
	told := li.expectOf("presence", func(f obj) bool { return f.is("online") })
	if told["answer_by"] == nil {
		t.Error("the open desk promises nothing")
	}
}
